// small_objects is a heap of many small objects that refer to each other, for benchmarks: nodes of
// 96 bytes in trees and lists, with strings, slices and interfaces here and there.
//
//	small_objects [-count N]    N objects, about 100 bytes each
package main

import (
	"flag"
	"handshake"
	"runtime"
)

type node struct {
	left, right *node
	next        *node
	name        string
	values      []int64
	extra       interface{}
	key         [2]uint64
}

type leaf struct {
	parent *node
	weight [8]uint64
}

var (
	roots []*node
	stats runtime.MemStats
)

func tree(depth int, previous **node, made *int) *node {
	n := &node{next: *previous}
	*previous = n
	*made++
	switch *made % 8 {
	case 0:
		n.values = make([]int64, 12)
		*made++
	case 1, 2:
		n.extra = &leaf{parent: n}
		*made++
	case 3:
		n.name = string(make([]byte, 100))
		*made++
	}
	if depth > 0 {
		n.left = tree(depth-1, previous, made)
		n.right = tree(depth-1, previous, made)
	}
	return n
}

func main() {
	count := flag.Int("count", 100000, "how many objects")
	flag.Parse()
	var previous *node
	for made := 0; made < *count; {
		roots = append(roots, tree(12, &previous, &made))
	}
	previous = nil
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	handshake.Truth(map[string]uint64{"objects": stats.HeapObjects, "bytes": stats.HeapAlloc, "collections": uint64(stats.NumGC)})
	for {
		if string(handshake.Ready()) == "gc" {
			runtime.GC()
		}
	}
}
