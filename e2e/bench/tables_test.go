package bench

import (
	"fmt"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// textTable is printed as docs/performance.md shows tables.
type textTable struct {
	title string
	rows  [][]string // the first is the header
}

func newTable(title string, args ...any) *textTable {
	return &textTable{title: fmt.Sprintf(title, args...)}
}

func (t *textTable) row(cells ...string) { t.rows = append(t.rows, cells) }

func (t *textTable) print() {
	var text strings.Builder
	for i, cells := range t.rows {
		text.WriteString("| " + strings.Join(cells, " | ") + " |\n")
		if i == 0 {
			text.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
		}
	}
	fmt.Printf("\n%s\n\n%s\n", t.title, text.String())
}

// thousands is a number with commas.
func thousands(n float64) string { return message.NewPrinter(language.English).Sprintf("%.0f", n) }
