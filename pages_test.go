package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shellBlocks finds what a page has for a shell.
var shellBlocks = regexp.MustCompile("(?s)\n```(?:sh|bash|console|shell)\n(.*?)\n```\n")

// TestBlocksCanBePasted holds blocks for a shell to what zsh takes at its prompt, and to options of curl that older systems
// have.
func TestBlocksCanBePasted(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, page := range append(pages, "README.md", "SECURITY.md", "CHANGELOG.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range shellBlocks.FindAllStringSubmatch(string(text), -1) {
			found++
			for line := range strings.Lines(block[1]) {
				if why := notPasteable(strings.TrimSpace(line)); why != "" {
					t.Errorf("%s: %s: %s", page, why, line)
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("there are %d blocks: the test does not find them", found)
	}
}

// notPasteable says what is wrong with a line of a block, or nothing.
func notPasteable(line string) string {
	comment := regexp.MustCompile(`(^|\s)#`)
	switch {
	case comment.MatchString(line):
		return "zsh passes comments on as arguments"
	case strings.Contains(line, "!"):
		return "interactive shells replace ! by commands of before"
	case strings.HasPrefix(line, "$ "):
		return "the prompt is no part of the command"
	case strings.Contains(line, "curl") && regexp.MustCompile(`\s--(json|fail-with-body|url-query)\b`).MatchString(line):
		return "curl has the option since 7.76 or later"
	}
	return ""
}
