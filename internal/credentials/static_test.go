package credentials

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	promconfig "github.com/prometheus/common/config"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

var (
	keyA = ossvapi.Key{ID: "LTAIexampleA", Secret: "secret-of-A"}
	keyB = ossvapi.Key{ID: "LTAIexampleB", Secret: "secret-of-B"}
)

func TestStaticInline(t *testing.T) {
	s := open(t, config.Credentials{
		Type: config.TypeStatic, AccessKeyID: keyA.ID, AccessKeySecret: promconfig.Secret(keyA.Secret), SecurityToken: "tok",
	}, nil)
	want := ossvapi.Key{ID: keyA.ID, Secret: keyA.Secret, Token: "tok"}
	s.wantKey(t, want)
	if got, want := s.Describe(), "the static key LTAI... of the configuration"; got != want {
		t.Errorf("Describe = %q, want %q", got, want)
	}
	if k, err := s.Renew(t.Context(), keyB); err != nil || k != want {
		t.Errorf("Renew of another key = %v, %v", k, err)
	}
	_, err := s.Renew(t.Context(), want)
	const text = "the service refused the key, and the static key LTAI... of the configuration has no other: replace it there, and reload if it " +
		"is in the configuration"
	if err == nil || err.Error() != text {
		t.Errorf("Renew = %v", err)
	}
}

func TestStaticWithoutHalfGivesNoKey(t *testing.T) {
	for name, c := range map[string]config.Credentials{
		"the access key id is empty":     {AccessKeySecret: "x"},
		"the access key secret is empty": {AccessKeyID: "LTAIexampleA"},
		"the access key id, the secret or the token has characters in it that no key has: is it one line?": {
			AccessKeyID: "LTAIexampleA", AccessKeySecret: "two\nlines"},
	} {
		c.Type = config.TypeStatic
		open(t, c, nil).wantError(t, name)
	}
	open(t, config.Credentials{Type: "magic"}, env("OSS_ACCESS_KEY_ID", "x", "OSS_ACCESS_KEY_SECRET", "x")).wantError(t,
		"credentials.type is none of default, static, oidc_role_arn, ecs_ram_role, credentials_uri")
}

// fileCredentials are static credentials in the files id, secret and, if there is one, token of dir.
func fileCredentials(dir string) config.Credentials {
	c := config.Credentials{
		Type: config.TypeStatic, AccessKeyIDFile: filepath.Join(dir, "id"), AccessKeySecretFile: filepath.Join(dir, "secret"),
	}
	if _, err := os.Stat(filepath.Join(dir, "token")); err == nil {
		c.SecurityTokenFile = filepath.Join(dir, "token")
	}
	return c
}

func TestKeyFilesAreReadAgainWhenTheyChange(t *testing.T) {
	dir := write(t, "id", keyA.ID+"\n", "secret", keyA.Secret+"\r\n")
	s := open(t, fileCredentials(dir), nil)
	s.wantKey(t, keyA)
	rewrite(t, filepath.Join(dir, "id"), keyB.ID)
	rewrite(t, filepath.Join(dir, "secret"), keyB.Secret)
	s.wantKey(t, keyB)
	if got, want := s.Describe(), "the static key in the configured files"; got != want {
		t.Errorf("Describe = %q, want %q", got, want)
	}
}

// mount lays files out as Kubernetes does in a mounted Secret: links to ..data, itself a link to one version's folder.
func mount(t *testing.T, dir, version string, key ossvapi.Key) {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(filepath.Join(dir, version), 0o700))
	rewrite(t, filepath.Join(dir, version, "id"), key.ID)
	rewrite(t, filepath.Join(dir, version, "secret"), key.Secret)
	must(os.Symlink(version, filepath.Join(dir, "..data_tmp")))
	must(os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
	for _, name := range []string{"id", "secret"} {
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
}

func TestKubernetesAtomicSwap(t *testing.T) {
	dir := t.TempDir()
	mount(t, dir, "v1", keyA)
	s := open(t, fileCredentials(dir), nil)
	s.wantKey(t, keyA)
	mount(t, dir, "v2", keyB)
	s.wantKey(t, keyB)
}

// A swap that comes between the reading of the id and of the secret must not make a key of two halves.
func TestASwapWhileReadingMixesNoKeys(t *testing.T) {
	dir := t.TempDir()
	mount(t, dir, "v0", keyA)
	s := open(t, fileCredentials(dir), nil)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			default:
				mount(t, dir, "v"+strings.Repeat("i", i%100)+"-"+strings.Repeat("j", i/100), []ossvapi.Key{keyA, keyB}[i%2])
			}
		}
	}()
	for range 500 {
		// Where every reading meets a swap, the error is right.
		if k, err := s.Key(t.Context()); err == nil && k != keyA && k != keyB {
			t.Errorf("half of one key and half of another: %v", k)
			break
		}
	}
	close(stop)
	<-done
}

