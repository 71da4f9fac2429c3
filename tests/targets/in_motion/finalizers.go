package main

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

type object [2]*int

// setFinalizer has wake called when the object is gone. What it returns undoes that.
func setFinalizer(o *object, wake func()) (undo func()) {
	runtime.SetFinalizer(o, func(*object) { wake() })
	return func() { runtime.SetFinalizer(o, nil) }
}

// The runtime looks for the place of a new record from the first of a span's on.
const recordsBefore = 2000

// setForEver sets a function, takes it off and sets it again. A variable has the channel while no
// function does.
func setForEver(set func(*object, func()) func()) {
	objects := make([]*object, recordsBefore)
	var undo func()
	for i := range objects {
		objects[i] = new(object)
		undo = set(objects[i], func() {})
	}
	undo()
	last := objects[recordsBefore-1]
	channel := new(chan bool)
	*channel = make(chan bool)
	go wait(*channel)
	disguised := disguise(*channel)
	for {
		undo = set(last, takeCloser(channel))
		// The function keeps the channel where it is.
		address := ^disguised
		*(*unsafe.Pointer)(unsafe.Pointer(channel)) = *(*unsafe.Pointer)(unsafe.Pointer(&address))
		undo()
		runtime.KeepAlive(objects)
	}
}

//go:noinline
func disguise(c chan bool) uintptr { return ^*(*uintptr)(unsafe.Pointer(&c)) }

// takeCloser leaves the channel to the function that closes it.
//
//go:noinline
func takeCloser(channel *chan bool) func() {
	c := *channel
	*channel = nil
	return func() { close(c) }
}

const (
	atOnce      = 64   // goroutines that wait before functions are set that wake them
	mostWaiting = 1000 // until the collector has caught up
)

// dropForEver sets functions for objects that are garbage at once.
func dropForEver(set func(*object, func()) func()) {
	var channels [atOnce]chan bool
	for {
		for i := range channels {
			channels[i] = make(chan bool)
			go wait(channels[i])
		}
		for round := 0; round < 3 || atomic.LoadInt64(&waiting) > mostWaiting; round++ {
			runtime.Gosched()
		}
		for i := range channels {
			set(new(object), takeCloser(&channels[i]))
		}
	}
}

// holder is kept for its finalizer, and what it holds with it.
type holder struct {
	room [7]int
	wake func()
	more [3]*int
}

func (h *holder) finalize() { h.wake() }

// finalizeHolder leaves wake to an object that is garbage at once.
func finalizeHolder(_ *object, wake func()) (undo func()) {
	runtime.SetFinalizer(&holder{wake: wake}, (*holder).finalize)
	return nil
}
