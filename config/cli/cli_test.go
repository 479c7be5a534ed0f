package cli_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"todo-backend/config/cli"
)

// TestTable calls a program that has one command without arguments, one with, and one that fails.
func TestTable(t *testing.T) {
	t.Parallel()
	says := func(text string) func(context.Context, cli.Call) error {
		return func(_ context.Context, c cli.Call) error {
			_, err := io.WriteString(c.Stdout, strings.Join(append([]string{text}, c.Args...), " "))
			return err
		}
	}
	broken := errors.New("it is broken")
	table := cli.Table{Program: "program", Commands: []cli.Command{
		{"serve", []cli.Form{{"", "run"}}, says("serving")},
		{"token", []cli.Form{{"[NAME]", "make a token"}, {"-check TOKEN", "check one"}}, says("token of")},
		{"version", []cli.Form{{"", "print the version"}}, says("1.0")},
		{"fail", []cli.Form{{"", "fail"}}, func(context.Context, cli.Call) error { return broken }},
		{"choose", []cli.Form{{"A", "take A"}}, func(context.Context, cli.Call) error { return cli.Misused("choose takes A") }},
	}}
	const usage = "usage:\n  program serve               run\n"
	for _, test := range []struct{ args, stdout, err string }{
		{"", "serving", ""},
		{"serve", "serving", ""},
		{"token alice", "token of alice", ""},
		{"version", "1.0", ""},
		{"-version", "1.0", ""},
		{"--version", "1.0", ""},
		{"help", usage, ""},
		{"--help", usage, ""},
		{"help token", "usage:\n  program token [NAME]        make a token\n  program token -check TOKEN  check one\n", ""},
		{"token -h", "usage:\n  program token [NAME]        make a token\n", ""},
		{"token -- -h", "token of -- -h", ""},
		{"fail", "", "it is broken"},
		{"choose B", "", "choose takes A\n" + usage},
		{"serve now", "", "serve takes no argument \"now\"\n" + usage},
		{"sevre", "", "there is no command \"sevre\"\n" + usage},
		{"help sevre", "", "there is no command \"sevre\"\n" + usage},
		{"help serve token", "", "help explains one command at a time\n" + usage},
	} {
		var stdout strings.Builder
		err := table.Run(t.Context(), strings.Fields(test.args), nil, &stdout)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if !strings.HasPrefix(stdout.String(), test.stdout) || !strings.HasPrefix(said, test.err) || (test.err == "") != (err == nil) {
			t.Errorf("%q prints %q and ends with %q", test.args, stdout.String(), said)
		}
	}
	if err := table.Run(t.Context(), []string{"fail"}, nil, io.Discard); !errors.Is(err, broken) {
		t.Errorf("a command's error is %v", err)
	}
}
