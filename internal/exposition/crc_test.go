package exposition

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
)

func FuzzCombine(f *testing.F) {
	f.Add([]byte(""), []byte(""))
	f.Add([]byte("a"), []byte(""))
	f.Add([]byte(""), []byte("a"))
	f.Add([]byte("abc"), bytes.Repeat([]byte{0, 1, 255}, 50_000))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		got := combine(crc32.ChecksumIEEE(first), crc32.ChecksumIEEE(second), shiftBy(uint64(len(second))))
		if want := crc32.ChecksumIEEE(append(bytes.Clone(first), second...)); got != want {
			t.Errorf("%d and %d bytes: %x, want %x", len(first), len(second), got, want)
		}
	})
}

// zeros is the checksum of so many zero bytes, made by doubling out of one that is computed.
func zeros(n uint64) uint32 {
	if n < 1024 {
		return crc32.ChecksumIEEE(make([]byte, n))
	}
	half := zeros(n / 2)
	sum := combine(half, half, shiftBy(n/2))
	return crc32.Update(sum, crc32.IEEETable, make([]byte, n%2))
}

func TestChecksumOfMoreThanFourGigabytes(t *testing.T) {
	const mega = 5<<20 + 3
	if got, want := zeros(mega), crc32.ChecksumIEEE(make([]byte, mega)); got != want {
		t.Fatalf("%x, want %x", got, want)
	}
	for _, n := range []uint64{1<<32 - 1, 1 << 32, 1<<32 + 1, 5<<32 + 12345} {
		// The same zeros in another order: first the rest, then 4 GiB.
		rest := n - (1<<32 - 1)
		if got, want := combine(zeros(rest), zeros(1<<32-1), shiftBy(1<<32-1)), zeros(n); got != want {
			t.Errorf("%d zeros: %x, want %x", n, got, want)
		}
		if got, want := shiftBy(n), multiply(shiftBy(n-77), shiftBy(77)); got != want {
			t.Errorf("shift of %d: %x, want %x", n, got, want)
		}
	}
}

// A block of 4 GiB cannot be made here, but what a member says of it can: gzip's length is modulo 2^32.
func TestMemberOfMoreThanFourGigabytes(t *testing.T) {
	var out bytes.Buffer
	m := newMember(&out, newPools())
	const n = 1<<32 - 2
	if err := m.block(&piece{size: n, crc: zeros(n), shift: shiftBy(n)}); err != nil {
		t.Fatal(err)
	}
	if err := m.text(make([]byte, 7)); err != nil {
		t.Fatal(err)
	}
	if err := m.end(); err != nil {
		t.Fatal(err)
	}
	trailer := out.Bytes()[out.Len()-8:]
	if size := binary.LittleEndian.Uint32(trailer[4:]); size != 5 {
		t.Errorf("length %d, want 5", size)
	}
	if sum := binary.LittleEndian.Uint32(trailer); sum != zeros(n+7) {
		t.Errorf("checksum %x, want %x", sum, zeros(n+7))
	}
}
