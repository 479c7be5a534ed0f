package recurrence_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"todo-backend/ent/recurrence"
)

// weighTests say of a rule that is stored (or none) and of a body what is stored then: "=" for what was, "" for none, or after "!"
// the fields and codes of its problems.
var weighTests = []struct{ name, stored, body, want string }{
	// A word is kept as its rule, a rule as it is sent.
	{"daily", "", `{"recurrence_rule":"daily"}`, "FREQ=DAILY"},
	{"weekly in any case", "", `{"recurrence_rule":"Weekly"}`, "FREQ=WEEKLY"},
	{"biweekly", "", `{"recurrence_rule":"biweekly"}`, "FREQ=WEEKLY;INTERVAL=2"},
	{"weekdays", "", `{"recurrence_rule":"weekdays"}`, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
	{"monthly", "", `{"recurrence_rule":"monthly"}`, "FREQ=MONTHLY"},
	{"yearly", "", `{"recurrence_rule":"yearly"}`, "FREQ=YEARLY"},
	{"a rule keeps its order", "", `{"recurrence_rule":"rrule:byday=mo; freq=weekly;"}`, "BYDAY=MO;FREQ=WEEKLY"},
	{"no word", "", `{"recurrence_rule":"custom"}`, "!recurrence_rule rule"},
	{"no rule that is taken", "", `{"recurrence_rule":"FREQ=HOURLY"}`, "!recurrence_rule rule"},
	{"a list", "", `{"recurrence_rule":["daily"]}`, "!recurrence_rule type"},

	// All names take all values.
	{"rrule", "", `{"rrule":"daily"}`, "FREQ=DAILY"},
	{"recurrence", "", `{"recurrence":"daily"}`, "FREQ=DAILY"},
	{"recurrence_pattern", "", `{"recurrence_pattern":"FREQ=DAILY;COUNT=3"}`, "FREQ=DAILY;COUNT=3"},
	{"recurring", "", `{"recurring":"daily"}`, "FREQ=DAILY"},
	{"recurrence_type", "", `{"recurrence_type":"daily"}`, "FREQ=DAILY"},
	{"repeat", "", `{"repeat":"daily"}`, "FREQ=DAILY"},
	{"recurrence_word", "", `{"recurrence_word":"daily"}`, "FREQ=DAILY"},
	{"recurrence_frequency", "", `{"recurrence_frequency":"daily"}`, "FREQ=DAILY"},
	{"a boolean is is_recurring", "FREQ=DAILY", `{"recurring":false}`, ""},
	{"true says nothing", "FREQ=DAILY", `{"recurring":true}`, "="},
	{"a number is the interval", "FREQ=DAILY", `{"recurrence":3}`, "FREQ=DAILY;INTERVAL=3"},
	{"digits are the interval", "FREQ=DAILY", `{"recurrence":"3"}`, "FREQ=DAILY;INTERVAL=3"},
	{"a word is the rule, as interval too", "", `{"recurrence_interval":"weekly"}`, "FREQ=WEEKLY"},
	{"a word and its interval", "", `{"recurring":true,"repeat":"daily","recurring_interval":2}`, "FREQ=DAILY;INTERVAL=2"},

	// What clears.
	{"null", "FREQ=DAILY", `{"recurrence_rule":null}`, ""},
	{"an empty text", "FREQ=DAILY", `{"recurrence_rule":""}`, ""},
	{"none", "FREQ=DAILY", `{"recurrence_pattern":"None"}`, ""},
	{"none, as interval too", "FREQ=DAILY", `{"recurrence_interval":"none"}`, ""},
	{"null where there is none", "", `{"recurrence_rule":null}`, "="},
	{"is_recurring false", "FREQ=DAILY", `{"is_recurring":false}`, ""},
	{"is_recurring true", "FREQ=DAILY", `{"is_recurring":true}`, "="},
	{"is_recurring null", "FREQ=DAILY", `{"is_recurring":null}`, "="},
	{"is_recurring true where there is none", "", `{"is_recurring":true}`, "="},
	{"is_recurring is no text", "FREQ=DAILY", `{"is_recurring":"false"}`, "!is_recurring type"},
	{"false clears whatever stands beside it", "FREQ=DAILY", `{"is_recurring":false,"recurrence_rule":"weekly","recurrence_interval":0}`, ""},
	{"false clears even where it is what is stored", "", `{"is_recurring":false,"recurrence_rule":"weekly"}`, ""},
	{"false clears in a whole task", "FREQ=DAILY;UNTIL=20261231", `{"is_recurring":false,"recurrence_rule":"FREQ=DAILY;UNTIL=20261231","recurrence_pattern":"daily","recurrence_interval":1,"recurrence_end_date":"2026-12-31"}`, ""},

	// Objects.
	{"an object", "", `{"recurrence":{"frequency":"weekly","interval":2,"end_date":"2026-12-31"}}`, "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231"},
	{"an object in camelCase", "", `{"recurrence":{"type":"daily","interval":"3","endDate":"2026-12-31T00:00:00.000Z"}}`, "FREQ=DAILY;INTERVAL=3;UNTIL=20261231"},
	{"an object with nulls", "", `{"recurrence":{"frequency":"daily","interval":null,"end_date":null}}`, "FREQ=DAILY"},
	{"an object that clears", "FREQ=DAILY", `{"recurrence":{"frequency":"none","interval":1}}`, ""},
	{"an object without a frequency", "", `{"recurrence":{"frequency":null}}`, "="},
	{"an object that lacks it", "", `{"recurrence":{"interval":2}}`, "!recurrence rule"},
	{"an object with wrong parts", "", `{"recurrence":{"frequency":"hourly","interval":0,"endDate":"soon"}}`, "!recurrence.frequency rule,recurrence.interval range,recurrence.endDate date"},
	{"an object with parts of wrong types", "", `{"recurrence":{"type":1,"interval":[],"end_date":2}}`, "!recurrence.type type"},

	// Intervals.
	{"an interval multiplies", "", `{"recurrence_rule":"monthly","recurrence_interval":3}`, "FREQ=MONTHLY;INTERVAL=3"},
	{"an interval of 1", "", `{"recurrence_rule":"monthly","recurrence_interval":1}`, "FREQ=MONTHLY"},
	{"a text of digits", "", `{"recurrence_rule":"monthly","recurrence_interval":"3"}`, "FREQ=MONTHLY;INTERVAL=3"},
	{"a number with a decimal zero", "", `{"recurrence_rule":"monthly","recurrence_interval":3.0}`, "FREQ=MONTHLY;INTERVAL=3"},
	{"null is absent", "FREQ=DAILY;INTERVAL=2", `{"recurrence_interval":null}`, "="},
	{"an empty text is absent", "FREQ=DAILY;INTERVAL=2", `{"recurrence_interval":""}`, "="},
	{"biweekly is every two weeks", "", `{"recurrence_rule":"biweekly","recurrence_interval":3}`, "FREQ=WEEKLY;INTERVAL=2"},
	{"weekdays have no interval", "", `{"recurrence_rule":"weekdays","recurrence_interval":2}`, "!recurrence_interval conflict"},
	{"weekdays and 1", "", `{"recurrence_rule":"weekdays","recurrence_interval":1}`, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
	{"weekdays and the stored interval", "FREQ=DAILY;INTERVAL=3", `{"recurrence_rule":"weekdays","recurrence_interval":3}`, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
	{"weekdays as stored and another interval", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", `{"recurrence_word":"weekdays","recurrence_interval":2}`, "!recurrence_interval conflict"},
	{"an interval changes the rule", "FREQ=WEEKLY;BYDAY=MO;COUNT=3", `{"recurrence_interval":2}`, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=3"},
	{"an interval after FREQ", "BYDAY=MO;FREQ=WEEKLY", `{"recurrence_interval":2}`, "BYDAY=MO;FREQ=WEEKLY;INTERVAL=2"},
	{"an interval becomes 1", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", `{"recurrence_interval":1}`, "FREQ=WEEKLY;BYDAY=MO"},
	{"an interval without a rule", "", `{"recurrence_interval":2}`, "="},
	{"an interval beside none", "", `{"recurrence_interval":2,"recurrence_pattern":"none","is_recurring":true}`, "="},
	{"no interval", "FREQ=DAILY", `{"recurrence_interval":0}`, "!recurrence_interval range"},
	{"an interval that is too long", "FREQ=DAILY", `{"recurrence_interval":10000}`, "!recurrence_interval range"},
	{"half an interval", "FREQ=DAILY", `{"recurrence_interval":1.5}`, "!recurrence_interval range"},
	{"an interval of another type", "FREQ=DAILY", `{"recurrence_interval":true}`, "!recurrence_interval type"},
	{"an interval in words", "FREQ=DAILY", `{"recurrence_interval":"two"}`, "!recurrence_interval rule"},

	// End dates.
	{"an end date", "", `{"recurrence_rule":"daily","recurrence_end_date":"2026-12-31"}`, "FREQ=DAILY;UNTIL=20261231"},
	{"an instant, of which the date counts", "", `{"recurrence_rule":"daily","recurring_end_date":"2026-12-31T23:00:00-05:00"}`, "FREQ=DAILY;UNTIL=20261231"},
	{"interval and end date", "", `{"recurrence_rule":"daily","recurrence_interval":2,"recurrence_end_date":"2026-12-31"}`, "FREQ=DAILY;INTERVAL=2;UNTIL=20261231"},
	{"an end date beside weekdays", "", `{"recurrence_rule":"weekdays","recurrence_end_date":"2026-12-31"}`, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20261231"},
	{"an end date beside biweekly", "", `{"recurrence_rule":"biweekly","recurrence_end_date":"2026-12-31"}`, "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231"},
	{"an end date changes the rule", "FREQ=DAILY;UNTIL=20261231;INTERVAL=2", `{"recurrence_end_date":"2027-12-31"}`, "FREQ=DAILY;INTERVAL=2;UNTIL=20271231"},
	{"an end date in place of COUNT", "FREQ=DAILY;COUNT=3", `{"recurrence_end_date":"2027-12-31"}`, "FREQ=DAILY;UNTIL=20271231"},
	{"the day of UNTIL is no change", "FREQ=DAILY;UNTIL=20261231T120000Z", `{"recurrence_end_date":"2026-12-31"}`, "="},
	{"null clears it", "FREQ=DAILY;UNTIL=20261231", `{"recurrence_end_date":null}`, "FREQ=DAILY"},
	{"an empty text clears it", "FREQ=DAILY;UNTIL=20261231", `{"recurrence_end_date":""}`, "FREQ=DAILY"},
	{"null leaves COUNT", "FREQ=DAILY;COUNT=3", `{"recurrence_end_date":null}`, "="},
	{"an end date without a rule", "", `{"recurrence_end_date":"2026-12-31"}`, "="},
	{"no end date", "FREQ=DAILY", `{"recurrence_end_date":"2026-02-30"}`, "!recurrence_end_date date"},
	{"an end date of another type", "FREQ=DAILY", `{"recurrence_end_date":20261231}`, "!recurrence_end_date type"},
	{"a rule that gets too long", "FREQ=YEARLY;BYMONTHDAY=" + strings.Repeat("11,", 73) + "1;COUNT=9", `{"recurrence_end_date":"2026-12-31"}`, "!recurrence_end_date rule"},

	// A whole task sent back, with one name turned.
	{"nothing turned", "BYDAY=MO;FREQ=WEEKLY;COUNT=3", `{"recurrence_rule":"BYDAY=MO;FREQ=WEEKLY;COUNT=3","is_recurring":true,"recurrence_pattern":"weekly","recurrence_interval":1,"recurrence_end_date":null}`, "="},
	{"nothing turned where there is none", "", `{"recurrence_rule":null,"is_recurring":true,"recurrence_pattern":null,"recurrence_interval":null,"recurrence_end_date":null}`, "="},
	{"no rule, a word turned", "", `{"recurrence_rule":null,"is_recurring":true,"recurrence_pattern":"weekly","recurrence_interval":null,"recurrence_end_date":null}`, "FREQ=WEEKLY"},
	{"the rule turned", "FREQ=DAILY", `{"recurrence_rule":"FREQ=WEEKLY;BYDAY=MO","is_recurring":true,"recurrence_pattern":"daily","recurrence_interval":1,"recurrence_end_date":null}`, "FREQ=WEEKLY;BYDAY=MO"},
	{"the rule turned to null", "FREQ=DAILY;INTERVAL=2", `{"recurrence_rule":null,"is_recurring":true,"recurrence_pattern":"daily","recurrence_interval":2,"recurrence_end_date":null}`, ""},
	{"the pattern turned", "FREQ=WEEKLY;BYDAY=MO", `{"recurrence_rule":"FREQ=WEEKLY;BYDAY=MO","is_recurring":true,"recurrence_pattern":"daily","recurrence_interval":1,"recurrence_end_date":null}`, "FREQ=DAILY"},
	{"the pattern turned to null", "FREQ=DAILY", `{"recurrence_rule":"FREQ=DAILY","is_recurring":true,"recurrence_pattern":null,"recurrence_interval":1}`, ""},
	{"the interval turned", "FREQ=WEEKLY;BYDAY=MO", `{"recurrence_rule":"FREQ=WEEKLY;BYDAY=MO","is_recurring":true,"recurrence_pattern":"weekly","recurrence_interval":2,"recurrence_end_date":null}`, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"},
	{"the end date turned", "FREQ=DAILY;COUNT=3", `{"recurrence_rule":"FREQ=DAILY;COUNT=3","is_recurring":true,"recurrence_pattern":"daily","recurrence_interval":1,"recurrence_end_date":"2026-12-31"}`, "FREQ=DAILY;UNTIL=20261231"},
	{"interval and end date turned", "FREQ=DAILY", `{"recurrence_rule":"FREQ=DAILY","recurrence_pattern":"daily","recurrence_interval":2,"recurrence_end_date":"2026-12-31"}`, "FREQ=DAILY;INTERVAL=2;UNTIL=20261231"},
	{"a new word takes what stands beside it", "FREQ=DAILY;INTERVAL=2;UNTIL=20261231", `{"recurrence_rule":"FREQ=DAILY;INTERVAL=2;UNTIL=20261231","recurrence_pattern":"monthly","recurrence_interval":2,"recurrence_end_date":"2026-12-31"}`, "FREQ=MONTHLY;INTERVAL=2;UNTIL=20261231"},
	{"a new word takes what is turned with it", "FREQ=DAILY;INTERVAL=2;UNTIL=20261231", `{"recurrence_pattern":"monthly","recurrence_interval":3,"recurrence_end_date":null}`, "FREQ=MONTHLY;INTERVAL=3"},
	{"a new word alone has neither", "FREQ=DAILY;INTERVAL=2;UNTIL=20261231", `{"recurrence_pattern":"monthly"}`, "FREQ=MONTHLY"},
	{"weekdays take no interval", "FREQ=DAILY;INTERVAL=2", `{"recurrence_rule":"FREQ=DAILY;INTERVAL=2","recurrence_pattern":"weekdays","recurrence_interval":2}`, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
	{"biweekly takes none", "FREQ=DAILY;INTERVAL=3", `{"recurrence_pattern":"biweekly","recurrence_interval":3}`, "FREQ=WEEKLY;INTERVAL=2"},
	{"a new rule has its own interval", "FREQ=DAILY;INTERVAL=2", `{"recurrence_rule":"FREQ=MONTHLY;INTERVAL=3","recurrence_interval":2}`, "FREQ=MONTHLY;INTERVAL=3"},
	{"and may stand beside that", "FREQ=DAILY;INTERVAL=2", `{"recurrence_rule":"FREQ=MONTHLY;INTERVAL=3","recurrence_interval":3}`, "FREQ=MONTHLY;INTERVAL=3"},
	{"but not beside another", "FREQ=DAILY;INTERVAL=2", `{"recurrence_rule":"FREQ=MONTHLY;INTERVAL=3","recurrence_interval":4}`, "!recurrence_interval conflict"},
	{"1 is its interval where it names none", "FREQ=DAILY;INTERVAL=2", `{"recurrence_rule":"FREQ=MONTHLY","recurrence_interval":1}`, "FREQ=MONTHLY"},
	{"an end date beside a new rule is its end", "FREQ=DAILY;UNTIL=20261231", `{"recurrence_rule":"FREQ=MONTHLY","recurrence_end_date":"2026-12-31"}`, "FREQ=MONTHLY;UNTIL=20261231"},
	{"the stored end date says nothing beside UNTIL", "FREQ=DAILY;UNTIL=20261231", `{"recurrence_rule":"FREQ=MONTHLY;UNTIL=20271231","recurrence_end_date":"2026-12-31"}`, "FREQ=MONTHLY;UNTIL=20271231"},
	{"nor beside COUNT", "FREQ=DAILY;UNTIL=20261231", `{"recurrence_rule":"FREQ=MONTHLY;COUNT=3","recurrence_end_date":"2026-12-31"}`, "FREQ=MONTHLY;COUNT=3"},
	{"the end date of UNTIL says nothing", "FREQ=DAILY;UNTIL=20261231", `{"recurrence_rule":"FREQ=MONTHLY;UNTIL=20271231","recurrence_end_date":"2027-12-31"}`, "FREQ=MONTHLY;UNTIL=20271231"},
	{"none says nothing beside COUNT", "FREQ=DAILY;UNTIL=20261231", `{"recurrence_rule":"FREQ=MONTHLY;COUNT=3","recurrence_end_date":null}`, "FREQ=MONTHLY;COUNT=3"},
	{"a third end date", "FREQ=DAILY;UNTIL=20261231", `{"recurrence_rule":"FREQ=MONTHLY;UNTIL=20271231","recurrence_end_date":"2028-12-31"}`, "!recurrence_end_date conflict"},
	{"none is a third", "FREQ=DAILY;UNTIL=20261231", `{"recurrence_rule":"FREQ=MONTHLY;UNTIL=20271231","recurrence_end_date":null}`, "!recurrence_end_date conflict"},
	{"a new word beside the stored rule in other words", "FREQ=WEEKLY;BYDAY=MO,TU", `{"recurrence_rule":"BYDAY=TU,MO;FREQ=WEEKLY","recurrence_pattern":"daily"}`, "FREQ=DAILY"},
	{"a clear wins over an interval beside it", "FREQ=DAILY;INTERVAL=2", `{"recurrence_rule":null,"recurrence_interval":1}`, ""},
	{"a clear and a new word", "FREQ=DAILY", `{"recurrence_rule":null,"recurrence_pattern":"weekly"}`, "!recurrence_pattern conflict"},
	{"two new words", "FREQ=DAILY", `{"recurrence_rule":"weekly","recurrence_pattern":"monthly"}`, "!recurrence_pattern conflict"},
	{"two new rules", "FREQ=DAILY", `{"recurrence_rule":"FREQ=WEEKLY","rrule":"FREQ=WEEKLY;BYDAY=MO"}`, "!rrule conflict"},
	{"two new intervals", "FREQ=DAILY", `{"recurrence_interval":2,"recurring_interval":3}`, "!recurring_interval conflict"},
	{"a new and the stored interval", "FREQ=DAILY;INTERVAL=2", `{"recurrence_interval":2,"recurring_interval":3}`, "FREQ=DAILY;INTERVAL=3"},
	{"two new end dates", "FREQ=DAILY", `{"recurrence_end_date":"2026-12-31","recurring_end_date":"2027-12-31"}`, "!recurring_end_date conflict"},

	// What is stored, by the name it is answered with.
	{"the pattern reads weekly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", `{"recurrence_pattern":"weekly"}`, "="},
	{"the frequency reads weekly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", `{"recurrence_frequency":"weekly"}`, "="},
	{"the word reads biweekly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", `{"recurrence_word":"biweekly"}`, "="},
	{"the word does not read weekly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", `{"recurrence_word":"weekly"}`, "FREQ=WEEKLY"},
	{"the rule does not read weekly", "FREQ=WEEKLY;BYDAY=MO", `{"recurrence_rule":"weekly"}`, "FREQ=WEEKLY"},
	{"a word that means what is stored", "FREQ=WEEKLY;INTERVAL=2", `{"recurrence":"biweekly"}`, "="},
	{"a rule that means what is stored", "FREQ=WEEKLY;BYDAY=MO,TU", `{"rrule":"BYDAY=TU,MO;INTERVAL=1;FREQ=WEEKLY"}`, "="},
	{"a word and interval that mean what is stored", "FREQ=DAILY;INTERVAL=2", `{"recurrence":"daily","recurrence_interval":2}`, "="},
	{"an object that means what is stored", "FREQ=DAILY;INTERVAL=2;UNTIL=20261231", `{"recurrence":{"frequency":"daily","interval":2,"end_date":"2026-12-31"}}`, "="},

	// A new task.
	{"nothing", "", `{}`, "="},
	{"null and none say nothing beside a value", "", `{"recurrence_rule":null,"recurrence":"none","repeat":"","recurrence_pattern":"daily"}`, "FREQ=DAILY"},
	{"a word that the rule reads as", "", `{"recurrence_rule":"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO","recurrence_pattern":"weekly","recurrence_type":"biweekly","recurrence_interval":2}`, "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"},
	{"a word that it does not read as", "", `{"recurrence_rule":"FREQ=WEEKLY","recurrence_pattern":"daily"}`, "!recurrence_pattern conflict"},
	{"two words of one rule", "", `{"recurrence_pattern":"weekly","recurrence_type":"weekdays"}`, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"},
	{"an interval that the rule does not have", "", `{"recurrence_pattern":"weekly","recurrence_rule":"FREQ=WEEKLY","recurrence_interval":2}`, "!recurrence_interval conflict"},
	{"an end date beside a rule", "", `{"recurrence_rule":"FREQ=WEEKLY;BYDAY=MO","recurrence_end_date":"2026-12-31"}`, "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231"},
	{"the end date of its UNTIL", "", `{"recurrence_rule":"FREQ=WEEKLY;UNTIL=20261231T235959Z","recurrence_end_date":"2026-12-31"}`, "FREQ=WEEKLY;UNTIL=20261231T235959Z"},
	{"another end date", "", `{"recurrence_rule":"FREQ=WEEKLY;UNTIL=20261231","recurrence_end_date":"2026-12-30"}`, "!recurrence_end_date conflict"},
	{"no end date beside UNTIL", "", `{"recurrence_rule":"FREQ=WEEKLY;UNTIL=20261231","recurrence_end_date":null}`, "FREQ=WEEKLY;UNTIL=20261231"},
	{"COUNT beside an end date", "", `{"recurrence_rule":"FREQ=WEEKLY;COUNT=3","recurrence_end_date":"2026-12-31"}`, "!recurrence_end_date conflict"},
	{"every problem", "", `{"recurrence_rule":"hourly","recurrence_interval":0,"recurrence_end_date":"soon","is_recurring":1}`, "!recurrence_rule rule,recurrence_interval range,recurrence_end_date date,is_recurring type"},
}

func TestWeigh(t *testing.T) {
	t.Parallel()
	for _, test := range weighTests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stored recurrence.Rule
			if test.stored != "" {
				stored = mustParse(t, test.stored)
			}
			rule, problems := recurrence.Weigh(valuesOf(t, test.body), stored)
			want, refused := strings.CutPrefix(test.want, "!")
			if got := problemText(problems); refused != (got != "") || refused && got != want {
				t.Fatalf("problems %q, want %q", got, test.want)
			}
			if refused || want == "=" {
				want = test.stored
			}
			if rule.String() != want || (want == test.stored) != (rule == stored) {
				t.Errorf("got %q, want %q", rule, want)
			}
		})
	}
}

// Sent back as it is answered, any rule stays, whatever the names.
func TestWholeTaskSentBackChangesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range readTable(t) {
		rule, err := recurrence.Parse(test.rule)
		if err != nil {
			continue
		}
		body := map[string]any{
			"recurrence_rule": rule.String(), "recurrence_word": rule.Word(), "recurrence_frequency": rule.Frequency().String(),
			"recurrence_pattern": rule.Frequency().String(), "recurrence_interval": rule.Interval(), "is_recurring": true,
			"recurrence_end_date": nil,
		}
		if day, ok := rule.EndDate(); ok {
			body["recurrence_end_date"] = day.String()
		}
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		if got, problems := recurrence.Weigh(valuesOf(t, string(text)), rule); got != rule || problems != nil {
			t.Errorf("%s: %s, %v", rule, got, problems)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, name := range recurrence.Names() {
		value := recurrence.Value{Name: name, As: "sentAs", JSON: json.RawMessage(`[]`)}
		if _, problems := recurrence.Weigh([]recurrence.Value{value}, recurrence.Rule{}); problemText(problems) != "sentAs type" {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

// valuesOf returns the members of a JSON object in their order.
func valuesOf(t *testing.T, body string) []recurrence.Value {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(body)))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	var values []recurrence.Value
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		values = append(values, recurrence.Value{Name: name.(string), As: name.(string), JSON: value})
	}
	return values
}

func problemText(problems []recurrence.Problem) string {
	var texts []string
	for _, p := range problems {
		texts = append(texts, p.Field+" "+p.Code)
	}
	return strings.Join(texts, ",")
}
