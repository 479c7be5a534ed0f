package recurrence

import "time"

// wordRules are the words that stand for a rule.
var wordRules = map[string]string{
	"daily":    "FREQ=DAILY",
	"weekly":   "FREQ=WEEKLY",
	"biweekly": "FREQ=WEEKLY;INTERVAL=2",
	"weekdays": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
	"monthly":  "FREQ=MONTHLY",
	"yearly":   "FREQ=YEARLY",
}

const (
	none     = "none"
	biweekly = "biweekly"
	weekdays = "weekdays"
)

const mondayToFriday = 1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday

// Word returns the word that comes closest, `recurrence_word`: "weekdays", "biweekly" for every rule of every second week, else the
// frequency; "none" for no rule.
func (r Rule) Word() string {
	p := &r.pattern
	switch {
	case p.frequency == Weekly && p.interval == 1 && p.weekdays == mondayToFriday:
		return weekdays
	case p.frequency == Weekly && p.interval == 2:
		return biweekly
	default:
		return p.frequency.String()
	}
}
