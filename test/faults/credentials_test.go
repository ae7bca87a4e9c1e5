package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
)

// startCredentials has an account for each row, with its key in files: NAME/id, NAME/secret, NAME/token.
func startCredentials(t *testing.T, s *suite) *exporter {
	x := &exporter{cloud: startSimulation(t), dir: t.TempDir(), keyed: map[string]*ossvtest.Account{}}
	var b strings.Builder
	fmt.Fprintf(&b, "scrape: {timeout: %s}\naccounts:\n", deadline)
	for _, r := range append(credentials(), row{id: "calm"}) {
		must(t, os.Mkdir(filepath.Join(x.dir, r.id), 0o700))
		x.keyed[r.id] = x.account(r.id)
		x.writeKey(t, r.id, key(r.id))
		fmt.Fprintf(&b, "- name: %s\n  regions: [%s]\n  endpoint: %s\n  request_timeout: 10s\n  credentials: {type: static, access_key_id_file: %[1]s/id, "+
			"access_key_secret_file: %[1]s/secret, security_token_file: %[1]s/token}\n", r.id, struck.region, x.cloud.URL)
	}
	started := s.start(t, b.String(), launch{dir: x.dir})
	started.cloud, started.keyed = x.cloud, x.keyed
	return started
}

func (x *exporter) writeKey(t *testing.T, account string, k ossvtest.Key) {
	t.Helper()
	for name, text := range map[string]string{"id": k.ID, "secret": k.Secret, "token": k.Token} {
		must(t, os.WriteFile(x.keyFile(account, name), []byte(text+"\n"), 0o600))
	}
}

func (x *exporter) keyFile(account, name string) string { return filepath.Join(x.dir, account, name) }

// replaced is the injection that puts something else in the place of a key file.
func replaced(account, name string, put func(file string) error) func(*testing.T, *exporter) func() {
	return func(t *testing.T, x *exporter) func() {
		file := x.keyFile(account, name)
		must(t, os.Remove(file))
		must(t, put(file))
		return func() {
			must(t, os.RemoveAll(file))
			x.writeKey(t, account, key(account))
		}
	}
}

func text(s string) func(string) error {
	return func(file string) error { return os.WriteFile(file, []byte(s), 0o600) }
}

// keyless is a row of a key that cannot be had: nothing is sent.
func keyless(id, name string, put func(string) error, log string) row {
	return row{id: id, strikes: []strike{{
		at: regionKey{id, struck.region}, inject: replaced(id, name, put), reason: "no_credentials", status: "none",
		errors: map[string]float64{"no_credentials": 1}, log: log,
	}}}
}

// refused is a row of a key that the service refuses.
func refused(id, code string, tries int, inject func(*testing.T, *exporter) func()) row {
	return row{id: id, strikes: []strike{{
		at: regionKey{id, struck.region}, inject: inject, reason: "invalid_credentials", code: code, status: "403", tries: tries,
	}}}
}

