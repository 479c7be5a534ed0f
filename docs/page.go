package docs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"strings"
)

// The development page is one document: its style and its script stand in it.
var (
	//go:embed page/index.html
	pageFrame string
	//go:embed page/style.css
	pageStyle string
	//go:embed page/script.js
	pageScript string
)

// Page is the development page, which tries the API out.
type Page struct {
	before, after []byte // the settings
	// Policy is the page's Content-Security-Policy. It names the style and the script by their hashes, lets
	// the page call its own origin alone, and has browsers refuse to make HTML of text.
	Policy string
}

// NewPage puts the page together.
func NewPage() Page {
	text := strings.NewReplacer("/* style */", pageStyle, "/* script */", pageScript).Replace(pageFrame)
	before, after, _ := strings.Cut(text, "/* settings */")
	return Page{
		before: []byte(before),
		after:  []byte(after),
		Policy: "default-src 'none'; script-src " + hashSource(pageScript) + "; style-src " + hashSource(pageStyle) +
			"; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" +
			"; require-trusted-types-for 'script'; trusted-types 'none'",
	}
}

// With returns the page with its settings, JSON in which <, > and & are escaped, as encoding/json writes it.
func (p Page) With(settings []byte) []byte {
	return bytes.Join([][]byte{p.before, settings, p.after}, nil)
}

// hashSource names an inline element by its content (https://www.w3.org/TR/CSP3/#grammardef-hash-source).
func hashSource(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
