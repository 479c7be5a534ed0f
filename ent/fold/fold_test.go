package fold_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"todo-backend/ent/fold"
)

func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"ASCII", "Buy MILK", "buy milk"},
		{"nothing", "", ""},
		{"case of accents", "ÉCOLE", "école"},
		{"accents that stand alone", "e\u0301cole", "école"},
		{"accents in another order", "a\u0323\u0302", "ậ"},
		{"German", "STRASSE Straße STRAẞE", "strasse strasse strasse"},
		{"Cyrillic", "МОЛОКО Ёж", "молоко ёж"},
		{"Cyrillic й that stands alone", "И\u0306", "й"},
		{"Greek final sigma", "ΟΔΟΣ οδός ς", "οδοσ οδόσ σ"},
		{"Greek iota below", "ᾳ ᾼ", "αι αι"},
		{"Armenian ligature", "և", "եւ"},
		{"Cherokee", "ꭰ", "Ꭰ"},
		{"Georgian", "ᲐᲑ", "აბ"},
		{"Turkish", "DİYARBAKIR ılık İzmir IŞIK", "diyarbakir ilik izmir işik"},
		{"a dot that stands alone", "I\u0307zmir i\u0307zmir ı\u0307", "izmir izmir i"},
		{"a dotless i with an accent", "ı\u0301", "í"},
		{"full width", "ＡＢＣ１２３！", "abc123!"},
		{"half width", "ｶﾞｷﾞ", "ガギ"},
		{"Hangul that stands alone", "\u1112\u1161\u11ab", "한"},
		{"CJK compatibility", "㈱ ㍿ 神", "(株) 株式会社 神"},
		{"Chinese", "买牛奶", "买牛奶"},
		{"ligatures", "ﬁnance Œuvre Æon Ǆ", "finance œuvre æon dž"},
		{"compatibility", "x² ½ № ™ Ⅳ ㎢", "x2 1⁄2 no tm iv km2"},
		{"Kelvin, Ångström and the long s", "K Å ſ", "k å s"},
		{"a soft hyphen counts", "a\u00adb", "a\u00adb"},
		{"emoji", "👩\u200d💻 ✅\ufe0f", "👩\u200d💻 ✅\ufe0f"},
		{"beyond the first plane", "𐐀 𝐀", "𐐨 a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := fold.Fold(test.text); got != test.want {
				t.Errorf("got %+q, want %+q", got, test.want)
			}
		})
	}
}

// found reports whether a search finds texts, as LIKE would.
func found(t *testing.T, search string, texts ...string) bool {
	t.Helper()
	words, err := fold.Words(search)
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(fold.Column(texts...), word) })
}

func TestSearch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		search string
		texts  []string
		want   bool
	}{
		{"", []string{"Buy milk"}, true},
		{"milk", []string{"Buy MILK"}, true},
		{"ilk buy", []string{"Buy MILK"}, true},
		{"milk work", []string{"Buy milk", "", "Work"}, true},
		{"milk bread", []string{"Buy milk"}, false},
		{"milkwork", []string{"Buy milk", "Work"}, false},
		{"cafe", []string{"Café"}, false},
		{"CAFÉ", []string{"cafe\u0301"}, true},
		{"istanbul", []string{"İSTANBUL"}, true},
		{"İstanbul", []string{"istanbul"}, true},
		{"ISTANBUL", []string{"ıstanbul"}, true},
		{"ISIK", []string{"ışık"}, false},
		{"IŞIK", []string{"ışık"}, true},
		{"ΟΔΟΣ", []string{"οδος"}, true},
		{"οδο", []string{"οδος"}, true},
		{"牛奶", []string{"买牛奶"}, true},
		{"ａｂ　ｃｄ", []string{"cd ab"}, true},
		{"a\u00a0b", []string{"b a"}, true},
		{"fin", []string{"ﬁnance"}, true},
		{"a¨b", []string{"A¨B"}, true},
	}
	for _, test := range tests {
		t.Run(test.search+" in "+strings.Join(test.texts, ","), func(t *testing.T) {
			t.Parallel()
			if got := found(t, test.search, test.texts...); got != test.want {
				t.Errorf("found: %v, want %v", got, test.want)
			}
		})
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, search string
		want         []string
		err          error
	}{
		{"none", "", nil, nil},
		{"white space", " \t\n\u3000\u00a0\u2028", nil, nil},
		{"two", "  Buy \u3000 Milk\n", []string{"buy", "milk"}, nil},
		{"signs of LIKE", `100% a_b \`, []string{"100%", "a_b", `\`}, nil},
		{"ten", strings.Repeat("a ", 10), slices.Repeat([]string{"a"}, 10), nil},
		{"eleven", strings.Repeat("a ", 11), nil, fold.ErrTooLong},
		{"200 characters", strings.Repeat("é", 200), []string{strings.Repeat("é", 200)}, nil},
		{"201 characters", strings.Repeat("é", 201), nil, fold.ErrTooLong},
		{"200 characters and space", strings.Repeat("a", 100) + strings.Repeat(" ", 50) + strings.Repeat("a", 100), slices.Repeat([]string{strings.Repeat("a", 100)}, 2), nil},
		{"201 characters in two words", strings.Repeat("a", 100) + " " + strings.Repeat("a", 101), nil, fold.ErrTooLong},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			words, err := fold.Words(test.search)
			if !slices.Equal(words, test.want) || !errors.Is(err, test.err) {
				t.Errorf("got %q, %v, want %q, %v", words, err, test.want, test.err)
			}
		})
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"milk": "%milk%", "100%": `%100\%%`, "a_b": `%a\_b%`, `c:\d`: `%c:\\d%`, `\%_`: `%\\\%\_%`, "": "%%",
	} {
		if got := fold.Pattern(word); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

// Whatever case a character is written in, it is the same after folding, and folding again changes nothing. Characters beyond these
// have no case.
func TestEveryCharacter(t *testing.T) {
	t.Parallel()
	for r := rune(1); r < 0x34000; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		text := string(r)
		folded := fold.Fold(text)
		if again := fold.Fold(folded); again != folded {
			t.Errorf("%U: %+q becomes %+q", r, folded, again)
		}
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			if got := fold.Fold(string(other)); got != folded {
				t.Errorf("%U and %U: %+q and %+q", r, other, folded, got)
			}
		}
		if strings.Contains(folded, "\n") != (r == '\n') || folded == "" {
			t.Errorf("%U: %+q", r, folded)
		}
	}
}

func TestFoldingIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		folded := fold.Fold(text)
		if again := fold.Fold(folded); again != folded || !utf8.ValidString(folded) {
			t.Fatalf("%+q becomes %+q", folded, again)
		}
	})
}

func BenchmarkColumn(b *testing.B) {
	for name, description := range map[string]string{
		"ASCII":    strings.Repeat("Two litres, and bread. ", 40),
		"Cyrillic": strings.Repeat("Два литра, и хлеб. ", 50),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				fold.Column("Buy milk", description, "Home")
			}
		})
	}
}
