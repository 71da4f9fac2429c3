//go:build go1.24
// +build go1.24

package main

import "runtime"

func init() { twins["cleanup-cycle"] = cleanupCycle }

type owner struct{ resource *resource }

// cleanupCycle gives cleanups an argument that refers to the object: they can never run.
func cleanupCycle(leaky bool) truth {
	for i := 0; i < resources; i++ {
		addCleanup(leaky)
	}
	resourcesMade += resources
	return truth{Scenario: "finalizer-cycle", Bytes: uint64(resourcesMade) * (4096 + 16 + 8 + 8), Count: resourcesMade,
		Names: []string{"cleanup", "main.addCleanup"}}
}

//go:noinline
func addCleanup(leaky bool) {
	r := &resource{&part{}, new([4096]byte)}
	if leaky {
		runtime.AddCleanup(r, func(of *owner) { of.resource.handle = nil }, &owner{r})
	} else {
		runtime.AddCleanup(r, func(handle *[4096]byte) { handle[0] = 1 }, r.handle)
	}
}

func init() { twins["cleanup-queue"] = cleanupQueue }

// cleanupQueue has cleanups that block, as many as there can be goroutines that run them.
func cleanupQueue(leaky bool) truth {
	if leaky {
		neverLocked.Do(func() {
			never.Lock()
			for i := 0; i < runtime.GOMAXPROCS(0); i++ {
				addBlocking()
			}
			runtime.GC()
			<-entered
		})
	}
	for i := 0; i < resources; i++ {
		addHandle()
	}
	runtime.GC()
	connectionsMade += resources
	return truth{Scenario: "finalizer-queue", Bytes: uint64(connectionsMade) * 4096,
		Names: []string{"main.blockCleanup"}}
}

//go:noinline
func addBlocking() { runtime.AddCleanup(&connection{}, blockCleanup, 1) }

func blockCleanup(int) {
	select {
	case entered <- true:
	default:
	}
	never.Lock()
}

//go:noinline
func addHandle() {
	handle := new([4096]byte)
	runtime.AddCleanup(&resource{&part{}, handle}, func(handle *[4096]byte) { handle[0] = 1 }, handle)
}
