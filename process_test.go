package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// launch starts the exporter as a process of its own.
func launch(t *testing.T, stdout io.Writer, args ...string) (*exec.Cmd, *console) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	log := &console{}
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), asProgram+"=1"), stdout, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, log
}

// Hangups while the process ends reload nothing and kill nothing.
func TestHangupWhileEnding(t *testing.T) {
	cmd, log := launch(t, nil, "--demo", "--web.listen-address=127.0.0.1:0")
	log.await(t, "Listening on")
	var storm sync.WaitGroup
	ended := make(chan struct{})
	storm.Go(func() {
		for {
			select {
			case <-ended:
				return
			default:
				_ = cmd.Process.Signal(syscall.SIGHUP)
			}
		}
	})
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	close(ended)
	storm.Wait()
	if err != nil {
		t.Errorf("%v: %s", err, log)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if !strings.HasSuffix(lines[len(lines)-1], " msg=ended") {
		t.Errorf("the last line is %s", lines[len(lines)-1])
	}
	want(t, log.String(), `msg="shutting down" why="terminated signal received"`)
}

// A hangup before anything that it could reload is there changes nothing either. The program is seen to run by its log,
// while its standard output, a full pipe, keeps it from ending.
func TestHangupBeforeAnythingRuns(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	write(t, file, "accounts: [{name: a, regions: [cn-hangzhou], credentials: {type: static, access_key_id: LTAIexample, access_key_secret: s}}]\n")
	r, w := fullPipe(t)
	cmd, log := launch(t, w, "--config.check", "--config.file="+file)
	w.Close()
	log.await(t, "credentials: ")
	for range 10 {
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(r)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		t.Errorf("%v: %s", err, log)
	}
	if !bytes.HasSuffix(text, []byte("the configuration is valid\n")) {
		t.Errorf("standard output: %q", text)
	}
}

// fullPipe is a pipe that takes nothing until it is read.
func fullPipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	conn, err := w.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var full error
	if err := conn.Control(func(fd uintptr) {
		for block := make([]byte, 4096); full == nil; {
			_, full = syscall.Write(int(fd), block)
		}
	}); err != nil || !errors.Is(full, syscall.EAGAIN) {
		t.Fatal(err, full)
	}
	return r, w
}

// What ends the program is one line for each problem, in the format of the log, and nothing beside.
func TestFatalErrorsAreLogged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	write(t, file, "accounts: [{name: a, regions: [UP], page_size: 0}]")
	for _, mode := range []string{"--web.listen-address=127.0.0.1:0", "--once"} {
		cmd, log := launch(t, nil, "--config.file="+file, "--log.format=json", mode)
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%s: %v", mode, err)
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], `"level":"error","msg":"`+file+`:1: accounts[0].regions[0]: `) ||
			!strings.Contains(lines[1], "accounts[0].page_size: ") || !strings.HasPrefix(lines[1], "{") {
			t.Errorf("%s: %s", mode, log)
		}
	}
}

// The end of a running exporter says why, and last that it has ended.
func TestEndIsLogged(t *testing.T) {
	cmd, log := launch(t, nil, "--demo", "--web.listen-address=127.0.0.1:0", "--web.listen-address=192.0.2.1:1")
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v", err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	want(t, lines[len(lines)-2], "level=error", `msg="cannot serve on 192.0.2.1:1: `)
	want(t, lines[len(lines)-1], "level=info", "msg=ended")
}

// The start says what was loaded.
func TestStartIsLogged(t *testing.T) {
	e := start(t, "--demo")
	want(t, e.log.String(), `msg="configuration loaded" file=demo accounts=2 regions=7`, "msg=starting version=")
}
