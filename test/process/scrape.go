package process

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Scraper reads pages of one process over one kept connection, as Prometheus does.
type Scraper struct {
	Client *http.Client
	URL    string // scheme and host
	Accept string // the formats that are asked for; empty is the text format
	Gzip   bool   // ask for a compressed answer, and throw it away undecoded where only its size counts
}

// Fetch asks for a page and gives its body as it was sent.
func (s *Scraper) Fetch(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	if s.Accept != "" {
		req.Header.Set("Accept", s.Accept)
	}
	// Set by hand, net/http leaves the body compressed.
	req.Header.Set("Accept-Encoding", "identity")
	if s.Gzip {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	resp, err := s.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s: %.300s", path, resp.Status, b)
	}
	return b, nil
}

// Samples is an exposition as a map from a series, written as it came, to its value.
type Samples map[string]float64

// Scrape asks for a page and reads it as the text format.
func (s *Scraper) Scrape(ctx context.Context, path string) (Samples, error) {
	b, err := s.Fetch(ctx, path)
	if err != nil {
		return nil, err
	}
	if s.Gzip {
		if b, err = inflate(b); err != nil {
			return nil, err
		}
	}
	return parse(b)
}

// inflate reads a single gzip member: many readers stop after the first one without an error.
func inflate(b []byte) ([]byte, error) {
	rest := bytes.NewReader(b)
	z, err := gzip.NewReader(rest)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	text, err := io.ReadAll(z)
	if err == nil && rest.Len() > 0 {
		err = fmt.Errorf("%d bytes after the gzip member", rest.Len())
	}
	return text, err
}

// parse takes a series' text for its identity: one exporter writes the same labels in the same order each time.
func parse(b []byte) (Samples, error) {
	samples := Samples{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		i := strings.LastIndexByte(line, ' ')
		if i < 0 {
			return nil, fmt.Errorf("not a sample: %q", line)
		}
		v, err := strconv.ParseFloat(line[i+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("not a sample: %q: %w", line, err)
		}
		if _, twice := samples[line[:i]]; twice {
			return nil, fmt.Errorf("series twice: %q", line)
		}
		samples[line[:i]] = v
	}
	return samples, lines.Err()
}
