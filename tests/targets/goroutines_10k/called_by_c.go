//go:build cgo
// +build cgo

package main

import "C"

var (
	calledByThread    = make(chan bool)
	calledByGoroutine = make(chan func(), 1)
)

// goWaits is called by threads that C started, and by goroutines.
//
//export goWaits
func goWaits() {
	select {
	case calledByThread <- true:
	case done := <-calledByGoroutine:
		done()
	}
	<-never
}
