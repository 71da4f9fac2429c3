// bench_heap is a program whose memory is worth measuring, for bench/: it holds what its arguments
// say, and tells what a collection of that costs itself.
//
//	bench_heap linked MEBIBYTES     objects of 112 bytes: a list both ways, and a third pointer near by
//	bench_heap scattered MEBIBYTES  the same, but the third pointer leads anywhere
//	bench_heap maps MEBIBYTES       maps from strings to small structs, a million entries each
//	bench_heap goroutines COUNT     goroutines blocked in eight ways, some calls deep
//
// Commands:
//
//	gc     collects and prints the processor time that it took: nothing else runs meanwhile
//	watch  a heartbeat every millisecond from now on
//	gap    prints the longest time between two beats since, and ends the heartbeat
package main

import (
	"fmt"
	"handshake"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench_heap:", err)
	os.Exit(1)
}

// processorTime is what all threads of the process have used so far.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func collect() {
	var stats runtime.MemStats
	before := processorTime()
	start := time.Now()
	runtime.GC()
	wall := time.Since(start)
	used := processorTime() - before
	runtime.ReadMemStats(&stats)
	handshake.Truth(map[string]float64{
		"processor_s": used.Seconds(),
		"wall_s":      wall.Seconds(),
		"objects":     float64(stats.HeapObjects),
		"bytes":       float64(stats.HeapAlloc),
	})
}

var (
	watching atomic.Bool
	longest  atomic.Int64
	ended    = make(chan struct{})
)

// beat sleeps in the kernel on a thread of its own: the runtime has no part in the gaps.
func beat() {
	runtime.LockOSThread()
	wait := syscall.NsecToTimespec(int64(time.Millisecond))
	for last := time.Now(); watching.Load(); {
		syscall.Nanosleep(&wait, nil)
		now := time.Now()
		if gap := int64(now.Sub(last)); gap > longest.Load() {
			longest.Store(gap)
		}
		last = now
	}
	ended <- struct{}{}
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: bench_heap linked|scattered|maps|goroutines AMOUNT")
		os.Exit(2)
	}
	amount, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail(err)
	}
	switch os.Args[1] {
	case "linked":
		makeLinked(amount<<20, 1000)
	case "scattered":
		makeLinked(amount<<20, amount<<20)
	case "maps":
		makeMaps(uint64(amount) << 20)
	case "goroutines":
		block(amount)
	default:
		fail(fmt.Errorf("%q is no shape", os.Args[1]))
	}
	runtime.GC()
	debug.SetGCPercent(-1)
	collect()
	for {
		switch string(handshake.Ready()) {
		case "gc":
			collect()
		case "watch":
			longest.Store(0)
			watching.Store(true)
			go beat()
		case "gap":
			watching.Store(false)
			<-ended
			handshake.Truth(map[string]float64{"longest_gap_ms": float64(longest.Load()) / 1e6})
		}
	}
}
