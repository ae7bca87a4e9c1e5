package config

import (
	"slices"
	"strings"
	"testing"
)

// badFile is a configuration that is refused, and every line of the refusal.
type badFile struct {
	name string
	text string
	want []string
}

func badFiles(t *testing.T, files []badFile) {
	t.Helper()
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			c, err := Load(strings.NewReader(f.text), Options{})
			agree(t, f.text, err)
			if err == nil {
				t.Fatalf("loaded as %v, want an error", c)
			}
			if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, f.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(f.want, "\n  "))
			}
		})
	}
}

// with is a good account, and further lines of it.
func with(lines ...string) string {
	return "accounts:\n- name: a\n  regions: [cn-hangzhou]\n  " + strings.Join(lines, "\n  ") + "\n"
}

func withCredentials(lines ...string) string {
	return with("credentials:\n    " + strings.Join(lines, "\n    "))
}
