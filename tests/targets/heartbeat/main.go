// heartbeat holds a heap of the given size (MiB, first argument) and beats every millisecond: it
// measures how long it was kept from running. On each command it prints the longest gap between two
// beats since the last, in milliseconds.
package main

import (
	"handshake"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

type node struct {
	next *node
	rest [12]uint64
}

var (
	list    *node
	longest int64
	beats   int64
)

func beat() {
	runtime.LockOSThread()
	wait := syscall.NsecToTimespec(int64(time.Millisecond))
	last := time.Now()
	for {
		syscall.Nanosleep(&wait, nil)
		now := time.Now()
		gap := int64(now.Sub(last))
		last = now
		if gap > atomic.LoadInt64(&longest) {
			atomic.StoreInt64(&longest, gap)
		}
		atomic.AddInt64(&beats, 1)
	}
}

func main() {
	mebibytes := 64
	if len(os.Args) > 1 {
		mebibytes, _ = strconv.Atoi(os.Args[1])
	}
	for i := 0; i < mebibytes<<20/112; i++ {
		list = &node{next: list}
		list.rest[0] = uint64(i)
	}
	runtime.GC()
	debug.SetGCPercent(-1)
	go beat()
	for {
		// The gap that has just ended is known with the next beat.
		for seen := atomic.LoadInt64(&beats); atomic.LoadInt64(&beats) < seen+2; {
			time.Sleep(time.Millisecond)
		}
		handshake.Truth(map[string]float64{
			"longest_gap_ms": float64(atomic.SwapInt64(&longest, 0)) / 1e6,
		})
		handshake.Ready()
		if list == nil {
			os.Exit(1)
		}
	}
}
