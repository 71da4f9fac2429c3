//go:build go1.14
// +build go1.14

package main

import (
	"runtime"
	"sync/atomic"
)

// Loops without calls: before Go 1.14 nothing could stop them.
func init() {
	states = append(states,
		func() { go spin(1) },
		func() { go spin(2) },
		func() { go spinInCallee(hold("main.spinInCallee", "p", new(payload))) })
}

var stop int32

func spin(n int) {
	p := hold("main.spin", "p", new(payload))
	for atomic.LoadInt32(&stop) == 0 {
		n++
	}
	p[0] = &n
}

// spinInCallee is a calling frame of a goroutine that is stopped anywhere.
//
//go:noinline
func spinInCallee(p *payload) {
	spinIn(3)
	runtime.KeepAlive(p)
}

//go:noinline
func spinIn(n int) {
	for atomic.LoadInt32(&stop) == 0 {
		n += spinLeaf(n)
	}
}

//go:noinline
func spinLeaf(n int) int { return n ^ 5 }
