// Command agent lives the life of a task with the client of the official Go SDK: agent ADDRESS TOKEN.
// It fails at the first answer that is not what it should be, and else prints the version of the protocol
// that was spoken.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "agent:", err)
		os.Exit(1) //nolint:gocritic // the deadline does not matter then
	}
}

// bearer sends requests with a token.
type bearer string

// RoundTrip sends a request.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

func run(ctx context.Context, address, token string) (err error) {
	client := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{Endpoint: address, HTTPClient: &http.Client{Transport: bearer(token)}}, nil)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	listed, err := session.ListTools(ctx, nil)
	if err != nil || len(listed.Tools) != 6 {
		return fmt.Errorf("list the tools: %d: %w", len(listed.Tools), err)
	}
	added, err := call(ctx, session, "add_task", "created", map[string]any{"title": "by the Go SDK", "priority": "high"})
	if err != nil {
		return err
	}
	id := map[string]any{"task_id": added["task_id"]}
	for _, step := range []struct {
		tool, status string
		arguments    map[string]any
	}{
		{"get_task", "", id},
		{"list_tasks", "", map[string]any{"search": "Go SDK", "priority": "high"}},
		{"update_task", "updated", map[string]any{"task_id": added["task_id"], "description": "changed"}},
		{"complete_task", "completed", id},
		{"delete_task", "deleted", id},
	} {
		if _, err := call(ctx, session, step.tool, step.status, step.arguments); err != nil {
			return err
		}
	}
	if _, err := call(ctx, session, "get_task", "", id); err == nil {
		return errors.New("the task is still there")
	}
	fmt.Println(session.InitializeResult().ProtocolVersion)
	return nil
}

// call calls a tool, and checks the status that it answers.
func call(ctx context.Context, session *mcp.ClientSession, tool, status string, arguments map[string]any) (map[string]any, error) {
	got, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tool, err)
	}
	result, _ := got.StructuredContent.(map[string]any)
	if is, _ := result["status"].(string); got.IsError || is != status {
		return nil, fmt.Errorf("%s answers %v %v", tool, got.Content, result)
	}
	return result, nil
}
