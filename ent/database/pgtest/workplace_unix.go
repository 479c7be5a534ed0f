//go:build unix

package pgtest

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// workplace makes a temporary folder and says as whom to work in it: PostgreSQL and PgBouncer refuse to run as root.
// A process group of its own keeps an interrupt at the terminal from the server while tests are still using it.
func workplace() (folder string, as *syscall.SysProcAttr, err error) {
	if os.Geteuid() != 0 {
		folder, err = os.MkdirTemp("", "pgtest-")
		return folder, &syscall.SysProcAttr{Setpgid: true}, err
	}
	account, err := unprivileged()
	if err != nil {
		return "", nil, err
	}
	if folder, err = os.MkdirTemp(openToAll(os.TempDir()), "pgtest-"); err != nil {
		return "", nil, err
	}
	if err := os.Chown(folder, int(account.Uid), int(account.Gid)); err != nil {
		os.RemoveAll(folder)
		return "", nil, err
	}
	return folder, &syscall.SysProcAttr{Setpgid: true, Credential: account}, nil
}

func unprivileged() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("finding an account other than root: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("reading the id of user %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("reading the group of user %s: %w", u.Username, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// openToAll returns dir if everybody can reach it and write there, else /tmp.
func openToAll(dir string) string {
	if !permits(dir, 0o003) {
		return "/tmp"
	}
	for d := dir; d != filepath.Dir(d); d = filepath.Dir(d) {
		if !permits(filepath.Dir(d), 0o001) {
			return "/tmp"
		}
	}
	return dir
}

func permits(dir string, mode os.FileMode) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode()&mode == mode
}
