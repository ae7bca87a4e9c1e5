package collector

import (
	"container/list"
	"context"
	"sync"
)

// slotPool bounds the calls that an account has in flight. Each region has slots of its own, so that no region holds up
// another, and the spare ones go to whichever asks first. Calls that failed last time come after all others.
type slotPool struct {
	mu      sync.Mutex
	spare   int
	regions []*regionSlots
	tickets int // handed out
}

// regionSlots are the slots of one region in its account's pool.
type regionSlots struct {
	pool    *slotPool
	own     int // slots that no other region takes
	limit   int // the most in use at the same time, spare ones included
	used    int
	waiting [2]list.List // tickets in their order: the normal ones, then those that come last
}

// ticket is a place in the queue and, once ready is closed, a slot.
type ticket struct {
	region  *regionSlots
	queue   *list.List
	element *list.Element // in the queue
	last    bool
	number  int
	ready   chan struct{}
}

// region adds a region to the pool. It is not safe for concurrent use.
func (p *slotPool) region(own, limit int) *regionSlots {
	r := &regionSlots{pool: p, own: own, limit: limit}
	p.regions = append(p.regions, r)
	return r
}

// enqueue takes a place in the queue, at the end of all regions' normal tickets or, with last, at the end of everything.
func (r *regionSlots) enqueue(last bool) *ticket {
	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	r.pool.tickets++
	t := &ticket{region: r, queue: &r.waiting[0], last: last, number: r.pool.tickets, ready: make(chan struct{})}
	if last {
		t.queue = &r.waiting[1]
	}
	t.element = t.queue.PushBack(t)
	r.pool.grant()
	return t
}

// wait waits for the slot or the end of ctx, whose cause it returns. Without an error the ticket must be released.
func (t *ticket) wait(ctx context.Context) error {
	select {
	case <-t.ready:
		return nil
	case <-ctx.Done():
	}
	t.region.pool.mu.Lock()
	defer t.region.pool.mu.Unlock()
	select {
	case <-t.ready:
		t.region.free()
	default:
		t.queue.Remove(t.element)
	}
	return context.Cause(ctx)
}

// release gives the slot back.
func (t *ticket) release() {
	t.region.pool.mu.Lock()
	defer t.region.pool.mu.Unlock()
	t.region.free()
}

// free needs the lock.
func (r *regionSlots) free() {
	r.used--
	if r.used >= r.own {
		r.pool.spare++
	}
	r.pool.grant()
}

// grant hands out every slot that a ticket waits for. It needs the lock.
func (p *slotPool) grant() {
	for {
		var t *ticket
		for _, r := range p.regions {
			if first := r.first(); first != nil && (t == nil || first.before(t)) {
				t = first
			}
		}
		if t == nil {
			return
		}
		t.queue.Remove(t.element)
		if t.region.used >= t.region.own {
			p.spare--
		}
		t.region.used++
		close(t.ready)
	}
}

// first is the region's first ticket, or nil if none can have a slot now.
func (r *regionSlots) first() *ticket {
	if r.used >= r.limit || r.used >= r.own && r.pool.spare == 0 {
		return nil
	}
	for q := range r.waiting {
		if e := r.waiting[q].Front(); e != nil {
			return e.Value.(*ticket)
		}
	}
	return nil
}

func (t *ticket) before(other *ticket) bool {
	if t.last != other.last {
		return other.last
	}
	return t.number < other.number
}
