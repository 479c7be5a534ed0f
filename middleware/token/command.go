package token

import (
	"errors"
	"flag"
	"io"
)

// Command is what somebody wants of a token at the command line.
type Command struct {
	User  string // whose token to make
	Check string // the token to check, - for one on standard input
	Makes bool   // whether to make one rather than check one
}

// ParseCommand reads the arguments of the command token.
func ParseCommand(args []string) (Command, error) {
	var c Command
	flags := flag.NewFlagSet("token", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.User, "user", "dev", "")
	flags.StringVar(&c.Check, "check", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 1 || flags.NArg() == 1 && flags.NFlag() > 0 {
		return Command{}, errors.New("token takes a NAME, or -check TOKEN")
	}
	if flags.NArg() == 1 {
		c.User = flags.Arg(0)
	}
	if c.User == "" {
		return Command{}, errors.New("a user has a name that is not empty")
	}
	c.Makes = true
	flags.Visit(func(f *flag.Flag) { c.Makes = c.Makes && f.Name != "check" })
	return c, nil
}