func credentials() []row {
	nothing := func(string) error { return nil }
	return []row{
		keyless("key-file-removed", "secret", nothing, "does not exist"),
		keyless("key-file-empty", "secret", text(""), "is empty"),
		keyless("key-file-blank", "id", text("\n\n"), "is empty"),
		keyless("key-file-directory", "secret", func(file string) error { return os.Mkdir(file, 0o700) }, "not a regular file"),
		keyless("key-file-pipe", "secret", func(file string) error { return syscall.Mkfifo(file, 0o600) }, "not a regular file"),
		keyless("key-file-huge", "secret", text(strings.Repeat(secret("huge"), 1<<10)), "larger than"),
		keyless("key-file-lines", "secret", text(secret("one")+"\n"+secret("two")), "credentials"),
		keyless("key-file-loop", "token", func(file string) error { return os.Symlink(file, file) }, "cannot be read"),
		refused("key-file-half-written", "SignatureDoesNotMatch", 1,
			replaced("key-file-half-written", "secret", text(secret("key-file-half-written")[:30]))),
		refused("key-half-rotated", "SignatureDoesNotMatch", 1, halfRotated),
		refused("key-wrong", "InvalidAccessKeyId", 1, replaced("key-wrong", "id", text("LTAIunknown"))),
		refused("key-token-wrong", "InvalidSecurityToken", 1, replaced("key-token-wrong", "token", text(secret("wrongtoken")))),
		refused("key-expired", "SecurityTokenExpired", 1, reissued("key-expired", func(k *ossvtest.Key) { k.Expires = time.Now().Add(-time.Hour) })),
		{id: "key-denied", strikes: []strike{{
			at: regionKey{"key-denied", struck.region}, reason: "access_denied", code: "AccessDenied", status: "403", tries: 1,
			inject: reissued("key-denied", func(k *ossvtest.Key) { k.Deny = []string{ossvtest.ListVectorBuckets} }),
		}}},
		refused("key-rotated-late", "InvalidAccessKeyId", 1, rotatedLate),
		{id: "key-rotated", strikes: []strike{{at: regionKey{"key-rotated", struck.region}, inject: rotated, cured: map[string]float64{}}}},
		{id: "key-rotated-while-asked", do: rotatedWhileAsked},
	}
}

// halfRotated is a new id beside the old secret, as between two writes.
func halfRotated(t *testing.T, x *exporter) func() {
	const account = "key-half-rotated"
	next := key(account + "next")
	x.keyed[account].SetKeys(key(account), next)
	must(t, os.WriteFile(x.keyFile(account, "id"), []byte(next.ID), 0o600))
	must(t, os.WriteFile(x.keyFile(account, "token"), []byte(next.Token), 0o600))
	return func() { x.writeKey(t, account, next) }
}

// reissued has the service know the key by other properties.
func reissued(account string, change func(*ossvtest.Key)) func(*testing.T, *exporter) func() {
	return func(_ *testing.T, x *exporter) func() {
		k := key(account)
		change(&k)
		x.keyed[account].SetKeys(k)
		return func() { x.keyed[account].SetKeys(key(account)) }
	}
}

// rotatedLate withdraws the old key before the files have the new one.
func rotatedLate(t *testing.T, x *exporter) func() {
	const account = "key-rotated-late"
	next := key(account + "next")
	x.keyed[account].SetKeys(next)
	return func() { x.writeKey(t, account, next) }
}

// rotated changes files and service between two scrapes.
func rotated(t *testing.T, x *exporter) func() {
	const account = "key-rotated"
	next := key(account + "next")
	x.keyed[account].SetKeys(next)
	x.writeKey(t, account, next)
	return func() {}
}

// rotatedWhileAsked swaps a folder of key files under running scrapes, as a kubelet does. Each key stays good for one more
// rotation: no scrape may fail.
func rotatedWhileAsked(t *testing.T, x *exporter) {
	const account = "key-rotated-while-asked"
	folder, last := filepath.Join(x.dir, account), key(account)
	must(t, os.Rename(folder, folder+"-0"))
	must(t, os.Symlink(folder+"-0", folder))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 20 {
			x.wantUp(t, regionKey{account, struck.region}, x.scrape(t))
		}
	}()
	for n := 1; ; n++ {
		select {
		case <-done:
			return
		default:
		}
		next := key(fmt.Sprintf("%s%d", account, n))
		x.keyed[account].SetKeys(last, next)
		must(t, os.Mkdir(fmt.Sprintf("%s-%d", folder, n), 0o700))
		x.writeKey(t, fmt.Sprintf("%s-%d", account, n), next)
		must(t, os.Symlink(fmt.Sprintf("%s-%d", folder, n), folder+"-next"))
		must(t, os.Rename(folder+"-next", folder))
		last = next
		x.scrape(t)
	}
}
