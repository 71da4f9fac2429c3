//go:build go1.18
// +build go1.18

package main

import "fmt"

type pair[K comparable, V any] struct {
	key   K
	value V
	next  *pair[K, V]
}

var (
	generics    *pair[string, *node]
	genericInts *pair[int, []int]
)

func init() { newer = append(newer, makeGenerics) }

func makeGenerics(scale int) {
	for i := 0; i < 100*scale; i++ {
		generics = &pair[string, *node]{fmt.Sprint(i), &node{}, generics}
		genericInts = &pair[int, []int]{i, make([]int, i%20), genericInts}
	}
}
