package routes

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"todo-backend/ent/resource"
	"todo-backend/middleware"
	"todo-backend/middleware/limit"
	"todo-backend/middleware/token"
)

// maxAgentCalls is how many requests of agents are answered at a time. Each costs the SDK about 0.3 MB,
// a hundred times what the REST operation needs.
const maxAgentCalls = 32

// agentMethods are the methods that agents may call. The SDK knows more: one of them never ends, and the
// others are about what this server does not have.
var agentMethods = []string{"initialize", "ping", "server/discover", "tools/list", "tools/call"}

// statelessVersion is the first version of the protocol in which an unknown method is a 404.
const statelessVersion = "2026-07-28"

// agents serves tools to agents: the Model Context Protocol over streamable HTTP
// (https://modelcontextprotocol.io/specification/2025-11-25/basic/transports), without sessions and
// streams. The SDK sees what net/http would give it, copied from the request, and answers into memory.
type agents struct {
	tools    agentTools
	origins  middleware.Origins
	problems problems
	logger   *slog.Logger
	handler  http.Handler
}

// newAgents returns what serves the tools. The version is that of this service.
func newAgents(tools agentTools, version string, origins middleware.Origins, p problems, logger *slog.Logger) *agents {
	a := &agents{tools: tools, origins: origins, problems: p, logger: logger}
	server := mcp.NewServer(
		&mcp.Implementation{Name: serviceName, Title: "To-do list", Version: version},
		&mcp.ServerOptions{
			Instructions: "The tools read and change the to-do list of one user, whom the token names.",
			Capabilities: &mcp.ServerCapabilities{Tools: &mcp.ToolCapabilities{}},
			SetCacheable: func(_ context.Context, _ mcp.Request, c *mcp.Cacheable) { c.CacheScope = "private" },
		},
	)
	for _, t := range tools.all() {
		server.AddTool(t.describe(), a.run(t))
	}
	server.AddReceivingMiddleware(a.protect)
	a.handler = mcp.NewStreamableHTTPHandler(
		func(*http.Request) *mcp.Server { return server },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true},
	)
	return a
}

// register adds the address of agents, behind the guards.
func (a *agents) register(app *fiber.App, guards []fiber.Handler) {
	handlers := append([]fiber.Handler{explainTokens}, guards...)
	app.Post("/mcp", append(handlers, limit.Concurrency(maxAgentCalls), token.RequireScopeOfCalls, a.serve)...)
}

// agentCall is what the tools get to know of a request. It travels in the context, since the SDK runs
// them elsewhere.
type agentCall struct {
	requestID string
	deadline  time.Time
	readOnly  error // why the token opens no tool that changes something; nil: it opens all
}

// agentCallKey is the key of the [agentCall] in a context.
type agentCallKey struct{}

// serve answers a request of an agent.
func (a *agents) serve(c *fiber.Ctx) error {
	if origin := c.Get(fiber.HeaderOrigin); origin != "" && !a.origins.Allow(strings.ToLower(origin)) {
		return fiber.NewError(http.StatusForbidden, "Pages of this origin may not call: CORS_ORIGINS can allow it")
	}
	if err := checkContentType(c); err != nil {
		return err
	}
	message, err := parseMessage(c.Request().Body())
	if err != nil {
		return err
	}
	if message.id == nil {
		c.Status(http.StatusAccepted) // there is nothing to answer
		return nil
	}
	if !slices.Contains(agentMethods, message.method) {
		return refuseMethod(c, message)
	}
	return a.pass(c, message)
}

// pass has the SDK answer a message.
func (a *agents) pass(c *fiber.Ctx, message rpcMessage) error {
	ctx := c.UserContext()
	call := agentCall{requestID: middleware.RequestID(c), readOnly: token.ClaimsOf(c).MayWrite()}
	call.deadline, _ = ctx.Deadline()
	// Where the context of the request ended, the SDK would answer with nothing: the tools alone get the deadline.
	ctx = context.WithValue(context.WithoutCancel(ctx), agentCallKey{}, call)
	answer := recordedAnswer{header: http.Header{}, status: http.StatusOK}
	a.handler.ServeHTTP(&answer, agentRequest(ctx, c, message))
	if answer.header.Get(fiber.HeaderContentType) != fiber.MIMEApplicationJSON {
		return messageError{strings.TrimSpace(answer.body.String())}
	}
	c.Status(answer.status)
	setBody(c, answer.body.Bytes())
	return nil
}

// agentRequest is a message as net/http gives it to its handlers. Nothing of it is the server's memory,
// which goroutines of the SDK might read when it holds another request.
func agentRequest(ctx context.Context, c *fiber.Ctx, message rpcMessage) *http.Request {
	header := http.Header{
		"Content-Type": {fiber.MIMEApplicationJSON},
		"Accept":       {"application/json, text/event-stream"},
	}
	for _, name := range []string{"Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name"} {
		if value := c.Get(name); value != "" {
			header.Set(name, strings.Clone(value))
		}
	}
	return (&http.Request{
		Method:        http.MethodPost,
		URL:           &url.URL{Path: "/mcp"},
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(message.text)),
		ContentLength: int64(len(message.text)),
	}).WithContext(ctx)
}

// recordedAnswer is an [http.ResponseWriter] that keeps the answer.
type recordedAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the headers of the answer.
func (r *recordedAnswer) Header() http.Header { return r.header }

