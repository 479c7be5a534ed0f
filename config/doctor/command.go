package doctor

import (
	"errors"
	"flag"
	"io"
)

// ParseArgs reads the arguments of the command doctor, the token to check if one is given.
func ParseArgs(args []string) (token string, isGiven bool, err error) {
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&token, "token", "", "")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return "", false, errors.New("doctor takes -token TOKEN, and no more")
	}
	return token, flags.NFlag() > 0, nil
}
