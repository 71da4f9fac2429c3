//go:build go1.23
// +build go1.23

package main

import "iter"

func init() {
	states = append(states, func() { go pullIterator() }, func() { go rangeOverFunc() })
}

func pullIterator() {
	next, _ := iter.Pull(iter.Seq[int](func(yield func(int) bool) {
		yield(1)
		<-never
	}))
	next()
	next()
}

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func rangeOverFunc() {
	p := hold("main.rangeOverFunc", "", new(payload))
	for i := range count(3) {
		defer func() { p[i] = nil }()
		if i == 2 {
			<-never
		}
	}
}
