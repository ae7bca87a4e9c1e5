package main

import (
	"context"
	"crypto/sha256"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"ossvector_exporter/internal/config"
)

const (
	// settleTime is how long changed files must stay the same before they are believed: a writer may be halfway.
	settleTime = time.Second
	// maxWatched bounds what is read of a file to see whether it changed.
	maxWatched = 16 << 20
)

// configFile is the configuration file, with the content that was loaded last: its own, and that of the files it names.
// Files of keys are not among them, they are read again when they change.
type configFile struct {
	path   string
	mu     sync.Mutex
	loaded map[string][sha256.Size]byte // by file name
}

// load loads the file. What changes while it is read is not lost: content is noted before it is used.
func (f *configFile) load() (*config.Config, error) {
	content := contents(f.path)
	cfg, err := config.LoadFile(f.path, os.Getenv)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil { // the files that are in use stay watched
		if f.loaded == nil {
			f.loaded = map[string][sha256.Size]byte{}
		}
		maps.Copy(f.loaded, content)
		return nil, err
	}
	for _, a := range cfg.Accounts {
		maps.Copy(content, contents(a.TLSConfig.CAFile, a.TLSConfig.CertFile, a.TLSConfig.KeyFile))
	}
	f.loaded = content
	return cfg, nil
}

// contents are hashes of the files' contents; one that cannot be read counts as empty.
func contents(names ...string) map[string][sha256.Size]byte {
	all := map[string][sha256.Size]byte{}
	for _, name := range names {
		if name != "" {
			text, _ := config.ReadRegular(name, maxWatched)
			all[name] = sha256.Sum256(text)
		}
	}
	return all
}

// changed reports whether the content differs from what was loaded, as it is now and still is after the settle time.
func (f *configFile) changed(ctx context.Context, settle time.Duration) bool {
	seen, loaded := f.look()
	for !loaded {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(settle):
		}
		before := seen
		if seen, loaded = f.look(); maps.Equal(before, seen) {
			return !loaded
		}
	}
	return false
}

// look reads the files again and tells whether they are as they were loaded.
func (f *configFile) look() (now map[string][sha256.Size]byte, loaded bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now = contents(slices.Collect(maps.Keys(f.loaded))...)
	return now, maps.Equal(f.loaded, now)
}

// reloadOnChange looks at the files each interval, until the returned function is called, and reloads when they changed.
func (f *configFile) reloadOnChange(ctx context.Context, interval time.Duration, reload func() error) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if f.changed(ctx, min(settleTime, interval)) {
				_ = reload() // it logs
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}
