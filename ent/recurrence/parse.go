package recurrence

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"todo-backend/ent/moment"
)

// What a rule may be.
const (
	MaxLength   = 255 // of the text that is stored
	maxSent     = 4096
	maxInterval = 9999
	maxCount    = 999
)

// Error tells what is wrong with a rule. Its text is a sentence for the user, without its subject.
type Error struct {
	Part    string // the name of the part, "BYDAY", or "" for the rule as a whole
	Problem string
}

func (e *Error) Error() string {
	if e.Part == "" {
		return e.Problem
	}
	return "is not taken: " + e.Part + " " + e.Problem
}

// The errors that concern a rule as a whole.
var (
	ErrRule   = &Error{"", "must be a rule like FREQ=WEEKLY;BYDAY=MO, or daily, weekly, biweekly, weekdays, monthly or yearly"}
	ErrLength = &Error{"", fmt.Sprintf("must have at most %d characters", MaxLength)}
	ErrNever  = &Error{"", "names no day within ten years"}
)

// Parse reads a rule of RFC 5545 or a word. Any case, spaces between the tokens, RRULE: before and one ; after are taken, and are not
// in what is stored. Everything else is an *Error.
func Parse(text string) (Rule, error) {
	if len(text) > maxSent {
		return Rule{}, ErrLength
	}
	text = upper(strings.TrimSpace(text))
	if rule, ok := wordRules[strings.ToLower(text)]; ok {
		text = rule
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, "RRULE:"))
	text = strings.TrimSpace(strings.TrimSuffix(text, ";"))
	if !strings.Contains(text, "=") {
		return Rule{}, ErrRule
	}
	rule := Rule{pattern: pattern{interval: 1, weekStart: time.Monday}}
	found := map[string]bool{}
	var parts []string
	for part := range strings.SplitSeq(text, ";") {
		name, value, err := splitPart(part)
		if err == nil && found[name] {
			err = &Error{name, "must occur once"}
		}
		if err == nil {
			err = rule.read(name, value)
		}
		if err != nil {
			return Rule{}, err
		}
		found[name] = true
		parts = append(parts, name+"="+value)
	}
	rule.text = strings.Join(parts, ";")
	if err := rule.check(); err != nil {
		return Rule{}, err
	}
	return rule, nil
}

// upper leaves all but ASCII as it is: there are letters elsewhere whose capital is one of ASCII.
func upper(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, text)
}

// splitPart returns the name of a part and its value, without spaces around them and the commas.
func splitPart(part string) (name, value string, err error) {
	name, value, ok := strings.Cut(part, "=")
	name = strings.Trim(name, " \t")
	if readers[name] == nil {
		end := strings.IndexFunc(name, func(r rune) bool { return (r < 'A' || r > 'Z') && r != '-' })
		if end < 0 {
			end = len(name)
		}
		if name = name[:min(end, 32)]; name == "" {
			return "", "", ErrRule
		}
		return "", "", &Error{name, "is not supported"}
	}
	if !ok {
		return "", "", &Error{name, "must have a value"}
	}
	items := strings.Split(value, ",")
	for i, item := range items {
		items[i] = strings.Trim(item, " \t")
	}
	return name, strings.Join(items, ","), nil
}

// readers are the parts that are taken. Each reports whether the value is well-formed and in the range that holds with every
// frequency; the text says what it must be.
var readers = map[string]*struct {
	read func(r *Rule, value string) bool
	must string
}{
	"FREQ":       {(*Rule).readFrequency, "must be DAILY, WEEKLY, MONTHLY or YEARLY"},
	"INTERVAL":   {(*Rule).readInterval, "must be a number from 1 to 9999"},
	"COUNT":      {(*Rule).readCount, "must be a number from 1 to 999"},
	"UNTIL":      {(*Rule).readUntil, "must be a day like 20261231, or a time like 20261231T235959Z"},
	"BYDAY":      {(*Rule).readByDay, "must be weekdays like MO,WE, all with ordinals like 1MO,-1FR or all without"},
	"BYMONTHDAY": {(*Rule).readByMonthDay, "must be days from 1 to 31 or -31 to -1"},
	"BYMONTH":    {(*Rule).readByMonth, "must be months from 1 to 12"},
	"BYSETPOS":   {(*Rule).readBySetPos, "must be positions from 1 to 366 or -366 to -1"},
	"WKST":       {(*Rule).readWeekStart, "must be a weekday like MO"},
}

func (r *Rule) read(name, value string) error {
	if reader := readers[name]; !reader.read(r, value) {
		return &Error{name, reader.must}
	}
	return nil
}

func (r *Rule) readFrequency(value string) bool {
	for f := Daily; f <= Yearly; f++ {
		if value == strings.ToUpper(f.String()) {
			r.pattern.frequency = f
			return true
		}
	}
	return false
}

