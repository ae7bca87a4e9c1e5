package credentials

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// maxKeyFile bounds a key file. A security token has about 1 KiB.
const maxKeyFile = 16 << 10

// part is one of a static key's values: given inline, or in a file.
type part struct {
	name  string // the configuration's key, which errors name in place of any value
	value string
	file  string
}

// read gives the value, and the file that it is in once all links are followed.
func (p part) read() (value, file string, err error) {
	if p.file == "" {
		return p.value, "", nil
	}
	what := "the file of credentials." + p.name + "_file"
	if file, err = filepath.EvalSymlinks(p.file); err != nil {
		return "", "", unreadable(what, err)
	}
	data, err := readFile(what, file, maxKeyFile)
	if err != nil {
		return "", "", err
	}
	if len(data) == 0 {
		return "", "", problem(what + " is empty")
	}
	return string(data), file, nil
}

// keyParts is a static key of which at least one value is in a file.
type keyParts struct{ id, secret, token part }

// reading is what one look at the files gives.
type reading struct {
	key   ossvapi.Key
	files [3]string
}

func (k keyParts) readOnce() (r reading, err error) {
	if r.key.ID, r.files[0], err = k.id.read(); err != nil {
		return reading{}, err
	}
	if r.key.Secret, r.files[1], err = k.secret.read(); err != nil {
		return reading{}, err
	}
	if r.key.Token, r.files[2], err = k.token.read(); err != nil {
		return reading{}, err
	}
	return r, check(r.key)
}

// read gives the key, or why it cannot be read.
func (k keyParts) read(last ossvapi.Key) (ossvapi.Key, error) { return settled(k.readOnce, last) }

// settled looks until the files hold still. A key that was not there the last time must read the same twice, out of the
// same files, so that a swap of all files between two reads gives no id of the old key with a secret of the new one.
// Kubernetes swaps by a link to a folder that has another name each time, and takes the old folder away: a file that
// vanishes under the look is there again at the next.
func settled(readOnce func() (reading, error), last ossvapi.Key) (key ossvapi.Key, err error) {
	for range 5 {
		var first, again reading
		if first, err = readOnce(); err != nil {
			continue
		}
		if first.key == last {
			return last, nil
		}
		if again, err = readOnce(); err == nil && again == first {
			return again.key, nil
		}
	}
	if err == nil {
		err = problem("the key files keep changing while they are read")
	}
	return ossvapi.Key{}, err
}

// staticOrigin is the key that the configuration holds or names the files of.
func staticOrigin(c config.Credentials, wrap wrapper) (origin, error) {
	parts := keyParts{
		id:     part{"access_key_id", c.AccessKeyID, c.AccessKeyIDFile},
		secret: part{"access_key_secret", string(c.AccessKeySecret), c.AccessKeySecretFile},
		token:  part{"security_token", string(c.SecurityToken), c.SecurityTokenFile},
	}
	if parts.id.file == "" && parts.secret.file == "" && parts.token.file == "" {
		key := ossvapi.Key{ID: c.AccessKeyID, Secret: string(c.AccessKeySecret), Token: string(c.SecurityToken)}
		if err := check(key); err != nil {
			return origin{}, problemf("credentials of type static: %s", err)
		}
		return fixedKey(key, "the static key "+start4(key.ID)+" of the configuration", wrap), nil
	}
	o := origin{text: "the static key in the configured files" + wrap.text, hold: wrap.hold}
	o.build = func() (providers.CredentialsProvider, error) {
		return &watched[ossvapi.Key]{read: parts.read, build: func(k ossvapi.Key) (providers.CredentialsProvider, error) {
			return wrap.around(static(k))
		}}, nil
	}
	return o, nil
}

// fixedKey is a key that cannot change, or with a role on top of it the role's, which can.
func fixedKey(key ossvapi.Key, text string, wrap wrapper) origin {
	if wrap.hold == 0 {
		return origin{text: text, fixed: true, key: key}
	}
	return origin{text: text + wrap.text, hold: wrap.hold, build: func() (providers.CredentialsProvider, error) {
		return wrap.around(static(key))
	}}
}

// start4 shows the first four characters of a key's id, and nothing of one so short that this would be much of it.
func start4(id string) string {
	if len(id) < 8 {
		return "..."
	}
	return id[:4] + "..."
}

// readFile reads a regular file of at most limit bytes, less the newline at its end. Errors say what, never the name:
// a secret put where a file name belongs must not be shown.
func readFile(what, name string, limit int64) ([]byte, error) {
	// Opening a named pipe would block, so look first.
	if info, err := os.Stat(name); err != nil {
		return nil, unreadable(what, err)
	} else if !info.Mode().IsRegular() {
		return nil, problem(what + " is not a regular file")
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(what, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, unreadable(what, err)
	}
	if int64(len(data)) > limit {
		return nil, problemf("%s is larger than %d KiB: is it the right one?", what, limit>>10)
	}
	return bytes.TrimRight(data, "\r\n"), nil
}

func unreadable(what string, err error) problem {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return problem(what + " does not exist")
	case errors.Is(err, fs.ErrPermission):
		return problem(what + " may not be read by the user that the exporter runs as")
	}
	return problem(what + " cannot be read")
}
