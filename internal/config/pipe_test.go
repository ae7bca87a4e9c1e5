package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A named pipe that nobody writes to is empty; opening it in the usual way would never return.
func TestPipeWithoutWriter(t *testing.T) {
	name := filepath.Join(t.TempDir(), "config.yml")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadFile(name, nil); err == nil || !strings.Contains(err.Error(), "the file holds no configuration") {
		t.Errorf("error %v", err)
	}
}

// The shell's <(command) is a pipe whose text comes late.
func TestPipeWithWriter(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	done := make(chan error, 1)
	go func() {
		_, err := LoadFile(fmt.Sprintf("/proc/self/fd/%d", r.Fd()), nil)
		done <- err
	}()
	_, _ = w.WriteString("accounts:\n- name: a\n")
	_, _ = w.WriteString("  regions: [cn-a-1]\n")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
