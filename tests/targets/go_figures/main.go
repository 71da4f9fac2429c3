// go_figures brings its memory into known states, one for each command, and says what
// runtime.ReadMemStats and runtime/metrics say of it. Between that and READY it allocates nothing,
// and "again" only asks them once more: if they say the same, nothing has changed in between.
package main

import (
	"handshake"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
)

type node struct {
	next *node
	data [5]uint64
}

var (
	statistics runtime.MemStats
	output     = make([]byte, 0, 4096)
	sinceLast  uint64 // TotalAlloc at the end of the last collection
	list       *node
	blocks     [][]byte
	never      = make(chan int)
)

func figure(name string, value uint64) {
	output = append(output, ',', '"')
	output = append(output, name...)
	output = append(output, '"', ':')
	output = strconv.AppendUint(output, value, 10)
}

// The last thing that allocates is long past when MemStats are read.
func tell() {
	output = append(output[:0], "{\"\":0"...)
	figure("goroutines", uint64(runtime.NumGoroutine()))
	tellMetrics()
	runtime.ReadMemStats(&statistics)
	figure("heap_alloc", statistics.HeapAlloc)
	figure("heap_in_use", statistics.HeapInuse)
	figure("heap_idle", statistics.HeapIdle)
	figure("heap_released", statistics.HeapReleased)
	figure("stacks_in_use", statistics.StackInuse)
	figure("metadata", statistics.MSpanSys+statistics.MCacheSys+statistics.GCSys+statistics.OtherSys)
	figure("profile_buckets", statistics.BuckHashSys)
	figure("objects", statistics.HeapObjects)
	figure("collections", uint64(statistics.NumGC))
	figure("heap_goal", statistics.NextGC)
	figure("last_collection_ns", statistics.LastGC)
	figure("since_last", statistics.TotalAlloc-sinceLast)
	figure("sys", statistics.Sys)
	output = append(output, ",\"collecting_share\":"...)
	output = strconv.AppendFloat(output, statistics.GCCPUFraction, 'g', -1, 64)
	output = append(output, '}', '\n')
	handshake.Write(output)
}

func collect() {
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&statistics)
	sinceLast = statistics.TotalAlloc
}

// Objects of many size classes, some of which are garbage at once.
func grow() {
	for i := 0; i < 30000; i++ {
		list = &node{next: list}
		blocks = append(blocks, make([]byte, i%3000))
		if i%3 == 0 {
			blocks[i/3] = nil
		}
	}
	for i := 1; i <= 40; i++ {
		blocks = append(blocks, make([]byte, i*40000))
	}
	collect()
}

func startGoroutines() {
	for i := 0; i < 2000; i++ {
		go func() { <-never }()
	}
	var group sync.WaitGroup
	for i := 0; i < 3000; i++ {
		group.Add(1)
		go group.Done()
	}
	group.Wait()
	// A goroutine is still counted for a moment after it has said that it is done.
	for runtime.NumGoroutine() != 2001 {
		runtime.Gosched()
	}
	collect()
}

func free() {
	list, blocks = nil, nil
	debug.FreeOSMemory()
	collect()
}

func main() {
	warmUp()
	tell()
	for {
		switch string(handshake.Ready()) {
		case "grow":
			grow()
		case "goroutines":
			startGoroutines()
		case "free":
			free()
		case "percent":
			debug.SetGCPercent(250)
		case "churn":
			churn()
		case "end":
			os.Exit(0)
		}
		tell()
	}
}
