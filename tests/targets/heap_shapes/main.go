// heap_shapes fills its heap with everything that a Go heap can hold, so that what seep reads can be
// compared with what the runtime says of itself at the same point.
//
//	heap_shapes [-scale N] [-clean=false] DUMPFILE
//
// At READY the heap is quiet: nothing allocates, collects or sweeps until the next command. With
// -clean the program has just collected; without, garbage and unswept spans remain. Commands:
//
//	dump   writes runtime/debug.WriteHeapDump to DUMPFILE as of READY, then READY
//	churn  allocates and collects all the time from now on, also while it is READY
//	gc     collects twice and runs finalizers, then writes DUMPFILE: what the runtime keeps
package main

import (
	"flag"
	"fmt"
	"handshake"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

var (
	stats    runtime.MemStats
	truth    [4096]byte
	dumpFile *os.File
)

// printTruth writes the figures of MemStats without allocating.
func printTruth() {
	runtime.ReadMemStats(&stats)
	line := truth[:0]
	line = append(line, `{"heap_alloc":`...)
	line = strconv.AppendUint(line, stats.HeapAlloc, 10)
	line = append(line, `,"mallocs":`...)
	line = strconv.AppendUint(line, stats.Mallocs, 10)
	line = append(line, `,"frees":`...)
	line = strconv.AppendUint(line, stats.Frees, 10)
	line = append(line, `,"heap_objects":`...)
	line = strconv.AppendUint(line, stats.HeapObjects, 10)
	line = append(line, `,"heap_inuse":`...)
	line = strconv.AppendUint(line, stats.HeapInuse, 10)
	line = append(line, `,"num_gc":`...)
	line = strconv.AppendUint(line, uint64(stats.NumGC), 10)
	line = append(line, "}\n"...)
	handshake.Write(line)
}

// settle collects until no finalizer or cleanup is left to run: one that ran may have let another
// object go.
func settle() {
	for last := int64(-1); last != atomic.LoadInt64(&finalizersRun); {
		last = atomic.LoadInt64(&finalizersRun)
		for i := 0; i < 3; i++ {
			runtime.GC()
			time.Sleep(20 * time.Millisecond)
		}
	}
	runtime.GC()
}

// rest waits until nothing allocates any more: a goroutine of the runtime may still be at work.
func rest() {
	for {
		runtime.ReadMemStats(&stats)
		before := stats.Mallocs
		time.Sleep(20 * time.Millisecond)
		runtime.ReadMemStats(&stats)
		if stats.Mallocs == before {
			return
		}
	}
}

// churn makes garbage of all kinds for ever.
func churn(scale int) {
	debug.SetGCPercent(20)
	for {
		makeGarbage(scale)
	}
}

func main() {
	scale := flag.Int("scale", 10, "how much of everything")
	clean := flag.Bool("clean", true, "collect before READY")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: heap_shapes [-scale N] [-clean=false] DUMPFILE")
		os.Exit(2)
	}
	var err error
	if dumpFile, err = os.Create(flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fd := dumpFile.Fd()

	release := make(chan struct{})
	var ready sync.WaitGroup
	for i := 0; i < 20; i++ {
		ready.Add(1)
		go hold(release, &ready)
	}
	ready.Wait()
	makeAll(*scale)
	makeGarbage(*scale)
	settle()
	debug.SetGCPercent(-1)
	if !*clean {
		debug.SetGCPercent(20)
		for i := 0; i < 3; i++ {
			makeGarbage(*scale)
		}
		debug.SetGCPercent(-1)
		makeGarbage(1)
	}
	rest()
	for {
		printTruth()
		switch string(handshake.Ready()) {
		case "dump":
			rewind(fd)
			debug.WriteHeapDump(fd)
		case "gc":
			settle()
			rewind(fd)
			debug.WriteHeapDump(fd)
		case "churn":
			go churn(*scale)
		}
	}
}
