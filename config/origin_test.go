package config

import (
	"slices"
	"strings"
	"testing"
)

// TestOriginsAreThoseThatBrowsersSend has every spelling that is taken become the one of the Origin header. The origins of
// web pages are what new URL(…).origin gives in browsers.
func TestOriginsAreThoseThatBrowsersSend(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"http://localhost:3000":                 "http://localhost:3000",
		"HTTPS://App.Example.COM":               "https://app.example.com",
		"https://app.example.com:443":           "https://app.example.com",
		"https://app.example.com:0443":          "https://app.example.com",
		"https://app.example.com:":              "https://app.example.com",
		"https://app.example.com:80":            "https://app.example.com:80",
		"http://app.example.com:080":            "http://app.example.com",
		"https://app.example.com.":              "https://app.example.com.",
		"http://my_app.local":                   "http://my_app.local",
		"http://r3---sn-abc.example":            "http://r3---sn-abc.example",
		"http://127.0.0.1:8080":                 "http://127.0.0.1:8080",
		"http://[::1]:3000":                     "http://[::1]:3000",
		"http://[0:0:0:0:0:0:0:1]:80":           "http://[::1]",
		"http://[2001:DB8::0:1]":                "http://[2001:db8::1]",
		"http://[::ffff:192.0.2.1]":             "http://[::ffff:c000:201]",
		"https://bücher.example":                "https://xn--bcher-kva.example",
		"https://BÜCHER.example":                "https://xn--bcher-kva.example",
		"https://bu\u0308cher.example:443":      "https://xn--bcher-kva.example",
		"https://b%C3%BCcher.example":           "https://xn--bcher-kva.example",
		"https://XN--BCHER-KVA.example":         "https://xn--bcher-kva.example",
		"https://faß.example":                   "https://xn--fa-hia.example",
		"https://例え。テスト":                        "https://xn--r8jz45g.xn--zckzah",
		"https://пример.рф:8443":                "https://xn--e1afmkfd.xn--p1ai:8443",
		"capacitor://localhost":                 "capacitor://localhost",
		"ionic://localhost":                     "ionic://localhost",
		"tauri://localhost":                     "tauri://localhost",
		"TAURI://localhost":                     "tauri://localhost",
		"app://-":                               "app://-",
		"tauri://localhost:80":                  "tauri://localhost:80",
		"chrome-extension://abcdefghijklmnopab": "chrome-extension://abcdefghijklmnopab",
		"safari-web-extension://5C4F-A1":        "safari-web-extension://5C4F-A1",
	}
	for value, want := range tests {
		got := load(t, map[string]string{"APP_ENV": "development", "CORS_ORIGINS": value}).CORSOrigins
		if !slices.Contains(got, want) {
			t.Errorf("%s: %q, want %s", value, got, want)
		}
		if !strings.HasPrefix(want, "http") {
			continue
		}
		cfg := load(t, map[string]string{"BETTER_AUTH_URL": value + "/login"})
		if cfg.AuthOrigin != want || cfg.JWKSURL != want+"/login/jwks" || cfg.JWKSIssuer() != want || !slices.Contains(cfg.CORSOrigins, want) {
			t.Errorf("%s: as Better Auth's %q, its keys at %q, CORS lets in %q", value, cfg.AuthOrigin, cfg.JWKSURL, cfg.CORSOrigins)
		}
	}
}

// TestOriginsThatNoBrowserSends are refused, for they would never match.
func TestOriginsThatNoBrowserSends(t *testing.T) {
	t.Parallel()
	const form = "must be a scheme and a host"
	tests := map[string]string{
		"*":                         "must be exact",
		"https://*.example.com":     "must be exact",
		"capacitor://*":             "must be exact",
		"null":                      "must not be null",
		"NULL":                      "must not be null",
		"localhost":                 form,
		"localhost:3000":            form,
		"//localhost:3000":          form,
		"tauri://":                  form,
		"file:///index.html":        form,
		"https://u:p@example.com":   form,
		"https://example.com:65536": form,
		"https://example.com:x":     form,
		"https://exa mple.com":      form,
		"https://127.1":             form,
		"https://0x7f000001":        form,
		"https://2130706433":        form,
		"https://1.2.3.256":         form,
		"https://[fe80::1%25eth0]":  form,
		"https://[::1":              form,
		"https://℀.example":         form,
		"https://a<b.example":       form,
		"tauri://bücher":            form,
		"https://example.com/":      "must end after the host or port",
		"https://example.com/app":   "must end after the host or port",
		"capacitor://localhost/":    "must end after the host or port",
		"https://example.com?":      "must end after the host or port",
		"https://example.com#":      "must end after the host or port",
		"https://example.com#top":   "must end after the host or port",
	}
	for value, want := range tests {
		_, err := Load(from(map[string]string{"CORS_ORIGINS": "http://a.example," + value}))
		if err == nil || !strings.Contains(err.Error(), "CORS_ORIGINS is wrong in entry 2: an origin "+want) {
			t.Errorf("%s: %v, want that it %s", value, err, want)
		}
	}
}
