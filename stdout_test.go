package main

import (
	"bufio"
	"net/http"
	"os"
	"syscall"
	"testing"
)

// startIntoPipe runs the program with a pipe for its log, from which as much is read as names its address.
func startIntoPipe(t *testing.T, env ...string) (s *service, reader *os.File) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	s = &service{cmd: command(t, t.TempDir(), env), output: &buffer{}, ended: make(chan error, 1)}
	s.cmd.Stdout, s.cmd.Stderr = writer, s.output
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	go func() { s.ended <- s.cmd.Wait() }()
	for lines := bufio.NewScanner(reader); s.url == "" && lines.Scan(); {
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			s.url = "http://" + found[1]
		}
	}
	return s, reader
}

// TestNobodyReadsTheLog leaves it in its pipe, which takes 64 KiB: requests are answered all the same, and so is the end.
func TestNobodyReadsTheLog(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"development", "production"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s, _ := startIntoPipe(t, standalone(mode)...)
			for range 1000 { // of more than 100 bytes each in the log
				if got := s.get(t, "/health", ""); got.StatusCode != http.StatusOK {
					t.Fatalf("answered %s", got.Status)
				}
			}
			s.stop(t, syscall.SIGTERM)
		})
	}
}

// TestTheLogsReaderGoes closes the pipe: the process goes on, and ends as it should.
func TestTheLogsReaderGoes(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"development", "production"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s, reader := startIntoPipe(t, standalone(mode)...)
			reader.Close()
			for range 10 {
				if got := s.get(t, "/health", ""); got.StatusCode != http.StatusOK {
					t.Fatalf("answered %s", got.Status)
				}
			}
			s.stop(t, syscall.SIGTERM)
		})
	}
}

// standalone are what a service of either mode needs.
func standalone(mode string) []string {
	return []string{
		"APP_ENV=" + mode, "HOST=127.0.0.1", "SQLITE_PATH=todo.db", "BETTER_AUTH_SECRET=hunter2-hunter2-hunter2-hunter2-", "DRAIN_DELAY=0s",
	}
}
