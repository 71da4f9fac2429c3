package main

import (
	"sync"
	"time"
)

// deadGoroutines were there all at once, and have ended: the runtime keeps their structs.
func deadGoroutines(size int) func() truth {
	count := size * mib / 400
	collect()
	before := stats().HeapAlloc
	var all sync.WaitGroup
	end := make(chan int)
	for i := 0; i < count; i++ {
		all.Add(1)
		go func() {
			<-end
			all.Done()
		}()
	}
	close(end)
	all.Wait()
	collect()
	stop()
	return func() truth { return truth{Account: "Go heap, live", Bytes: stats().HeapAlloc - before} }
}

type node struct {
	next  *node
	bytes [56]byte
}

var chain *node

// restless lets the collector look at all of a heap and find next to nothing, again and again:
// GOMEMLIMIT is to be little more than what lives.
func restless(size int) func() truth {
	for i := 0; i < size*mib/64; i++ {
		chain = &node{next: chain}
	}
	go func() {
		for {
			sink = make([]byte, slot)
		}
	}()
	var share float64
	for start := time.Now(); share < 0.3 && time.Since(start) < time.Minute; {
		time.Sleep(100 * time.Millisecond)
		share = stats().GCCPUFraction
	}
	if share < 0.3 {
		return func() truth { return truth{Refused: "the collector had it too easy"} }
	}
	return func() truth { return truth{Account: "Go heap, live", Bytes: uint64(size * mib)} }
}
