package routes_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"todo-backend/middleware/token"
)

const origin = "http://localhost:3000" // the browser's

// newRequest is a request of a user's browser, without a connection.
func newRequest(token, method, path, body string) *fasthttp.RequestCtx {
	var ctx fasthttp.RequestCtx
	ctx.Init(&fasthttp.Request{}, nil, nil)
	ctx.Request.Header.SetMethod(method)
	ctx.Request.SetRequestURI(path)
	ctx.Request.Header.Set("Origin", origin)
	if token != "" {
		ctx.Request.Header.Set("Authorization", "Bearer "+token)
	}
	ctx.Request.SetBodyString(body)
	return &ctx
}

// serveAgain serves a request once more.
func serveAgain(serve fasthttp.RequestHandler, ctx *fasthttp.RequestCtx) {
	ctx.Response.Reset()
	ctx.ResetUserValues()
	ctx.Request.SetRequestURIBytes(ctx.Request.Header.RequestURI()) // else it would not be parsed anew
	serve(ctx)
}

func sign(tb testing.TB, user string) string {
	tb.Helper()
	signed, err := token.ForDevelopment(secret, user, time.Hour)
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

func median[T cmp.Ordered](numbers []T) T {
	slices.Sort(numbers)
	return numbers[len(numbers)/2]
}
