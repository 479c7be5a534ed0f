package pgtest

import (
	"bytes"
	"context"
	_ "embed" // for guard.sh
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed guard.sh
var guard string

// kept is a file by which guard.sh knows that the folder is needed again.
const kept = "kept"

// program is a server to be run in a temporary folder.
type program struct {
	files   map[string]string // written into the folder first
	command []string
	signal  string // makes it end at once
	ready   string // stands in its log as soon as it serves
}

// process is a program that runs under guard.sh.
type process struct {
	folder string
	as     *syscall.SysProcAttr
	log    *os.File
	leash  io.Closer
	ended  chan struct{}
}

// start runs the program until it is ready. Its log is part of the error where it does not get there.
func (p program) start(ctx context.Context) (*process, error) {
	folder, as, err := workplace()
	if err != nil {
		return nil, err
	}
	return p.startIn(ctx, folder, as)
}

// startIn is start in a folder that is there already. It is removed in the end.
func (p program) startIn(ctx context.Context, folder string, as *syscall.SysProcAttr) (*process, error) {
	run := &process{folder: folder, as: as, ended: make(chan struct{})}
	if err := run.launch(p); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := run.await(ctx, p.ready); err != nil {
		return nil, errors.Join(err, run.stop())
	}
	return run, nil
}

func (p *process) launch(what program) (err error) {
	if err := what.writeFiles(p.folder); err != nil {
		return err
	}
	if p.log, err = os.OpenFile(filepath.Join(p.folder, "log"), os.O_CREATE|os.O_RDWR|os.O_TRUNC|os.O_APPEND, 0o644); err != nil {
		return err
	}
	cmd := exec.Command("sh", append([]string{"-c", guard, "guard.sh", what.signal, p.folder}, what.command...)...)
	cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = p.folder, p.as, p.log, p.log
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	if p.leash, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, p.log.Close())
	}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait()
	}()
	return nil
}

// writeFiles leaves the files readable: the folder is closed to others, and its owner need not be who writes them.
func (p program) writeFiles(folder string) error {
	for name, text := range p.files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// await asks the log rather than the port: on the port another program might answer that took it first.
func (p *process) await(ctx context.Context, ready string) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !bytes.Contains(p.logged(), []byte(ready)) {
		select {
		case <-p.ended:
			return fmt.Errorf("it ended by itself:\n%s", p.logged())
		case <-ctx.Done():
			return fmt.Errorf("it is not ready: %w:\n%s", context.Cause(ctx), p.logged())
		case <-tick.C:
		}
	}
	return nil
}

func (p *process) logged() []byte {
	text, _ := io.ReadAll(io.NewSectionReader(p.log, 0, 1<<20))
	return text
}

// keep leaves the folder behind when the program ends, for startIn.
func (p *process) keep() error { return os.WriteFile(filepath.Join(p.folder, kept), nil, 0o600) }

// stop may be called more than once.
func (p *process) stop() error {
	p.leash.Close()
	<-p.ended
	p.log.Close()
	return os.RemoveAll(p.folder)
}

// onFreePort calls start with a free port of 127.0.0.1, and with another one if somebody was faster to take it.
func onFreePort(start func(port string) (*process, error)) (p *process, port string, err error) {
	for range 3 {
		if port, err = freePort(); err != nil {
			return nil, "", err
		}
		p, err = start(port)
		if err == nil || !strings.Contains(err.Error(), "Address already in use") {
			break
		}
	}
	return p, port, err
}

// freePort returns a port that no client's connection takes while its server is down: those get theirs from 32768 on.
func freePort() (port string, err error) {
	for range 100 {
		port = strconv.Itoa(10_000 + rand.IntN(20_000))
		var l net.Listener
		if l, err = net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			return port, l.Close()
		}
	}
	return "", err
}
