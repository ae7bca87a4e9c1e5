package ossvapi

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sample is what one documented answer comes to, in the words of the table.
func sample(t *testing.T, file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := newClient(trip(func(r *http.Request) (*http.Response, error) {
		return http.ReadResponse(bufio.NewReader(bytes.NewReader(text)), r)
	}), noRenewal)
	if strings.HasPrefix(filepath.Base(file), "indexes") {
		indexes, err := c.Indexes(t.Context(), testBucket())
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, i := range indexes {
			if i.Created.IsZero() || i.Status == "" {
				t.Errorf("%s: %+v", file, i)
			}
			all = append(all, fmt.Sprint(i.Name, " ", i.Dimension))
		}
		return strings.Join(all, ", ")
	}
	for page, err := range c.Buckets(t.Context(), region, nil) {
		if err != nil {
			e := asError(t, err)
			if e.Message == "" || e.RequestID == "" {
				t.Errorf("%s: %+v", file, e)
			}
			return strings.Join([]string{string(e.Reason), fmt.Sprint(e.Status), e.Code, cmp.Or(e.EC, "-")}, " ")
		}
		var all []string
		for _, b := range page.Buckets {
			if b.Created.IsZero() || b.AccountID != "1037350000000000" {
				t.Errorf("%s: %+v", file, b)
			}
			all = append(all, b.Name+" "+b.Region)
		}
		if page.next != "" {
			all = append(all, "more")
		}
		return strings.Join(all, ", ")
	}
	return ""
}

// Every documented answer is read as its row of the table says, and every file has a row with a source and a date.
func TestDocumentedSamples(t *testing.T) {
	table, err := os.ReadFile("testdata/samples/README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `(.+)` \\| https://\\S+ \\| [0-9-]{10}(, undated)? \\| (.+) \\|$").FindAllStringSubmatch(string(table), -1)
	for _, row := range rows {
		if got := sample(t, "testdata/samples/"+row[1]); got != row[3] {
			t.Errorf("%s: %s, want %s", row[1], got, row[3])
		}
	}
	if files, err := filepath.Glob("testdata/samples/*.http"); err != nil || len(files) != len(rows) || len(rows) < 14 {
		t.Errorf("%d files, %d rows, %v", len(files), len(rows), err)
	}
}
