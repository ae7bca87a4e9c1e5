package config

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const schemaFile = "../../docs/config.schema.json"

func TestSchemaFile(t *testing.T) {
	want, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(schemaFile)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what Schema says (%v): write it anew with `make schema`", schemaFile, err)
	}
	example, err := os.ReadFile(exampleFile)
	if err != nil || !strings.Contains(string(example), "# yaml-language-server: $schema=docs/config.schema.json\n") {
		t.Errorf("config.example.yml does not name its schema: %v", err)
	}
}

// What is in force can be printed and loaded again: it means the same, but for the secrets, which are told as masked.
func TestYAMLThatLoadsAgain(t *testing.T) {
	example, err := LoadFile(exampleFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	cert, key := keyPair(t)
	dir := t.TempDir()
	rich := load(t, with("proxy_url: socks5://user:"+mark+"@proxy:1080", "labels: {team: 'yes'}", "min_interval: 3s",
		"tls_config: {cert: "+quoted(cert)+", key: "+quoted(key)+", min_version: TLS13}", "buckets: {include: ['a.*']}",
		"credentials: {type: static, access_key_id_file: id, access_key_secret: "+mark+"}")+
		"- {name: '12', regions: [cn-hangzhou], proxy_url: http://proxy, credentials: {type: credentials_uri, uri: http://h/"+mark+"}}\n"+
		"- {name: c, regions: [cn-hangzhou], credentials: {type: credentials_uri, uri: http://h}}\n", Options{Dir: dir})
	for name, c := range map[string]*Config{"the example": example, "all kinds": rich} {
		text, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if leaks(string(text)) {
			t.Errorf("%s shows a secret:\n%s", name, text)
		}
		again := load(t, string(text), Options{Dir: "/elsewhere"})
		if wantMasked := strings.Count(string(text), maskedText); len(again.Mistakes) != wantMasked || wantMasked == 0 {
			t.Errorf("%d mistakes, want %d: %q", len(again.Mistakes), wantMasked, again.Mistakes)
		}
		more, err := yaml.Marshal(again)
		if err != nil || strings.ReplaceAll(string(text), maskedText+"@", "") != string(more) {
			t.Errorf("%s becomes, printed again (%v),\n%s\nwas\n%s", name, err, more, text)
		}
	}
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, "\n", `\n`) + `"` }
