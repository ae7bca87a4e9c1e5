package config

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestReadRegularIsBounded(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err := ReadRegular(name, 10); err != nil || string(data) != "0123456789" {
		t.Errorf("%q, %v", data, err)
	}
	if data, err := ReadRegular(name, 9); err == nil || err.Error() != "is larger than 0 KiB: is it the right one?" || data != nil {
		t.Errorf("%q, %v", data, err)
	}
}

func TestWordsForFiles(t *testing.T) {
	for want, err := range map[string]error{
		"does not exist": syscall.ENOENT,
		"may not be read by the user that the exporter runs as": &fs.PathError{Op: "open", Path: "/secret", Err: syscall.EACCES},
		"cannot be read: input/output error":                    &fs.PathError{Op: "read", Path: "/secret", Err: syscall.EIO},
	} {
		if got := inWords(err).Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A name is shown unless it may be a secret that was put where a name belongs.
func TestShownName(t *testing.T) {
	const hex = "0123456789abcdef0123456789abcdef"
	for name, want := range map[string]string{
		"/etc/ossvector_exporter/credentials/access_key_secret":              "/etc/ossvector_exporter/credentials/access_key_secret",
		"/var/lib/kubelet/pods/2f1b0c7e-6b0f-4d3c-9a51-0d6b6f1f0c11/volumes": "/var/lib/kubelet/pods/2f1b0c7e-6b0f-4d3c-9a51-0d6b6f1f0c11/volumes",
		"sts-vpc.cn-hangzhou.aliyuncs.com":                                   "sts-vpc.cn-hangzhou.aliyuncs.com",
		"/etc/" + hex + "/x":                                                 "/etc/" + hex + "/x",
		"/etc/-" + hex + ".pem":                                              "/etc/<secret>",
		"keys/LTAI5exampleA/x":                                               "keys/<secret>",
		"LTAI5exampleA":                                                      "<secret>",
		"STS.NUexampleA/more":                                                "<secret>",
		"-----BEGIN PRIVATE KEY-----":                                        "<secret>",
		"two\nlines":                                                         "<secret>",
		"\x1b[31m":                                                           "<secret>",
		strings.Repeat("a/", 128):                                            "<secret>",
	} {
		if got := ShownName(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
