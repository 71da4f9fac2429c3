// hung_goroutines KIND leaky|healthy: goroutines that hang for ever, and their twins that wait just
// as long but for something that can still happen. The truth names the function that they wait in
// and how many of them can never run again.
package main

import (
	"fmt"
	"handshake"
	"os"
	"runtime"
	"sync"
	"time"
)

const many = 50

// scenario starts goroutines; those of the leaky one hang. What it returns is kept by main.
type scenario struct {
	function       string
	leaky, healthy func(parked func()) interface{}
}

var scenarios = map[string]scenario{
	"send":      {"main.sendResult", leakySend, healthySend},
	"receive":   {"main.receiveJob", leakyReceive, healthyReceive},
	"select":    {"main.selectEither", leakySelect, healthySelect},
	"nil":       {"main.receiveNil", leakyNil, healthyNil},
	"mutex":     {"main.lockTwice", leakyMutex, healthyMutex},
	"rwmutex":   {"main.readLocked", leakyRWMutex, healthyRWMutex},
	"cond":      {"main.waitForSignal", leakyCond, healthyCond},
	"waitgroup": {"main.waitForAll", leakyWaitGroup, healthyWaitGroup},
	"cycle":     {"main.waitForOther", leakyCycle, healthyCycle},
	"timer":     {"main.waitForTick", leakyTimer, healthyTimer},
}

var global interface{}

func main() {
	if len(os.Args) != 3 || scenarios[os.Args[1]].function == "" {
		fmt.Fprintln(os.Stderr, "usage: hung_goroutines KIND leaky|healthy")
		os.Exit(2)
	}
	chosen := scenarios[os.Args[1]]
	run, leaked := chosen.healthy, 0
	if os.Args[2] == "leaky" {
		run, leaked = chosen.leaky, many
	}
	var parked sync.WaitGroup
	parked.Add(many)
	kept := run(parked.Done)
	parked.Wait()
	waitUntilParked()
	// The last two collections drop what only this function's dead words kept.
	runtime.GC()
	runtime.GC()
	handshake.Truth(map[string]interface{}{"function": chosen.function, "leaked": leaked})
	handshake.Ready()
	runtime.KeepAlive(kept)
}

// waitUntilParked returns when no goroutine but this one can run.
func waitUntilParked() {
	text := make([]byte, 1<<20)
	for {
		all := string(text[:runtime.Stack(text, true)])
		if count(all, "[runnable") == 0 && count(all, "[running") == 1 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func count(text, part string) int {
	n := 0
	for i := 0; i+len(part) <= len(text); i++ {
		if text[i:i+len(part)] == part {
			n++
		}
	}
	return n
}
