package main

import (
	"runtime"
	"sync"
)

type resource struct {
	part   *part
	handle *[4096]byte
}

type part struct{ owner *resource }

const resources = 250

// resourcesMade and connectionsMade count those of all commands.
var resourcesMade, connectionsMade int

// finalizerCycle sets finalizers on objects that their own parts refer to: they can never run.
func finalizerCycle(leaky bool) truth {
	for i := 0; i < resources; i++ {
		makeResource(leaky)
	}
	resourcesMade += resources
	return truth{Scenario: "finalizer-cycle", Bytes: uint64(resourcesMade) * (4096 + 16 + 8), Count: resourcesMade,
		Names: []string{"part", "main.closeResource"}, Type: "main.resource"}
}

//go:noinline
func makeResource(leaky bool) {
	r := &resource{&part{}, new([4096]byte)}
	if leaky {
		r.part.owner = r
	}
	runtime.SetFinalizer(r, closeResource)
}

func closeResource(r *resource) { r.part = nil }

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
	connectionsMade += resources
	return truth{Scenario: "finalizer-queue", Bytes: uint64(connectionsMade) * 4096, Count: connectionsMade,
		Names: []string{"main.blockForEver"}, Type: "main.connection"}
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
