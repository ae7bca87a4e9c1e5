package exposition

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"sync"
)

// piece is a part of a gzip member: raw deflate that ends at a byte's boundary and refers to nothing before it.
type piece struct {
	deflate []byte
	size    uint64 // of the text
	crc     uint32 // of the text
	shift   uint32 // what the text's length multiplies the checksum of what is before it by
}

// pools hold what answers need for a moment. A compressor takes more than a megabyte and is given back before anything
// is sent, so that slow clients have none.
type pools struct {
	compressors sync.Pool // of *compressor
	buffers     sync.Pool // of *[]byte
}

func newPools() *pools {
	return &pools{
		compressors: sync.Pool{New: func() any { return newCompressor() }},
		buffers: sync.Pool{New: func() any {
			b := make([]byte, 0, pieceSize+pieceSize/8)
			return &b
		}},
	}
}

func (p *pools) buffer() *[]byte {
	b, _ := p.buffers.Get().(*[]byte)
	*b = (*b)[:0]
	return b
}

// release keeps a buffer, unless a line has swollen it.
func (p *pools) release(b *[]byte) {
	if cap(*b) <= 4*pieceSize {
		p.buffers.Put(b)
	}
}

// compressor makes pieces. Speed is what counts: the next level takes several times as long for a few percent.
type compressor struct {
	flate *flate.Writer
	out   bytes.Buffer
}

func newCompressor() *compressor {
	c := &compressor{}
	c.flate, _ = flate.NewWriter(&c.out, flate.BestSpeed) // fails for unknown levels alone
	return c
}

func (p *pools) compressor() *compressor {
	c, _ := p.compressors.Get().(*compressor)
	c.out.Reset()
	c.flate.Reset(&c.out)
	return c
}

// add and finish write to memory, which does not fail.
func (c *compressor) add(text []byte) { _, _ = c.flate.Write(text) }

// finish gives the deflate of all that was added, until the compressor is used again.
func (c *compressor) finish() []byte {
	_ = c.flate.Flush()
	return c.out.Bytes()
}

// deflateBlock makes a block's piece. Its stream ends in memory, and fails as little.
func (p *pools) deflateBlock(b *Block, f format) piece {
	c := p.compressor()
	defer p.compressors.Put(c)
	var made piece
	s := newStream(p, func(text []byte) error {
		c.add(text)
		made.crc = crc32.Update(made.crc, crc32.IEEETable, text)
		made.size += uint64(len(text))
		return nil
	})
	defer s.release()
	_ = s.block(b, f)
	_ = s.flush()
	made.deflate = slices.Clip(bytes.Clone(c.finish()))
	made.shift = shiftBy(made.size)
	return made
}

// member is a single gzip member: curl and zlib stop after the first of several.
type member struct {
	to    io.Writer
	pools *pools
	out   *[]byte // compressed and not sent yet
	size  uint64  // of the text so far
	crc   uint32  // of the text so far
}

func newMember(to io.Writer, p *pools) *member {
	m := &member{to: to, pools: p, out: p.buffer()}
	*m.out = append(*m.out, 0x1f, 0x8b, 8 /* deflate */, 0, 0, 0, 0, 0, 4 /* fastest */, 255 /* of no system */)
	return m
}

// text compresses a piece of text.
func (m *member) text(b []byte) error {
	m.size += uint64(len(b))
	m.crc = crc32.Update(m.crc, crc32.IEEETable, b)
	c := m.pools.compressor()
	c.add(b)
	*m.out = append(*m.out, c.finish()...)
	m.pools.compressors.Put(c)
	if len(*m.out) < pieceSize {
		return nil
	}
	return m.send()
}

// block adds a kept block as it is: a large one, of which slow clients must have no copies, straight to the connection.
func (m *member) block(p *piece) error {
	m.size += p.size
	m.crc = combine(m.crc, p.crc, p.shift)
	if len(*m.out)+len(p.deflate) <= pieceSize {
		*m.out = append(*m.out, p.deflate...)
		return nil
	}
	if err := m.send(); err != nil {
		return err
	}
	_, err := m.to.Write(p.deflate)
	return err
}

// end closes the member. Without it a reader knows that something is missing.
func (m *member) end() error {
	*m.out = append(*m.out, 3, 0) // a final block with nothing in it
	*m.out = binary.LittleEndian.AppendUint32(*m.out, m.crc)
	*m.out = binary.LittleEndian.AppendUint32(*m.out, uint32(m.size)) //nolint:gosec // gzip's length is modulo 2^32
	return m.send()
}

func (m *member) send() error {
	_, err := m.to.Write(*m.out)
	*m.out = (*m.out)[:0]
	return err
}
