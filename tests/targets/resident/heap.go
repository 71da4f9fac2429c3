package main

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// peak makes a heap of so many MiB, lets it go and collects it. It returns what the heap was like at
// its height: all of it was touched.
func peak(size int) runtime.MemStats {
	all := blocks(size, 64<<10)
	top := stats()
	runtime.KeepAlive(all)
	all = nil
	collect()
	return top
}

// givenBack had a peak and has told the system that it does not need the memory. Up to Go 1.15 the
// system takes it when it likes, and all of it stays resident till then.
func givenBack(size int) func() truth {
	top := peak(size)
	debug.FreeOSMemory()
	stop()
	return func() truth {
		return truth{Account: "given back lazily", Bytes: top.HeapInuse - stats().HeapInuse}
	}
}

// keptAfterPeak had a peak, and the scavenger comes to it little by little.
func keptAfterPeak(size int) func() truth {
	top := peak(size)
	stop()
	return func() truth {
		now := stats()
		freed := top.HeapInuse - now.HeapInuse
		return truth{Account: "Go heap, free and kept", Bytes: freed - (now.HeapReleased - top.HeapReleased)}
	}
}

const slot = 1024

var kept [][]byte

// sparseSpans has one small object in each span of eight.
func sparseSpans(size int) func() truth {
	all := blocks(size, slot)
	for i := 0; i < len(all); i += 8 {
		kept = append(kept, all[i])
	}
	all = nil
	collect()
	stop()
	return func() truth {
		now := stats()
		return truth{Account: "Go heap, unused parts of spans", Bytes: now.HeapInuse - now.HeapAlloc}
	}
}

// garbage makes some after the last collection: GOGC=400 lets it be. Releases before 1.19 come to
// that goal step by step.
func garbage(size int) func() truth {
	debug.SetGCPercent(400)
	kept = blocks(size/2, slot)
	for try := 0; try < 50; try++ {
		collect()
		before := stats().NumGC
		for i := 0; i < size*mib/slot; i++ {
			memory := make([]byte, slot)
			memory[0] = 1
			sink = memory
		}
		if stats().NumGC == before {
			made := uint64(size) * mib
			return func() truth {
				return truth{Account: "Go heap, garbage", Bytes: made, Garbage: made,
					Live: uint64(len(kept)*slot) + uint64(len(live)<<16)}
			}
		}
	}
	return func() truth { return truth{Refused: "the collector always runs too early"} }
}

var sink []byte

// deepStacks are goroutines that once went deep, and wait. Each has a stack of 8 KiB since.
func deepStacks(size int) func() truth {
	stop()
	never := make(chan int)
	var deep sync.WaitGroup
	for i := 0; i < size*mib/8192; i++ {
		deep.Add(1)
		go func() {
			descend(40)
			deep.Done()
			<-never
		}()
	}
	deep.Wait()
	return func() truth { return truth{Account: "goroutine stacks", Bytes: stats().StackInuse} }
}

//go:noinline
func descend(depth int) int {
	var frame [64]byte
	frame[depth] = byte(depth)
	if depth == 0 {
		return 0
	}
	return descend(depth-1) + int(frame[depth])
}
