//go:build go1.23
// +build go1.23

package main

func init() {
	more = append(more, startInIterator)
	expect("main.startInIterator", "main.inIterator", "main.first", 1)
	expect("main.startInIterator", "main.inIterator", "main.second", 3)
	expect("main.startInIterator", "main.inIterator", "main.third", 1)
}

func three(yield func(int) bool) {
	for i := 0; i < 3; i++ {
		if !yield(i) {
			return
		}
	}
}

// inIterator defers in a loop over a function: such calls are kept aside until it ends.
//
//go:noinline
func inIterator() {
	defer first()
	for range three {
		defer second()
	}
	for range three {
		defer third()
		if sink >= 0 {
			block()
		}
	}
}

func startInIterator() { inIterator() }
