package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestMessagesArePrinted(t *testing.T) {
	var out bytes.Buffer
	p := &printer{out: &out}
	post := func(body string) int {
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
		return w.Code
	}
	if got := post(`{"channel": "#pager", "attachments": [{"title": "[FIRING] a", "text": "b\nc"}], "text": ""}`); got != http.StatusOK {
		t.Errorf("a message: status %d", got)
	}
	if got := post("not JSON"); got != http.StatusBadRequest {
		t.Errorf("no message: status %d", got)
	}
	if got, want := out.String(), "\n#pager\n[FIRING] a\nb\nc\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}
