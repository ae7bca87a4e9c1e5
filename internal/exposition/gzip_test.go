package exposition

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
)

func TestEveryPartOfAnAnswer(t *testing.T) {
	e := NewEncoder()
	families := mixture(t)
	for f := range formats {
		want := encode(t, f, Metrics(families))
		same(t, written(t, e, f, families), want)
		same(t, unzipped(t, e, f, families), want)
		kept := &families[0].blocks[0].kept[f].piece.deflate[0]
		same(t, unzipped(t, e, f, families), want)
		if &families[0].blocks[0].kept[f].piece.deflate[0] != kept {
			t.Error("what is kept is made again")
		}
	}
}

// A compressor takes more than a megabyte, and an answer has many pieces.
func TestCompressorsAreUsedAgain(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // which empties the pools
	e, families := NewEncoder(), mixture(t)
	unzip := func() {
		if err := e.writeGzip(io.Discard, text, families); err != nil {
			t.Fatal(err)
		}
	}
	unzip()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const answers = 20
	for range answers {
		unzip()
	}
	runtime.ReadMemStats(&after)
	// Under the race detector pools drop a quarter of what is given back.
	if each := (after.TotalAlloc - before.TotalAlloc) / answers; each > 3<<20 {
		t.Errorf("an answer allocates %d bytes", each)
	}
}

func TestSwollenBuffersAreNotKept(t *testing.T) {
	p := newPools()
	swollen := make([]byte, 0, 100*pieceSize)
	p.release(&swollen)
	if n := cap(*p.buffer()); n > 2*pieceSize {
		t.Errorf("a buffer of %d bytes", n)
	}
}

func TestNothingToAnswer(t *testing.T) {
	for _, families := range [][]*Family{nil, {gauges("a", 0, 0)}} {
		same(t, written(t, NewEncoder(), text, families), "")
		same(t, unzipped(t, NewEncoder(), text, families), "")
		same(t, unzipped(t, NewEncoder(), openMetrics, families), "# EOF\n")
	}
}

func TestSmallBlocksAreNotKept(t *testing.T) {
	f := gauges("a", minKept-1, minKept, -minKept)
	unzipped(t, NewEncoder(), text, []*Family{f})
	for i, want := range []bool{false, true, false} {
		if kept := f.blocks[i].kept[text].piece.deflate != nil; kept != want {
			t.Errorf("block %d is kept: %t, want %t", i, kept, want)
		}
	}
}

// FuzzBlocks writes families of blocks of any sizes, twice.
func FuzzBlocks(f *testing.F) {
	f.Add([]byte{0, 15, 16, 17, 255, 0, 128, 200})
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{40}, 30))
	e := NewEncoder()
	f.Fuzz(func(t *testing.T, sizes []byte) {
		var families []*Family
		for len(sizes) > 0 && len(families) < 5 {
			n := min(len(sizes), 1+int(sizes[0])%7)
			var blocks []int
			for _, size := range sizes[:n] {
				blocks = append(blocks, int(int8(size))) // the passing ones are negative
			}
			families = append(families, gauges(fmt.Sprint("metric_", len(families)), blocks...))
			sizes = sizes[n:]
		}
		for f := range formats {
			want := written(t, e, f, families)
			same(t, encode(t, f, Metrics(families)), want)
			same(t, unzipped(t, e, f, families), want)
			same(t, unzipped(t, e, f, families), want)
		}
	})
}

// Blocks are shared by the answers of several clients, some of whom are the first.
func TestManyClientsAtOnce(t *testing.T) {
	e := NewEncoder()
	families := mixture(t)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			f := format(i % int(formats))
			want := encode(t, f, Metrics(families))
			same(t, unzipped(t, e, f, families), want)
			same(t, written(t, e, f, families), want)
		})
	}
	all.Wait()
}

// brittle fails at the n-th write.
type brittle struct{ n int }

var errBroken = errors.New("broken pipe")

func (b *brittle) Write(p []byte) (int, error) {
	if b.n--; b.n < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestFailedWrites(t *testing.T) {
	e := NewEncoder()
	families := append(mixture(t), gauges("v", 3000, -3000, 8000))
	writes := map[string]func(io.Writer, format, []*Family) error{"identity": e.write, "gzip": e.writeGzip}
	for name, write := range writes {
		for f := range formats {
			failed := 0
			for ; ; failed++ {
				if err := write(&brittle{n: failed}, f, families); err == nil {
					break
				} else if !errors.Is(err, errBroken) {
					t.Fatal(err)
				}
			}
			if failed < 3 {
				t.Errorf("%s took %d writes: nothing was tried", name, failed)
			}
		}
	}
}

// A family that expfmt refuses ends the answer, and in gzip visibly.
func TestRefusedFamily(t *testing.T) {
	families := []*Family{gauges("a", 100, -5000), {name: "b", gathered: family("", "h", 1)}, gauges("c", 100)}
	var plain, zipped bytes.Buffer
	e := NewEncoder()
	if e.write(&plain, text, families) == nil || e.writeGzip(&zipped, text, families) == nil {
		t.Error("no error")
	}
	if z, err := gzip.NewReader(&zipped); err == nil {
		if _, err := io.ReadAll(z); err == nil {
			t.Error("the member is complete")
		}
	}
	if strings.Contains(plain.String(), "c{") {
		t.Error("it went on")
	}
}

// stuck is a client that never reads on.
type stuck struct {
	waiting *sync.WaitGroup
	leave   chan struct{}
	once    sync.Once
}

func (s *stuck) Write(b []byte) (int, error) {
	s.once.Do(s.waiting.Done)
	<-s.leave
	return 0, errBroken
}

// What a client costs while it does not read is a buffer or two, whatever it is to get.
func TestSlowClientsHoldNoInventory(t *testing.T) {
	const clients, most = 50, 300 << 10
	e := NewEncoder()
	families := []*Family{gauges("a", 5000, -5000, 30_000)} // 5 MB of text, and more of a registry's metrics
	for name, write := range map[string]func(io.Writer, format, []*Family) error{"identity": e.write, "gzip": e.writeGzip} {
		if err := write(io.Discard, openMetrics, families); err != nil { // what is kept is so now
			t.Fatal(err)
		}
		before := inUse()
		var waiting, all sync.WaitGroup
		leave := make(chan struct{})
		waiting.Add(clients)
		for range clients {
			all.Go(func() { _ = write(&stuck{waiting: &waiting, leave: leave}, openMetrics, families) })
		}
		waiting.Wait()
		if each := (inUse() - before) / clients; each > most {
			t.Errorf("%s: a slow client holds %d bytes", name, each)
		}
		close(leave)
		all.Wait()
	}
}

// inUse is the memory in use once all garbage is collected, pools included.
func inUse() int64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
