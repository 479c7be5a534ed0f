//go:build faults

package faults

import (
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFullDisk fills the disk of the SQLite file: writes get a 503 and the log says why, reads are served, and writes again as
// soon as there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := mountDisk(t, "8m")
	source := sqliteSetting + filepath.Join(disk, "todo.db")
	s := newService(t, source)
	s.start(t)
	l := newLoad(t, s.url(), 8, 2)
	l.run()
	l.awaitBack(10 * time.Second)
	l.mark("fill the disk")
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	l.awaitOutcome("503")
	checkFault(t, l, s, "disk is full")

	l.mark("make room")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	l.awaitBack(10 * time.Second)
	l.stop()
	l.check(t)
	openRaw(t, source).Close()
}

// TestReadOnlyFile makes the SQLite file read-only before the service starts, and writable again while it runs. The service has run
// once before, since its first start creates the tables.
func TestReadOnlyFile(t *testing.T) {
	t.Parallel()
	place, nobody := placeOfNobody(t)
	path := filepath.Join(place, "todo.db")
	s := newService(t, sqliteSetting+path)
	s.as = nobody
	s.start(t)
	s.terminate(t)
	chmod(t, path, 0o444)
	s.start(t)
	l := newLoad(t, s.url(), 8, 2)
	l.mark("the file is read-only")
	l.run()
	l.awaitOutcome("503")
	checkFault(t, l, s, "readonly")

	chmod(t, path, 0o644)
	l.mark("the file can be written")
	l.awaitBack(10 * time.Second)
	l.stop()
	l.check(t)
	openRaw(t, sqliteSetting+path).Close()
}

// checkFault looks at a service that can't write: it serves reads, is ready for them, and says why it does not write.
func checkFault(t *testing.T, l *load, s *service, reason string) {
	t.Helper()
	var tasks []task
	if status, err := l.workers[0].exchange(http.MethodGet, "/api/tasks", nil, &tasks); err != nil || status != http.StatusOK {
		t.Errorf("a read: %d, %v", status, err)
	}
	if status := s.readiness(); status != http.StatusOK {
		t.Errorf("readiness: %d", status)
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for line := range strings.Lines(s.output.String()) {
			if strings.Contains(line, `"level":"ERROR"`) && strings.Contains(line, reason) {
				t.Logf("the log says: %s", line)
				return
			}
		}
	}
	t.Errorf("the log does not say %s", reason)
}

// mountDisk mounts a small disk until the test ends.
func mountDisk(t *testing.T, size string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size); err != nil {
		leaveOut(t, "a small disk can't be mounted: "+err.Error())
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

// fill writes a file until there is no room.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for err == nil {
		_, err = file.Write(make([]byte, 4<<10))
	}
	if !strings.Contains(err.Error(), syscall.ENOSPC.Error()) {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// placeOfNobody is a folder that belongs to the user nobody: file modes do not restrict root.
func placeOfNobody(t *testing.T) (place string, nobody *syscall.Credential) {
	t.Helper()
	if os.Geteuid() != 0 {
		return t.TempDir(), nil
	}
	account, err := user.Lookup("nobody")
	if err != nil {
		leaveOut(t, err.Error())
	}
	uid, _ := strconv.Atoi(account.Uid)
	gid, _ := strconv.Atoi(account.Gid)
	if place, err = os.MkdirTemp(folder, "nobody-"); err != nil { //nolint:usetesting // the folder above t.TempDir is closed to nobody
		t.Fatal(err)
	}
	if err := os.Chown(place, uid, gid); err != nil {
		t.Fatal(err)
	}
	return place, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}