// WriteHeader sets the status of the answer.
func (r *recordedAnswer) WriteHeader(status int) { r.status = status }

// Write appends to the body.
func (r *recordedAnswer) Write(b []byte) (int, error) { return r.body.Write(b) }

// rpcMessage is a message of JSON-RPC 2.0.
type rpcMessage struct {
	id     json.RawMessage // nil where no answer is expected: of notifications and answers
	method string
	text   []byte // the message with the members that JSON-RPC knows, each once
}

// parseMessage reads a body that is one message. Its errors are [messageError].
func parseMessage(body []byte) (rpcMessage, error) {
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '[' {
		return rpcMessage{}, messageError{"A request takes one JSON-RPC message: send an object, not an array"}
	}
	object, err := resource.DecodeObject(body)
	if err != nil {
		return rpcMessage{}, messageError{"The body must be a JSON-RPC message: a JSON object in UTF-8"}
	}
	if string(object["jsonrpc"]) != `"2.0"` {
		return rpcMessage{}, messageError{`The message must have "jsonrpc": "2.0"`}
	}
	var m rpcMessage
	if json.Unmarshal(object["method"], &m.method) != nil && (object["result"] == nil && object["error"] == nil) {
		return rpcMessage{}, messageError{"The message must name a method"}
	}
	switch id, ok := object["id"]; {
	case m.method == "", !ok && strings.HasPrefix(m.method, "notifications/"):
		return m, nil
	case !isMessageID(id):
		return rpcMessage{}, messageError{"The message must have an id: a string or a whole number"}
	default:
		m.id = id
	}
	text := resource.JSON("jsonrpc", "2.0", "id", m.id, "method", m.method)
	if params, ok := object["params"]; ok {
		text = append(text, resource.Member{Name: "params", Value: params})
	}
	m.text, err = text.MarshalJSON()
	return m, err
}

// isMessageID reports whether an answer can carry a value as it came: the SDK reads numbers as float64.
func isMessageID(id json.RawMessage) bool {
	if len(id) > 0 && id[0] == '"' {
		return true
	}
	const exact = 1 << 53
	n, err := strconv.ParseInt(string(id), 10, 64)
	return err == nil && -exact <= n && n <= exact
}

// refuseMethod answers that there is no such method.
func refuseMethod(c *fiber.Ctx, message rpcMessage) error {
	if c.Get("Mcp-Protocol-Version") >= statelessVersion {
		c.Status(http.StatusNotFound)
	}
	return writeJSON(c, resource.JSON("jsonrpc", "2.0", "id", message.id, "error", resource.JSON(
		"code", jsonrpc.CodeMethodNotFound,
		"message", "There is no such method here, only "+strings.Join(agentMethods, ", "),
	)), fiber.MIMEApplicationJSON)
}

// messageError is a message that can't be answered, with the sentence for its sender.
type messageError struct{ detail string }

// Error returns the sentence.
func (e messageError) Error() string { return e.detail }

// protect stands around every method that the SDK calls. It gives the method the deadline of the request,
// and recovers from panics: methods run in goroutines of the SDK, where a panic would end the process.
func (a *agents) protect(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (result mcp.Result, err error) {
		call, _ := ctx.Value(agentCallKey{}).(agentCall)
		if !call.deadline.IsZero() {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, call.deadline)
			defer cancel()
		}
		defer func() {
			if cause := recover(); cause != nil {
				a.logger.ErrorContext(ctx, "panic", "id", call.requestID, "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
				result, err = nil, &jsonrpc.Error{Code: jsonrpc.CodeInternalError, Message: "Something went wrong on our side"}
			}
		}()
		result, err = next(ctx, method, req)
		if listed, ok := result.(*mcp.ListToolsResult); ok && call.readOnly != nil {
			listed.Tools = slices.DeleteFunc(listed.Tools, func(t *mcp.Tool) bool { return !t.Annotations.ReadOnlyHint })
		}
		return result, err
	}
}

// run returns the handler of a tool for the SDK.
func (a *agents) run(t agentTool) mcp.ToolHandler {
	return func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		call, _ := ctx.Value(agentCallKey{}).(agentCall)
		if call.readOnly != nil && !t.hints.ReadOnlyHint {
			return a.refuse(ctx, call.readOnly), nil
		}
		arguments, err := readArguments(ctx, req.Params.Arguments)
		if err != nil {
			return a.refuse(ctx, err), nil
		}
		result, err := t.call(ctx, arguments)
		if err != nil {
			return a.refuse(ctx, err), nil
		}
		return &mcp.CallToolResult{
			Content:           []mcp.Content{&mcp.TextContent{Text: string(result)}}, // for clients that know no structured content
			StructuredContent: json.RawMessage(result),
		}, nil
	}
}

// refuse is the result of a tool that failed: one sentence, which says what to do.
func (a *agents) refuse(ctx context.Context, failure error) *mcp.CallToolResult {
	status, detail := a.problems.classify(ctx, failure)
	switch status {
	case http.StatusNotFound:
		detail = "There is no task with this task_id: call list_tasks to see the tasks and their ids"
	case http.StatusInternalServerError:
		detail += ", please try again later"
	}
	if status >= http.StatusInternalServerError {
		call, _ := ctx.Value(agentCallKey{}).(agentCall)
		a.logger.ErrorContext(ctx, "a tool failed", "id", call.requestID, "error", failure)
	}
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: detail}}}
}
