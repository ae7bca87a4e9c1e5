package server

import (
	"cmp"
	"slices"
)

const (
	maxProblems       = 20
	maxProblemRegions = 24
)

// problemView is one kind of failure, with the regions that show it.
type problemView struct {
	Operation, What, Advice, Class string
	Regions                        []regionRef
	More                           int
}

// regionRef points to a row. First is set where another account begins.
type regionRef struct {
	Account, Name, Anchor string
	First                 bool
}

// problems groups what fails now by its kind, so that one cause that fails many regions is one entry.
func problems(all []Region) (shown []*problemView, more int) {
	type kind struct{ operation, what, advice string }
	of := map[kind]*problemView{}
	for _, r := range all {
		for _, f := range r.Failures {
			k := kind{f.Operation, what(f), advice(f)}
			if of[k] == nil {
				of[k] = &problemView{Operation: k.operation, What: k.what, Advice: k.advice, Class: classWarn}
				shown = append(shown, of[k])
			}
			of[k].add(r)
		}
	}
	slices.SortStableFunc(shown, func(a, b *problemView) int { return cmp.Compare(a.Class, b.Class) }) // bad before warn
	more = max(0, len(shown)-maxProblems)
	return shown[:len(shown)-more], more
}

func (p *problemView) add(r Region) {
	if r.State == StateFailing {
		p.Class = classBad
	}
	n := len(p.Regions)
	if n == maxProblemRegions {
		p.More++
		return
	}
	first := n == 0 || p.Regions[n-1].Account != r.Account
	p.Regions = append(p.Regions, regionRef{r.Account, r.Name, anchor(r), first})
}
