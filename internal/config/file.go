package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// What ReadRegular fails with, besides the errors of the file system.
var (
	ErrIrregular = errors.New("not a regular file")
	ErrTooLarge  = errors.New("the file is too large")
)

// ReadRegular reads a file of at most limit bytes. It never waits: a named pipe, of which a reader gets what nobody else
// reads again, is an error, as is a device.
func ReadRegular(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, syscall.EISDIR
	case !info.Mode().IsRegular():
		return nil, ErrIrregular
	}
	f, err := openNow(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if int64(len(data)) > limit {
		return nil, ErrTooLarge
	}
	return data, err
}

// openNow does not wait: a named pipe that nobody writes to would hold up the start, the end and every later reload.
func openNow(name string) (*os.File, error) {
	return os.OpenFile(filepath.Clean(name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// secretRun is what a key's id or its secret looks like where a name belongs: an id anywhere, a secret as the last element,
// because folders may have long names.
var secretRun = regexp.MustCompile(`(?s)(?:LTAI|STS\.)[A-Za-z0-9]{8}.*|[^/]*[A-Za-z0-9+=%]{24}[^/]*$`)

// ShownName is the name of a file, a host or a profile as messages may show it: a secret that was put in its place, or a
// line that a quote that is not closed made a part of it, is not shown.
func ShownName(name string) string {
	if len(name) > 255 || strings.ContainsAny(name, " \t\r\n") {
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
