// Package cli reads command lines: it finds in a table what the program was called to do, and explains what there is.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Table is the commands of a program, in the order of its help. The first is what the program does without arguments.
type Table struct {
	Program  string // its name
	Commands []Command
}

// Command is something that a program does.
type Command struct {
	Name  string
	Forms []Form
	Run   func(context.Context, Call) error
}

// Form is a way to call a command.
type Form struct{ Arguments, Does string }

// Call is what a command was called with.
type Call struct {
	Args   []string // without the command's name
	Stdin  io.Reader
	Stdout io.Writer
}

// Help is the name of the command that every table has beside its own.
const Help = "help"

// others are other ways to write the name of a command.
var others = map[string]string{
	"-h": Help, "-help": Help, "--help": Help,
	"-v": "version", "-version": "version", "--version": "version",
}

// misuse is the error of a call that means nothing.
type misuse string

func (m misuse) Error() string { return string(m) }

// Misused returns the error of a call that means nothing. [Table.Run] adds how the program is called.
func Misused(format string, args ...any) error { return misuse(fmt.Sprintf(format, args...)) }

// Run does what the arguments of the program say.
func (t Table) Run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) == 0 {
		args = []string{t.Commands[0].Name}
	}
	err := t.call(ctx, args[0], Call{args[1:], stdin, stdout})
	if _, ok := errors.AsType[misuse](err); ok {
		return fmt.Errorf("%w\n%s", err, t.usage(t.all()...))
	}
	return err
}

func (t Table) call(ctx context.Context, name string, c Call) error {
	if usual, ok := others[name]; ok {
		name = usual
	}
	command, err := t.find(name)
	if err != nil {
		return err
	}
	if c.asksForHelp() {
		return t.explain(c.Stdout, command)
	}
	if len(c.Args) > 0 && !command.takesArguments() {
		return Misused("%s takes no argument %q", name, c.Args[0])
	}
	return command.Run(ctx, c)
}

// asksForHelp reports whether one of the arguments is an option for help. Behind -- there are no options.
func (c Call) asksForHelp() bool {
	for _, arg := range c.Args {
		switch {
		case arg == "--":
			return false
		case others[arg] == Help:
			return true
		}
	}
	return false
}

func (c Command) takesArguments() bool {
	return slices.ContainsFunc(c.Forms, func(f Form) bool { return f.Arguments != "" })
}

// all returns the commands with that for help.
func (t Table) all() []Command {
	help := Command{Help, []Form{{"[COMMAND]", "print this, or of one command"}}, t.help}
	return append(slices.Clone(t.Commands), help)
}

func (t Table) find(name string) (Command, error) {
	all := t.all()
	at := slices.IndexFunc(all, func(c Command) bool { return c.Name == name })
	if at < 0 {
		return Command{}, Misused("there is no command %q", name)
	}
	return all[at], nil
}

func (t Table) help(_ context.Context, c Call) error {
	switch len(c.Args) {
	case 0:
		return t.explain(c.Stdout, t.all()...)
	case 1:
		command, err := t.find(c.Args[0])
		if err != nil {
			return err
		}
		return t.explain(c.Stdout, command)
	}
	return Misused("help explains one command at a time")
}

func (t Table) explain(w io.Writer, commands ...Command) error {
	_, err := fmt.Fprintln(w, t.usage(commands...))
	return err
}

// usage lists commands, a line for each form.
func (t Table) usage(commands ...Command) string {
	var lines strings.Builder
	columns := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	fmt.Fprintln(columns, "usage:")
	for _, c := range commands {
		for _, f := range c.Forms {
			fmt.Fprintf(columns, "  %s\t%s\n", strings.TrimSpace(t.Program+" "+c.Name+" "+f.Arguments), f.Does)
		}
	}
	_ = columns.Flush() // a string takes everything
	return strings.TrimSuffix(lines.String(), "\n")
}
