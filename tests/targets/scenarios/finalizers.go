package main

import (
	"runtime"
	"sync"
)

type resource struct {
	self   *resource
	handle [4096 - 8]byte
}

const resources = 250

// finalizerCycle sets finalizers on objects that refer to themselves: they can never run.
func finalizerCycle(leaky bool) truth {
	for i := 0; i < resources; i++ {
		makeResource(leaky)
	}
	return truth{Scenario: "finalizer-cycle", Bytes: resources * 4096, Count: resources,
		Names: []string{"self"}, Type: "main.resource"}
}

//go:noinline
func makeResource(leaky bool) {
	r := &resource{}
	if leaky {
		r.self = r
	}
	runtime.SetFinalizer(r, closeResource)
}

func closeResource(r *resource) { r.self = nil }

type connection struct {
	buffer [4096]byte
}

var (
	never       sync.Mutex
	neverLocked sync.Once
	entered     = make(chan bool, 1)
)

// finalizerQueue has a finalizer that blocks, so that no other can run.
func finalizerQueue(leaky bool) truth {
	if leaky {
		neverLocked.Do(func() {
			never.Lock()
			makeBlocking()
			runtime.GC()
			<-entered
		})
	}
	for i := 0; i < resources; i++ {
		makeConnection()
	}
	runtime.GC()
	return truth{Scenario: "finalizer-cycle", Bytes: resources * 4096, Names: []string{"main.blockForEver"}}
}

//go:noinline
func makeBlocking() {
	c := &connection{}
	runtime.SetFinalizer(c, blockForEver)
}

func blockForEver(c *connection) {
	entered <- true
	never.Lock()
}

//go:noinline
func makeConnection() {
	c := &connection{}
	runtime.SetFinalizer(c, closeConnection)
}

func closeConnection(c *connection) { c.buffer[0] = 1 }
