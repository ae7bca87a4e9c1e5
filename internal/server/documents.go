package server

import (
	"bytes"
	"html/template"
	"net/http"
	"regexp"

	"github.com/go-kit/log/level"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
)

// alertHeading is the heading of an alert. It gets an anchor in the spelling of the alert as well: the dashboard knows no other.
var alertHeading = regexp.MustCompile(`(<h2 id="[a-z]+">)(OSSVector\w+)</h2>`)

// newRunbooks renders the runbooks once. Their headings' anchors are what the alerts link to; markup in the text is left out.
func newRunbooks(markdown []byte) ([]byte, error) {
	tables := extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))
	md := goldmark.New(goldmark.WithExtensions(tables), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	var text bytes.Buffer
	if err := md.Convert(markdown, &text); err != nil {
		return nil, err
	}
	named := alertHeading.ReplaceAllString(text.String(), `$1<span id="$2">$2</span></h2>`)
	page, err := newTemplate("runbooks.html")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, template.HTML(named)) //nolint:gosec // goldmark escapes, and the text is our own
	return out.Bytes(), err
}

// showRunbooks serves docs/runbooks.md as a page, so that an alert leads to help where there is no internet.
func (s *server) showRunbooks(w http.ResponseWriter, r *http.Request) {
	if _, err := parameters(r); err != nil {
		badRequest(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(s.runbooks)
}

// showConfig serves the configuration in force as YAML that loads again, without secrets.
func (s *server) showConfig(w http.ResponseWriter, r *http.Request) {
	if _, err := parameters(r); err != nil {
		badRequest(w, err)
		return
	}
	text, err := s.ConfigYAML()
	if err != nil {
		_ = level.Error(s.Logger).Log("msg", "the configuration could not be shown", "err", err)
		http.Error(w, "the configuration could not be shown; the log says more", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(text)
}
