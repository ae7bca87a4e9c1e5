package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// parse turns the text into a tree. A problem without a tree is the end; with one, the tree is worth looking at for
// further problems.
func parse(data []byte) (*yaml.Node, *Problem) {
	if p := legible(data); p != nil {
		return nil, p
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, next yaml.Node
	if err := dec.Decode(&doc); err != nil {
		return nil, syntaxProblem(err)
	}
	root := doc.Content[0]
	if isNull(root) {
		return nil, syntaxProblem(io.EOF)
	}
	switch err := dec.Decode(&next); {
	case errors.Is(err, io.EOF):
		return root, nil
	case err != nil:
		return root, syntaxProblem(err)
	}
	return root, &Problem{Line: next.Line, Text: "a second document begins here, and a configuration is one document; " +
		"remove the line ---, or what follows it"}
}

// legible refuses what is no text at all before the YAML library sees it, for the sake of a message that helps.
func legible(data []byte) *Problem {
	if len(data) > maxSize {
		return &Problem{Text: fmt.Sprintf("the file is larger than %d MiB; is this the right file?", maxSize>>20)}
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return &Problem{Line: 1, Text: "the file is in UTF-16; save it as UTF-8"}
	}
	for i, r := range string(data) {
		var text string
		switch {
		case r == utf8.RuneError && !bytes.HasPrefix(data[i:], []byte(string(r))):
			text = "a byte that is not valid UTF-8; save the file as UTF-8"
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			text = fmt.Sprintf("the control character U+%04X; remove it, or save the file as UTF-8", r)
		default:
			continue
		}
		return &Problem{Line: 1 + bytes.Count(data[:i], []byte("\n")), Text: text}
	}
	return nil
}

// syntaxProblem puts an error of the YAML library into our words. The library's own are never shown: they can quote
// the file (an unknown anchor's name may be a key that begins with an asterisk).
func syntaxProblem(err error) *Problem {
	if errors.Is(err, io.EOF) {
		return &Problem{Text: "the file holds no configuration; it needs at least `accounts:` with one account " +
			"(config.example.yml shows every key)"}
	}
	p := &Problem{Text: syntaxRemedy("")}
	if le := (*yaml.LoadError)(nil); errors.As(err, &le) {
		p.Line = le.Mark.Line
		p.Text = syntaxRemedy(le.Message)
		if le.Stage == yaml.ComposerStage {
			p.Text = "not valid YAML: an alias (*name) to an anchor (&name) that is not defined above; " +
				"define it, or put a text that begins with * in quotes"
		}
	}
	return p
}

// syntaxRemedy knows the library's commonest complaints by their fixed texts.
func syntaxRemedy(message string) string {
	const intro = "not valid YAML: "
	switch message {
	case "mapping values are not allowed in this context":
		return intro + "a colon where no key can be; check the indentation, and put a text that holds `: ` in quotes"
	case "found character that cannot start any token":
		return intro + "a tab, or a text that begins with one of @ ` %; indent with spaces, and put such a text in quotes"
	case "found a tab character that violates indentation", "found a tab character where an indentation space is expected",
		"found mixed spaces and tabs in indentation":
		return intro + "a tab in the indentation; indent with spaces"
	case "found unexpected end of stream":
		return intro + "a quote that is opened here or above is never closed; close it"
	case "did not find expected ',' or ']'":
		return intro + "a list in brackets lacks a comma or its closing ]; add it"
	case "did not find expected ',' or '}'":
		return intro + "a mapping in braces lacks a comma or its closing }; add it"
	case "could not find expected ':'":
		return intro + "a key without its colon, here or in the line above; write `key: value`"
	case "did not find expected key", "did not find expected '-' indicator":
		return intro + "this line does not fit the indentation of those above; line up the keys, or the dashes, of one level"
	case "found unknown escape character":
		return intro + "an unknown escape in double quotes; use single quotes, or write \\\\ for a backslash"
	case "exceeded max depth of 10000":
		return intro + "nested too deeply; a configuration needs six levels"
	}
	return intro + "the text breaks YAML's rules in or above this line; check quotes, brackets and indentation"
}
