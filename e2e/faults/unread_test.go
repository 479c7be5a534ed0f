//go:build faults

package faults

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Clients without a token that request the largest file and read only the first line of the answer cost little more memory than idle
// connections.
func TestUnreadAnswersWithoutAToken(t *testing.T) {
	t.Parallel()
	const (
		clients = 2400
		most    = 100e6 >> 20 // MiB
	)
	s := newService(t, sqliteSetting+filepath.Join(t.TempDir(), "todo.db"))
	s.start(t)
	file := s.largestFile(t)
	process := fmt.Sprintf("/proc/%d", s.cmd.Process.Pid)
	before := resident(t, process)
	var asking sync.WaitGroup
	for part := range 50 {
		asking.Go(func() {
			for i := part; i < clients; i += 50 {
				s.askAndNotRead(t, file)
			}
		})
	}
	asking.Wait()
	added := resident(t, process) - before
	t.Logf("%d answers of %s that nobody reads: %.0f MiB beside %.0f", clients, file, added, before)
	if added > most {
		t.Errorf("%d unread answers added %.0f MiB", clients, added)
	}
	if status := s.readiness(); status != http.StatusOK {
		t.Errorf("beside them /ready is %d", status)
	}
}

// largestFile is the address of the script that the documentation loads.
func (s *service) largestFile(t *testing.T) string {
	t.Helper()
	client := http.Client{Timeout: time.Minute}
	res, err := client.Get(s.url() + "/docs")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`src="([^"]*bundle[^"]*)"`).FindSubmatch(page)
	if found == nil {
		t.Fatalf("the page loads no bundle: %s", page)
	}
	return string(found[1])
}

// askAndNotRead asks for a file over a connection of its own, and reads of the answer no more than its first line.
func (s *service) askAndNotRead(t *testing.T, file string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Error(err)
		return
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10) // what the kernel holds is not the service's
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: todo\r\n\r\n", file)
	line, err := bufio.NewReaderSize(conn, 32).ReadSlice('\n')
	if !strings.HasPrefix(string(line), "HTTP/1.1 200") {
		t.Errorf("%s is answered %q, %v", file, line, err)
	}
}
