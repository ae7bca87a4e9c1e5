package exposition

import "github.com/prometheus/common/expfmt"

// pieceSize is how much is collected before it is sent. net/http itself takes 4 KB, with a system call for each.
const pieceSize = 64 << 10

// stream takes text and passes it on in pieces.
type stream struct {
	pools  *pools
	pass   func(text []byte) error
	buffer *[]byte
}

func newStream(p *pools, pass func(text []byte) error) *stream {
	return &stream{pools: p, pass: pass, buffer: p.buffer()}
}

// release gives the buffer back; the stream is at its end.
func (s *stream) release() { s.pools.release(s.buffer) }

// flush passes on what there is.
func (s *stream) flush() error {
	if len(*s.buffer) == 0 {
		return nil
	}
	err := s.pass(*s.buffer)
	*s.buffer = (*s.buffer)[:0]
	return err
}

func (s *stream) flushIfFull() error {
	if len(*s.buffer) < pieceSize {
		return nil
	}
	return s.flush()
}

// Write implements io.Writer, for expfmt.
func (s *stream) Write(b []byte) (int, error) {
	*s.buffer = append(*s.buffer, b...)
	return len(b), s.flushIfFull()
}

// families writes everything, a block by the function given for it.
func (s *stream) families(all []*Family, f format, block func(*Block, format) error) error {
	for _, family := range all {
		if err := s.family(family, f, block); err != nil {
			return err
		}
	}
	if f == openMetrics {
		_, err := expfmt.FinalizeOpenMetrics(s)
		return err
	}
	return nil
}

func (s *stream) family(family *Family, f format, block func(*Block, format) error) error {
	if family.gathered != nil {
		return f.encode(s, family.gathered)
	}
	if family.series() == 0 {
		return nil
	}
	*s.buffer = f.appendHead(*s.buffer, family.name, family.help)
	for _, b := range family.blocks {
		if err := block(b, f); err != nil {
			return err
		}
	}
	return nil
}

// block renders every series of a block.
func (s *stream) block(b *Block, f format) error {
	for row, value := range b.rows {
		*s.buffer = b.layout.appendLine(*s.buffer, f, row, value)
		if err := s.flushIfFull(); err != nil {
			return err
		}
	}
	return nil
}
