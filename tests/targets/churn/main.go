// churn allocates and drops trees as fast as it can, so that the collector always has something to
// do: to be stopped at any instant.
package main

import (
	"handshake"
	"os"
	"runtime/debug"
)

type node struct {
	left, right *node
	value       [3]int
	label       *string
	extra       interface{}
}

var shelves [4][]*node

func tree(depth int) *node {
	n := &node{}
	if depth%3 == 0 {
		text := string(make([]byte, 20+depth))
		n.label = &text
		n.extra = [4]*node{n}
	}
	if depth > 0 {
		n.left, n.right = tree(depth-1), tree(depth-1)
	}
	return n
}

func churn(shelf int) {
	for i := 0; ; i++ {
		shelves[shelf][i%len(shelves[shelf])] = tree(8 + i%5)
	}
}

func main() {
	debug.SetGCPercent(50)
	for i := range shelves {
		shelves[i] = make([]*node, 40)
		go churn(i)
	}
	handshake.Truth(map[string]int{"pid": os.Getpid()})
	for {
		handshake.Ready()
	}
}
