// Command runbooks prints docs/runbooks.md as the page that the exporter serves, for `make generate`: rendered here, it costs
// the exporter no dependency and no memory.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
)

// The server fills in the style.
const (
	head = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Runbooks – OSS vector buckets</title>
<style>/*style*/</style>
</head>
<body>
<main class="text">
<p class="soft"><a href="./">OSS vector bucket exporter</a></p>
`
	foot = `</main>
</body>
</html>
`
)

// alertHeading is the heading of an alert. It gets an anchor in the spelling of the alert as well: the dashboard knows no other.
var alertHeading = regexp.MustCompile(`(<h2 id="[a-z]+">)(OSSVector\w+)</h2>`)

func main() {
	markdown, err := io.ReadAll(os.Stdin)
	if err == nil {
		var page []byte
		if page, err = render(markdown); err == nil {
			_, err = os.Stdout.Write(page)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// render makes the page. Its headings' anchors are what the alerts link to; markup in the text is left out.
func render(markdown []byte) ([]byte, error) {
	tables := extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))
	md := goldmark.New(goldmark.WithExtensions(tables), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	var text bytes.Buffer
	if err := md.Convert(markdown, &text); err != nil {
		return nil, err
	}
	named := alertHeading.ReplaceAll(text.Bytes(), []byte(`$1<span id="$2">$2</span></h2>`))
	return []byte(head + string(named) + foot), nil
}