func (r *Rule) readInterval(value string) (ok bool) {
	r.pattern.interval, ok = number(value, maxInterval)
	return ok
}

func (r *Rule) readCount(value string) (ok bool) {
	r.count, ok = number(value, maxCount)
	return ok
}

// readUntil takes 20261231, 20261231T235959 and 20261231T235959Z.
func (r *Rule) readUntil(value string) bool {
	const date, local = len("20261231"), len("20261231T235959")
	var text string
	switch {
	case len(value) == date:
		text = value[:4] + "-" + value[4:6] + "-" + value[6:]
	case len(value) == local || len(value) == local+1 && value[local] == 'Z':
		text = value[:4] + "-" + value[4:6] + "-" + value[6:11] + ":" + value[11:13] + ":" + value[13:]
	default:
		return false
	}
	var err error
	r.until, err = moment.Parse(text)
	return err == nil
}

var weekdayNames = map[string]time.Weekday{
	"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday, "TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday,
}

func (r *Rule) readWeekStart(value string) (ok bool) {
	r.pattern.weekStart, ok = weekdayNames[value]
	return ok
}

func (r *Rule) readByDay(value string) bool {
	for item := range strings.SplitSeq(value, ",") {
		at := max(0, len(item)-2)
		day, ok := weekdayNames[item[at:]]
		if !ok {
			return false
		}
		if at == 0 {
			r.pattern.weekdays |= 1 << day
			continue
		}
		n, ok := signed(item[:at], 53)
		switch {
		case !ok:
			return false
		case n > 0:
			r.pattern.ordinals[day].first |= 1 << n
		default:
			r.pattern.ordinals[day].last |= 1 << -n
		}
	}
	return r.pattern.weekdays == 0 || !r.pattern.hasOrdinals()
}

func (r *Rule) readByMonthDay(value string) bool {
	return eachSigned(value, 31, func(n int) {
		if n > 0 {
			r.pattern.monthDays.first |= 1 << n
		} else {
			r.pattern.monthDays.last |= 1 << -n
		}
	})
}

func (r *Rule) readByMonth(value string) bool {
	for item := range strings.SplitSeq(value, ",") {
		n, ok := number(item, 12)
		if !ok {
			return false
		}
		r.pattern.months |= 1 << n
	}
	return true
}

func (r *Rule) readBySetPos(value string) bool {
	return eachSigned(value, 366, func(n int) {
		if n > 0 {
			r.pattern.positions.first.add(n)
		} else {
			r.pattern.positions.last.add(-n)
		}
	})
}

// number reads digits from 1 to a highest value.
func number(text string, highest int) (int, bool) {
	if strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 1 && n <= highest
}

// signed reads a number that may have a sign, from 1 to highest or from -highest to -1.
func signed(text string, highest int) (int, bool) {
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		n, ok := number(rest, highest)
		return -n, ok
	}
	return number(strings.TrimPrefix(text, "+"), highest)
}

func eachSigned(value string, highest int, add func(int)) bool {
	for item := range strings.SplitSeq(value, ",") {
		n, ok := signed(item, highest)
		if !ok {
			return false
		}
		add(n)
	}
	return true
}

// check returns what the parts of a rule break together.
func (r *Rule) check() error {
	p := &r.pattern
	inMonth := p.frequency == Monthly || p.months != 0
	switch {
	case len(r.text) > MaxLength:
		return ErrLength
	case p.frequency == 0:
		return &Error{"FREQ", "is required"}
	case r.count > 0 && !r.until.IsZero():
		return &Error{"UNTIL", "can't be combined with COUNT"}
	case p.hasOrdinals() && p.frequency < Monthly:
		return &Error{"BYDAY", "must have no ordinals with DAILY and WEEKLY"}
	case inMonth && p.highestOrdinal() > 5:
		return &Error{"BYDAY", "must have ordinals from 1 to 5 or -5 to -1 within a month"}
	case p.monthDays != fromEnds{} && p.frequency == Weekly:
		return &Error{"BYMONTHDAY", "can't be combined with WEEKLY"}
	case !p.positions.isZero() && !p.namesDays():
		return &Error{"BYSETPOS", "must stand beside BYDAY or BYMONTHDAY"}
	}
	return nil
}

func (p *pattern) highestOrdinal() int {
	all := uint64(0)
	for _, o := range p.ordinals {
		all |= o.first | o.last
	}
	return highestBit(all)
}

// Check returns what breaks a rule beside its series: ErrNever where it names no day within ten years after the start, and an *Error
// of COUNT where the series repeats from completion. It has to be called where any of the three changes.
func (r Rule) Check(start moment.Day, fromCompletion bool) error {
	if r.IsZero() {
		return nil
	}
	if fromCompletion && r.count > 0 {
		return &Error{"COUNT", "can't be combined with repeat_from completion"}
	}
	if _, ok := r.expand(start).after(start, start.AddYears(years)); !ok {
		return ErrNever
	}
	return nil
}
