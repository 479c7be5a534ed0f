package token

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Published is what a JWKS publishes.
type Published struct {
	Keys    int       // that tokens can be verified with
	Useless int       // for other purposes, or of kinds that no accepted algorithm has
	Date    time.Time // the clock of the server, to the second; zero where it does not tell
}

// FetchPublished fetches the JWKS at url once, as a [Verifier] does.
func FetchPublished(ctx context.Context, url string) (Published, error) {
	answer, header, err := newKeySet(url, slog.New(slog.DiscardHandler)).get(ctx)
	if err != nil {
		return Published{}, err
	}
	keys, published, err := readKeys(answer)
	if err != nil {
		return Published{}, fmt.Errorf("the answer of %s: %w", url, err)
	}
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		date = time.Time{}
	}
	return Published{Keys: keys.Len(), Useless: published - keys.Len(), Date: date}, nil
}
