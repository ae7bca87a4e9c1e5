package credentials

import (
	"bytes"
	"path/filepath"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// maxKeyFile bounds a key file. A security token has about 1 KiB.
const maxKeyFile = 16 << 10

// keyParts are a static key's id, secret and token, each inline or in a file.
type keyParts [3]struct{ name, value, file string } // name is the configuration's key, which errors name in place of any value

// reading is what one look at the files finds: the key, and where it is once all links are followed.
type reading struct {
	key   ossvapi.Key
	files [3]string
}

func (k keyParts) readOnce() (reading, error) {
	var r reading
	for i, value := range []*string{&r.key.ID, &r.key.Secret, &r.key.Token} {
		if *value = k[i].value; k[i].file == "" {
			continue
		}
		r.files[i], _ = filepath.EvalSymlinks(k[i].file) // if this fails, so does the reading
		data, err := readFile("the file of credentials."+k[i].name+"_file", k[i].file, maxKeyFile)
		if err != nil {
			return reading{}, err
		}
		*value = string(data)
	}
	return r, check(r.key)
}

// read returns the key, or why it cannot be read.
func (k keyParts) read(last ossvapi.Key) (ossvapi.Key, error) { return settled(k.readOnce, last) }

// settled looks until the files do not change any more. A key that was not there the last time must read the same twice, out of the
// same files, so that a swap of all files between two reads makes no key of the old id and the new secret.
// Kubernetes swaps by a link to a folder that has another name each time, and takes the old folder away: a file that
// vanishes during one look is there again at the next.
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

// static is the key that the configuration holds or names the files of.
func (r *resolver) static() source {
	parts := keyParts{
		{"access_key_id", r.AccessKeyID, r.AccessKeyIDFile},
		{"access_key_secret", string(r.AccessKeySecret), r.AccessKeySecretFile},
		{"security_token", string(r.SecurityToken), r.SecurityTokenFile},
	}
	if parts[0].file+parts[1].file+parts[2].file == "" {
		key := ossvapi.Key{ID: parts[0].value, Secret: parts[1].value, Token: parts[2].value}
		if err := check(key); err != nil {
			return failing("the static key of the configuration", err)
		}
		return r.fixed(key, "the static key "+start4(key.ID)+" of the configuration")
	}
	s := r.source("the static key in the configured files", &reread[ossvapi.Key]{
		read:  parts.read,
		build: func(k ossvapi.Key) (provider, error) { return r.assumed(static(k)), nil },
	})
	s.look = func() error { _, err := parts.read(ossvapi.Key{}); return err }
	if r.role == nil {
		s.goodFor = 0
	}
	return s
}

// readFile reads a regular file of at most limit bytes, less the newline at its end, and takes no empty one. Errors name
// the file, unless that may be a secret put where a file name belongs.
func readFile(what, name string, limit int64) ([]byte, error) {
	data, err := config.ReadRegular(name, limit)
	if err != nil {
		return nil, fileProblem(what, name, err.Error())
	}
	if data = bytes.TrimRight(data, "\r\n"); len(data) == 0 {
		return nil, fileProblem(what, name, "is empty")
	}
	return data, nil
}

func fileProblem(what, name, why string) problem {
	if name == "" {
		return problem(what + " " + why)
	}
	return problem(what + ", " + config.ShownName(name) + ", " + why)
}
