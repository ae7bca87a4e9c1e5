package exposition

import (
	"bytes"
	"io"
	"math"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// format is one of the two text formats. For gauges they differ in the numbers and in the HELP line.
type format int

const (
	text format = iota // 0.0.4
	openMetrics
	formats // how many there are
)

// textFormat is the format behind a negotiated content type, if it is one of the two. Names are never escaped: all of
// them are valid in every scheme.
func textFormat(accepted expfmt.Format) (f format, ok bool) {
	switch accepted.FormatType() {
	case expfmt.TypeTextPlain:
		return text, true
	case expfmt.TypeOpenMetrics:
		version := accepted.Version()
		return openMetrics, version == expfmt.OpenMetricsVersion_0_0_1 || version == expfmt.OpenMetricsVersion_1_0_0
	default:
		return 0, false
	}
}

// encode writes what a registry gathered.
func (f format) encode(w io.Writer, m *dto.MetricFamily) error {
	if f == openMetrics {
		_, err := expfmt.MetricFamilyToOpenMetrics(w, m)
		return err
	}
	_, err := expfmt.MetricFamilyToText(w, m)
	return err
}

// appendHead appends the lines before a family of gauges.
func (f format) appendHead(b []byte, name, help string) []byte {
	b = append(b, "# HELP "...)
	b = append(b, name...)
	b = append(b, ' ')
	if f == openMetrics {
		b = appendEscaped(b, help)
	} else {
		b = append(b, strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(help)...)
	}
	b = append(b, "\n# TYPE "...)
	b = append(b, name...)
	return append(b, " gauge\n"...)
}

// appendNumber appends a value; OpenMetrics shows that it is no integer.
func (f format) appendNumber(b []byte, v float64) []byte {
	switch {
	case v == 1 && f == text:
		return append(b, '1')
	case v == 1:
		return append(b, "1.0"...)
	case math.IsInf(v, 1):
		return append(b, "+Inf"...)
	case math.IsInf(v, -1):
		return append(b, "-Inf"...)
	case math.IsNaN(v):
		return append(b, "NaN"...)
	case v == 0:
		v = 0 // expfmt writes no -0
	}
	start := len(b)
	b = strconv.AppendFloat(b, v, 'g', -1, 64)
	if f == openMetrics && !bytes.ContainsAny(b[start:], "e.") {
		b = append(b, ".0"...)
	}
	return b
}

// appendEscaped appends a label's value, which hardly ever has anything to escape.
func appendEscaped(b []byte, s string) []byte {
	if strings.IndexByte(s, '\\') < 0 && strings.IndexByte(s, '"') < 0 && strings.IndexByte(s, '\n') < 0 {
		return append(b, s...)
	}
	for i := range len(s) {
		switch c := s[i]; c {
		case '\\', '"':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		default:
			b = append(b, c)
		}
	}
	return b
}
