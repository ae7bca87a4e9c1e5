package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// board lays rows and panels out from top to bottom and numbers them.
type board struct {
	builder *dashboard.DashboardBuilder
	row     *dashboard.RowBuilder // that the next panels go into; nil for an open one
	last    uint32                // id
	top     uint32                // line at which the panels of the row begin
	bottom  uint32                // first free line
}

// open begins a row, whose panels are shown at once.
func (b *board) open(title string) { b.builder.WithRow(b.head(title)) }

// closed begins a row whose panels are shown, and their queries run, when it is opened. It has to be the last one, and to be ended.
func (b *board) closed(title string) { b.row = b.head(title).Collapsed(true) }

func (b *board) end() { b.builder.WithRow(b.row) }

func (b *board) head(title string) *dashboard.RowBuilder {
	y := b.bottom
	b.top, b.bottom = y+1, y+1
	return dashboard.NewRowBuilder(title).Id(b.id()).GridPos(dashboard.GridPos{Y: y, W: 24, H: 1})
}

func (b *board) id() uint32 {
	b.last++
	return b.last
}

// position turns one within the row into one on the board.
func (b *board) position(pos dashboard.GridPos) dashboard.GridPos {
	pos.Y += b.top
	b.bottom = max(b.bottom, pos.Y+pos.H)
	return pos
}

func (b *board) add(p cog.Builder[dashboard.Panel]) {
	if b.row != nil {
		b.row.WithPanel(p)
		return
	}
	b.builder.WithPanel(p)
}
