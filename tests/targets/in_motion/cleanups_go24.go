//go:build go1.24
// +build go1.24

package main

import "runtime"

func addCleanup(o *object, wake func()) (undo func()) {
	cleanup := runtime.AddCleanup(o, func(wake func()) { wake() }, wake)
	return cleanup.Stop
}

func init() {
	movers = append(movers,
		mover{"cleanups", func() { go setForEver(addCleanup) }},
		mover{"cleanups of garbage", func() { go dropForEver(addCleanup) }})
}
