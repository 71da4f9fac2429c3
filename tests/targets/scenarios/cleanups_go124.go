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
