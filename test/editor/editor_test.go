// Package editor tests what an editor makes of the configuration's JSON Schema, with the YAML language server that most
// editors use.
package editor

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// client speaks the Language Server Protocol over a process' standard input and output.
type client struct {
	t    *testing.T
	in   io.Writer
	out  *bufio.Reader
	last int
}

// message is what of the protocol's messages is used here.
type message struct {
	ID     any             `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  json.RawMessage `json:"error,omitempty"`
}

// start runs the language server until the test ends.
func start(t *testing.T) *client {
	t.Helper()
	server := os.Getenv("YAML_LANGUAGE_SERVER")
	if server == "" {
		t.Fatal("YAML_LANGUAGE_SERVER is not set: run this by make editor, which installs it")
	}
	cmd := exec.CommandContext(t.Context(), server, "--stdio")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	c := &client{t: t, in: in, out: bufio.NewReader(out)}
	c.call("initialize", map[string]any{"processId": os.Getpid(), "rootUri": nil, "capabilities": map[string]any{}}, nil)
	c.send(message{Method: "initialized", Params: raw(t, map[string]any{})})
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func raw(t *testing.T, v any) json.RawMessage {
	t.Helper()
	data, err := json.Marshal(v)
	must(t, err)
	return data
}

func (c *client) send(m message) {
	c.t.Helper()
	body := raw(c.t, struct {
		JSONRPC string `json:"jsonrpc"`
		message
	}{"2.0", m})
	_, err := fmt.Fprintf(c.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
	must(c.t, err)
}

func (c *client) receive() message {
	c.t.Helper()
	header, err := textproto.NewReader(c.out).ReadMIMEHeader()
	must(c.t, err)
	length, err := strconv.Atoi(header.Get("Content-Length"))
	must(c.t, err)
	body := make([]byte, length)
	_, err = io.ReadFull(c.out, body)
	must(c.t, err)
	var m message
	must(c.t, json.Unmarshal(body, &m))
	return m
}

// until reads on until a message fits, and answers what the server asks for with null.
func (c *client) until(fits func(message) bool) message {
	c.t.Helper()
	for {
		m := c.receive()
		if fits(m) {
			return m
		}
		if m.ID != nil && m.Method != "" {
			c.send(message{ID: m.ID, Result: json.RawMessage("null")})
		}
	}
}

func (c *client) call(method string, params, result any) {
	c.t.Helper()
	c.last++
	id := float64(c.last)
	c.send(message{ID: id, Method: method, Params: raw(c.t, params)})
	m := c.until(func(m message) bool { return m.ID == id && m.Method == "" })
	if m.Error != nil {
		c.t.Fatalf("%s: %s", method, m.Error)
	}
	if result != nil {
		must(c.t, json.Unmarshal(m.Result, result))
	}
}

// open opens a text as a file and returns what the editor underlines.
func (c *client) open(uri, text string) []string {
	c.t.Helper()
	c.send(message{Method: "textDocument/didOpen", Params: raw(c.t, map[string]any{
		"textDocument": map[string]any{"uri": uri, "languageId": "yaml", "version": 1, "text": text},
	})})
	var p struct {
		URI         string
		Diagnostics []struct{ Message string }
	}
	c.until(func(m message) bool {
		if m.Method != "textDocument/publishDiagnostics" {
			return false
		}
		must(c.t, json.Unmarshal(m.Params, &p))
		return p.URI == uri
	})
	var messages []string
	for _, d := range p.Diagnostics {
		messages = append(messages, d.Message)
	}
	return messages
}

// schemaLine names the schema as config.example.yml does, from anywhere.
func schemaLine(t *testing.T) string {
	t.Helper()
	schema, err := filepath.Abs("../../docs/config.schema.json")
	must(t, err)
	return "# yaml-language-server: $schema=file://" + schema + "\n"
}

func TestEditorFlagsATypo(t *testing.T) {
	c := start(t)
	bad := c.open("file:///bad.yml", schemaLine(t)+"accounts:\n- name: a\n  regoins: [cn-hangzhou]\n  page_size: 2000\n")
	for _, want := range []string{"regoins", `"regions"`, "1000"} {
		if !strings.Contains(strings.Join(bad, "\n"), want) {
			t.Errorf("nothing is said of %s: %q", want, bad)
		}
	}
	example, err := os.ReadFile("../../config.example.yml")
	must(t, err)
	text := strings.Replace(string(example), "$schema=docs/config.schema.json", "$schema="+strings.TrimSpace(strings.SplitN(schemaLine(t), "=", 2)[1]), 1)
	if good := c.open("file:///good.yml", text); len(good) > 0 {
		t.Errorf("the example is underlined: %q", good)
	}
}

func TestEditorCompletesAKey(t *testing.T) {
	c := start(t)
	const uri = "file:///new.yml"
	c.open(uri, schemaLine(t)+"accounts:\n- name: a\n  resour\n")
	var list struct {
		Items []struct {
			Label         string
			Documentation any
		}
	}
	c.call("textDocument/completion", map[string]any{
		"textDocument": map[string]any{"uri": uri}, "position": map[string]any{"line": 3, "character": 8},
	}, &list)
	i := slices.IndexFunc(list.Items, func(e struct {
		Label         string
		Documentation any
	}) bool {
		return e.Label == "resource_group_id"
	})
	if i < 0 || !strings.Contains(fmt.Sprint(list.Items[i].Documentation), "Only buckets of this resource group") {
		t.Errorf("the key is not completed, or without its meaning: %+v", list.Items)
	}
}
