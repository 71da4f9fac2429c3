// ps_figures has goroutines that wait, goroutines that ended and are kept to be used again,
// goroutines of the runtime itself (finalizers, cleanups), and a heap that was just collected. Its
// truth is what the runtime says of them. Each command changes all figures.
package main

import (
	"handshake"
	"runtime"
	"sync"
)

const waitersARound = 300

var (
	kept  [][]byte
	never = make(chan int)
)

type holder struct{ data [64]byte }

func startAndEnd(count int) {
	var group sync.WaitGroup
	for i := 0; i < count; i++ {
		group.Add(1)
		go group.Done()
	}
	group.Wait()
}

func change() {
	for i := 0; i < waitersARound; i++ {
		go func() { <-never }()
		kept = append(kept, make([]byte, 32<<10))
	}
	startAndEnd(1000)
	object := &holder{}
	finalized := make(chan int)
	runtime.SetFinalizer(object, func(*holder) { close(finalized) })
	object = nil
	runtime.GC()
	<-finalized
	runtime.GC()
}

func main() {
	for rounds := 1; ; rounds++ {
		change()
		// A goroutine is still counted for a moment after it has said that it is done.
		for runtime.NumGoroutine() != 1+waitersARound*rounds {
			runtime.Gosched()
		}
		handshake.Truth(map[string]uint64{
			"goroutines": uint64(runtime.NumGoroutine()),
			"heap_live":  liveBytes(),
		})
		handshake.Ready()
	}
}