// A swap takes the old folder away, so a file can vanish between the following of its links and the reading.
func TestKeyFilesAreReadUntilTheySettle(t *testing.T) {
	gone := look{err: problem("gone")}
	old, fresh := look{r: reading{key: keyA}}, look{r: reading{key: keyB}}
	mixed := look{r: reading{key: ossvapi.Key{ID: keyA.ID, Secret: keyB.Secret}}}
	// keyB is in the folder v1 and, after another swap, in v2.
	v1, v2 := look{r: reading{keyB, [3]string{"v1"}}}, look{r: reading{keyB, [3]string{"v2"}}}
	for name, c := range map[string]struct {
		looks []look
		want  ossvapi.Key
		err   string
	}{
		"no other key":                 {[]look{old}, keyA, ""},
		"another key":                  {[]look{fresh, fresh}, keyB, ""},
		"gone at the first look":       {[]look{gone, fresh, fresh}, keyB, ""},
		"gone at the second":           {[]look{fresh, gone, fresh, fresh}, keyB, ""},
		"gone, then no other key":      {[]look{gone, old}, keyA, ""},
		"half of each":                 {[]look{mixed, fresh, fresh, fresh}, keyB, ""},
		"the same out of other files":  {[]look{v1, v2, v2, v2}, keyB, ""},
		"gone for good":                {[]look{gone, gone, gone, gone, {err: problem("gone at last")}}, ossvapi.Key{}, "gone at last"},
		"gone after every first look":  {[]look{fresh, gone, fresh, gone, fresh, gone, fresh, gone, fresh, gone}, ossvapi.Key{}, "gone"},
		"another one at every look":    {[]look{v1, v2, v1, v2, v1, v2, v1, v2, v1, v2}, ossvapi.Key{}, "the key files keep changing while they are read"},
		"gone first, then ever others": {[]look{gone, v1, v2, v1, v2, v1, v2, v1, v2}, ossvapi.Key{}, "the key files keep changing while they are read"},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			got, err := settled(func() (reading, error) { n++; return c.looks[n-1].r, c.looks[n-1].err }, keyA)
			if err == nil {
				err = problem("")
			}
			if got != c.want || err.Error() != c.err || n != len(c.looks) {
				t.Errorf("%v, %v after %d looks; want %v, %s after %d", got, err, n, c.want, c.err, len(c.looks))
			}
		})
	}
}

// look is what one look at the files gives.
type look struct {
	r   reading
	err error
}

func TestAKeyFileThatCannotBeUsedIsAnErrorAndHeals(t *testing.T) {
	for why, spoil := range map[string]func(t *testing.T, name string){
		"does not exist": func(t *testing.T, name string) { remove(t, name) },
		"is empty":       func(t *testing.T, name string) { rewrite(t, name, "\n") },
		"is larger than 16 KiB: is it the right one?": func(t *testing.T, name string) {
			rewrite(t, name, strings.Repeat("x", maxKeyFile+1))
		},
		"is not a regular file": func(t *testing.T, name string) {
			remove(t, name)
			if err := syscall.Mkfifo(name, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"": func(t *testing.T, name string) { rewrite(t, name, "half\nkey: "+keyB.Secret) },
	} {
		t.Run(why, func(t *testing.T) {
			dir := write(t, "id", keyA.ID, "secret", keyA.Secret)
			s := open(t, fileCredentials(dir), nil)
			s.wantKey(t, keyA)
			name := filepath.Join(dir, "secret")
			spoil(t, name)
			want := "the file of credentials.access_key_secret_file, " + name + ", " + why
			if why == "" {
				want = "the access key id, the secret or the token has characters in it that no key has: is it one line?"
			}
			s.wantError(t, want) // the old key is not used on
			remove(t, name)
			rewrite(t, name, keyA.Secret)
			s.wantKey(t, keyA)
		})
	}
}

func TestUnreadableFiles(t *testing.T) {
	for name, want := range map[string]string{
		"":                                  "the file does not exist",
		"/none":                             "the file, /none, does not exist",
		"/none/" + strings.Repeat("01", 16): "the file, /none/<secret>, does not exist",
	} {
		if _, err := readFile("the file", name, 1); err == nil || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestRenewOfKeyFiles(t *testing.T) {
	dir := write(t, "id", keyA.ID, "secret", keyA.Secret, "token", "token-1")
	s := open(t, fileCredentials(dir), nil)
	first := s.mustKey(t)
	_, err := s.Renew(t.Context(), first)
	if err == nil || err.Error() != "the service refused the key, and the static key in the configured files has no other: "+
		"replace it there, and reload if it is in the configuration" {
		t.Fatalf("Renew with the same files: %v", err)
	}
	rewrite(t, filepath.Join(dir, "token"), "token-2")
	if k, err := s.Renew(t.Context(), first); err != nil || k.Token != "token-2" {
		t.Fatalf("Renew = %v, %v", k, err)
	}
	remove(t, filepath.Join(dir, "token"))
	if _, err := s.Renew(t.Context(), first); err == nil {
		t.Fatal("a missing file renews")
	}
	if _, err := s.Renew(canceled(t), first); err == nil {
		t.Fatal("Renew went on without its context")
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
