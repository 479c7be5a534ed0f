package stmt_test

import (
	"database/sql"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"todo-backend/ent/stmt"
)

// TestJSONTargetsDecodeAsJSON compares the target with encoding/json, for what it decodes by itself too.
func TestJSONTargetsDecodeAsJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`[]`, `[ ]`, `["a"]`, `["a","b"]`, `[ "a" , "b" ]`, `["",""]`, `["ä 📝","]","[",","]`, `["\"","\\"]`, `["a\u0041"]`, `null`,
		``, `[`, `]`, `["a"`, `["a",]`, `[,"a"]`, `["a" "b"]`, `["a"]]`, `["a"]x`, `["a`, `["a","b]`, `"a"`, `{}`, `["a",null]`, `[1]`, `["a",1]`,
	} {
		var want []string
		wantErr := json.Unmarshal([]byte(text), &want)
		for _, read := range []any{text, []byte(text)} {
			got := []string{"before"}
			err := stmt.ScanJSON(&got).(sql.Scanner).Scan(read)
			if (err == nil) != (wantErr == nil) {
				t.Errorf("%q: %v, want %v", text, err, wantErr)
			}
			if diff := cmp.Diff(want, got); diff != "" && err == nil {
				t.Errorf("%q: %s", text, diff)
			}
		}
	}
}

func FuzzJSONTarget(f *testing.F) {
	f.Add([]byte(`[ "a" , "b" ]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var want, got []string
		wantErr := json.Unmarshal(text, &want)
		err := stmt.ScanJSON(&got).(json.Unmarshaler).UnmarshalJSON(text)
		if wantErr != nil || !json.Valid(text) {
			return // no database keeps it in a column of JSON
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", text, err, diff)
		}
	})
}

// TestTargetsForgetTheLastRow scans two rows into one target: the first keeps what it got.
func TestTargetsForgetTheLastRow(t *testing.T) {
	t.Parallel()
	var tags []string
	var note string
	scan := func(target any, read any) {
		t.Helper()
		if err := target.(sql.Scanner).Scan(read); err != nil {
			t.Fatal(err)
		}
	}
	scan(stmt.ScanJSON(&tags), `["a","b\"c"]`)
	first := tags
	scan(stmt.ScanJSON(&tags), `["x","y\"z"]`)
	if first[0] != "a" || first[1] != `b"c` || tags[0] != "x" {
		t.Errorf("the first row has %q, the second %q", first, tags)
	}
	scan(stmt.ScanJSON(&tags), nil)
	scan(stmt.ScanOptional(&note), "a note")
	scan(stmt.ScanOptional(&note), nil)
	if tags != nil || note != "" {
		t.Errorf("after nulls: %q, %q", tags, note)
	}
	if err := stmt.ScanJSON(&tags).(sql.Scanner).Scan(1); err == nil {
		t.Error("a number is read as JSON")
	}
}

// TestTextsShareMemory decodes the arrays of several rows into one block: each keeps what it got, whatever is appended to another.
func TestTextsShareMemory(t *testing.T) {
	t.Parallel()
	var tags []string
	target := stmt.ScanJSON(&tags).(interface {
		DecodeTexts(text string, block []string) (rest []string, ok bool)
	})
	var rows [][]string
	block := make([]string, 0, 4)
	for _, text := range []string{`["a","b"]`, `["c"]`, `[]`, `["d","e"]`, `["f"]`} {
		rest, ok := target.DecodeTexts(text, block)
		if !ok {
			t.Fatalf("%s is not decoded", text)
		}
		rows, block = append(rows, tags), rest
	}
	for i := range rows {
		_ = append(rows[i], "of another")
	}
	if diff := cmp.Diff([][]string{{"a", "b"}, {"c"}, {}, {"d", "e"}, {"f"}}, rows); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{`["a\u0041"]`, `["a",1]`, `null`} {
		if rest, ok := target.DecodeTexts(text, block); ok || len(rest) != len(block) {
			t.Errorf("%s is decoded, or leaves something behind: %q", text, rest[len(block):])
		}
	}
}
