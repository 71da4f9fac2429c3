// scenarios NAME leaky|healthy: one classic way to leak memory each, and its twin that does the same
// work without the leak. The truth says which scenario it is, how many bytes would come back if it
// were fixed, and what names the finding must hold. Each command on stdin lets it do the same again.
package main

import (
	"fmt"
	"handshake"
	"os"
	"runtime"
	"time"
)

// truth is what a twin knows about itself.
type truth struct {
	Scenario string   `json:"scenario"` // of the finding; for the healthy twin what must be absent
	Bytes    uint64   `json:"bytes"`    // that would come back; 0: the test does not compare
	Count    int      `json:"count"`    // as the scenario counts; 0: the test does not compare
	Names    []string `json:"names"`    // must appear in the finding: fields, functions
	Type     string   `json:"type"`     // of what is held; empty: the test does not compare
	// Variables must appear too, if the program has debug information: nothing else names them.
	Variables []string `json:"variables"`
	// Collected: in this release the runtime frees what the leaky twin forgets; nothing is to be found.
	Collected bool `json:"collected"`
}

// twin does its work once a call. It is told whether it is the leaky one.
type twin func(leaky bool) truth

var twins = map[string]twin{
	"substring":       substring,
	"subslice":        subslice,
	"lost-elements":   lostElements,
	"stale-tail":      staleTail,
	"ticker":          ticker,
	"timer":           timer,
	"finalizer-cycle": finalizerCycle,
	"finalizer-queue": finalizerQueue,
	"defer-pileup":    deferPileup,
	"stuck-receivers": stuckReceivers,
	"stuck-lock":      stuckLock,
	"unread-ticker":   unreadTicker,
	"growing-map":     growingMap,
	"growing-slice":   growingSlice,
	"growing-syncmap": growingSyncMap,
	"growing-list":    growingList,
	"growing-channel": growingChannel,
	"growing-context": growingContext,
	"growing-lru":     growingLRU,
	"growing-pool":    growingPool,
	"map-not-shrunk":  mapNotShrunk,
	"growth":          goroutineGrowth,
	"growing-site":    growingSite,
	"cache-plateau":   cachePlateau,
	"warm-up":         warmUp,
	"load-once":       loadOnce,
	"idle-pool":       idlePool,
}

// sink keeps what the program has to keep for another reason than the scenario's.
var sink interface{}

func main() {
	if len(os.Args) != 3 || twins[os.Args[1]] == nil || (os.Args[2] != "leaky" && os.Args[2] != "healthy") {
		fmt.Fprintln(os.Stderr, "usage: scenarios NAME leaky|healthy")
		os.Exit(2)
	}
	run, leaky := twins[os.Args[1]], os.Args[2] == "leaky"
	for {
		known := run(leaky)
		settle()
		handshake.Truth(known)
		handshake.Ready()
	}
}

// How often the collector runs before a test looks.
var collections = 3

// settle returns when the collector has freed what is free and nothing but this goroutine runs.
func settle() {
	text := make([]byte, 1<<20)
	for contains(text[:runtime.Stack(text, true)], "[runnable") {
		time.Sleep(5 * time.Millisecond)
	}
	for i := 0; i < collections; i++ {
		runtime.GC()
	}
}

// allocated is how many bytes of heap a call takes; what it takes now and then for all is left out.
func allocated(call func()) uint64 {
	const calls, rounds = 100, 20
	least := ^uint64(0)
	var before, after runtime.MemStats
	for i := 0; i < rounds; i++ {
		runtime.ReadMemStats(&before)
		for i := 0; i < calls; i++ {
			call()
		}
		runtime.ReadMemStats(&after)
		if bytes := (after.TotalAlloc - before.TotalAlloc) / calls; bytes < least {
			least = bytes
		}
	}
	return least
}

// heapAfterCollection is how many bytes are live.
func heapAfterCollection() uint64 {
	var statistics runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&statistics)
	return statistics.HeapAlloc
}

func contains(text []byte, part string) bool {
	for i := 0; i+len(part) <= len(text); i++ {
		if string(text[i:i+len(part)]) == part {
			return true
		}
	}
	return false
}
