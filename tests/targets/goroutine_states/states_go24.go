//go:build go1.24
// +build go1.24

package main

import (
	"os"
	"runtime"
)

func init() { states = append(states, cleanups) }

// cleanups block the runtime's own goroutine inside a function of the program.
func cleanups() {
	started := make(chan bool, 1)
	func() {
		runtime.AddCleanup(new(payload), func(f *os.File) { started <- true; <-never }, os.Stdin)
	}()
	collectUntil(started)
}
