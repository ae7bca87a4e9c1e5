package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"unicode"
)

// ReadRegular reads a file of at most limit bytes. It never waits: a named pipe, of which a reader gets what nobody else
// reads again, is an error, as is a device. Errors say in words what is wrong with the file, and do not name it.
func ReadRegular(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, inWords(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a regular file")
	}
	f, err := openNow(name)
	if err != nil {
		return nil, inWords(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return nil, inWords(err)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("is larger than %d KiB: is it the right one?", limit>>10)
	}
	return data, nil
}

func inWords(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("does not exist")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("may not be read by the user that the exporter runs as")
	}
	return fmt.Errorf("cannot be read: %w", cause(err))
}

// openNow does not wait: a named pipe without a writer would block startup, shutdown and every later reload.
func openNow(name string) (*os.File, error) {
	return os.OpenFile(filepath.Clean(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// secretRun is what a key's id or its secret looks like where a name belongs: an id anywhere, a secret as the last element,
// because folders may have long names.
var secretRun = regexp.MustCompile(`(?s)(?:LTAI|STS\.)[A-Za-z0-9]{8}.*|[^/]*[A-Za-z0-9+=%]{24}[^/]*$`)

// ShownName is the name of a file, a host or a profile as messages may show it: a secret that was put in its place, or a
// line that a quote that is not closed made a part of it, is not shown.
func ShownName(name string) string {
	if len(name) > 255 || strings.ContainsFunc(name, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }) {
		return maskedText
	}
	return secretRun.ReplaceAllString(name, maskedText)
}

// cause strips the file's name, which the message begins with anyway.
func cause(err error) error {
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
