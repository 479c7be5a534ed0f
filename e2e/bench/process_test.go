package bench

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a server that listens on a port of its own.
type process struct {
	*exec.Cmd
	address string
	started time.Time
}

// build makes the program that is measured, as docs/operating.md has it made.
func build(b *testing.B) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "todo-backend")
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "otlp", "-ldflags", "-s -w", "-o", file, "todo-backend")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build the program: %v\n%s", err, out)
	}
	return file
}

// start runs a server as in production, but without a limit for each user, which the load would be over.
func start(b *testing.B, cmd *exec.Cmd, env ...string) *process {
	b.Helper()
	port := freePort(b)
	cmd = exec.Command(cmd.Path, cmd.Args[1:]...)
	cmd.Dir = b.TempDir()
	cmd.Env = append(os.Environ(), "APP_ENV=production", "HOST=127.0.0.1", "PORT="+port, postgresSetting, "SQLITE_PATH=",
		"BETTER_AUTH_SECRET="+secret, "CORS_ORIGINS="+origin, "RATE_LIMIT=0", "DRAIN_DELAY=0s")
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = os.Stderr
	p := &process{Cmd: cmd, address: net.JoinHostPort("127.0.0.1", port), started: time.Now()}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return p
}

func freePort(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// await returns once the server is ready.
func (p *process) await(b *testing.B) {
	b.Helper()
	for !p.isReady() {
		if time.Since(p.started) > time.Minute {
			b.Fatalf("%s is not ready after a minute", p.Path)
		}
		time.Sleep(time.Millisecond)
	}
}

func (p *process) isReady() bool {
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		return false
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /ready HTTP/1.1\r\nHost: todo\r\n\r\n"); err != nil {
		return false
	}
	status, _, err := receive(bufio.NewReader(conn), new([]byte))
	return err == nil && status == 200
}

// stop ends the server in good order.
func (p *process) stop(b *testing.B) {
	b.Helper()
	if err := errors.Join(p.Process.Signal(syscall.SIGTERM), p.Wait()); err != nil {
		b.Fatalf("stop %s: %v", p.Path, err)
	}
}

// memory is a number of MB that the system keeps about the process: VmRSS, what is resident, or VmHWM, the most that ever was.
func (p *process) memory(b *testing.B, name string) float64 {
	b.Helper()
	_, rest, _ := strings.Cut(p.read(b, "status"), "\n"+name+":")
	kilobytes, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kilobytes / 1024
}

// processorTime is what the process has used so far, in steps of a hundredth of a second: of a single turn that is a few of them.
func (p *process) processorTime(b *testing.B) time.Duration {
	b.Helper()
	text := p.read(b, "stat")
	fields := strings.Fields(text[strings.LastIndex(text, ")")+1:])
	var sum time.Duration
	for _, ticks := range fields[11:13] { // proc(5): utime and stime, the 14th and 15th of all fields
		n, err := strconv.Atoi(ticks)
		if err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(n) * time.Second / 100
	}
	return sum
}

func (p *process) read(b *testing.B, file string) string {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.Process.Pid, file))
	if err != nil {
		b.Skip("only Linux tells what a process uses: ", err)
	}
	return string(text)
}
