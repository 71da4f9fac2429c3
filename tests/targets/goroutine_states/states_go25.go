//go:build go1.25
// +build go1.25

package main

import (
	"os"
	"runtime"
)

func init() { states = append(states, cleanups) }

// cleanups block a goroutine of the runtime inside a function of the program. Before Go 1.25 that was
// the goroutine of the finalizers.
func cleanups() {
	started := make(chan bool, 1)
	func() {
		runtime.AddCleanup(new(payload), func(f *os.File) { started <- true; <-never }, os.Stdin)
	}()
	collectUntil(started)
}
