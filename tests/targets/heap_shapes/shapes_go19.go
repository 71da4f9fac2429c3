//go:build go1.19
// +build go1.19

package main

import "sync/atomic"

var atomicNode atomic.Pointer[node]

func init() {
	newer = append(newer, func(int) { atomicNode.Store(&node{name: "atomic"}) })
}
