package middleware

import (
	"bytes"

	"github.com/valyala/fasthttp"
)

// MergeSlashes has a path with several slashes in a row mean the one with single slashes: clients join the address of the service,
// which ends in one, and a path that begins with one. A slash in a user's id is written %2F and stays.
func MergeSlashes(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(c *fasthttp.RequestCtx) {
		path, query, hasQuery := bytes.Cut(c.RequestURI(), []byte("?"))
		if bytes.HasPrefix(path, []byte("/")) && bytes.Contains(path, []byte("//")) {
			merged := merge(path)
			if hasQuery {
				merged = append(append(merged, '?'), query...)
			}
			c.Request.SetRequestURIBytes(merged)
		}
		next(c)
	}
}

// merge returns a copy of path without slashes that follow another one.
func merge(path []byte) []byte {
	merged := make([]byte, 0, len(path))
	for i, char := range path {
		if char != '/' || i == 0 || path[i-1] != '/' {
			merged = append(merged, char)
		}
	}
	return merged
}
