// in_motion never lets rest what wakes its goroutines: a channel that somebody waits for is taken
// from hand to hand without end, or goroutines are woken without end, in one way for each mover.
// What wakes is in somebody's hands at each instant, so nobody who waits here hangs for ever.
package main

import (
	"fmt"
	"handshake"
	"os"
	"runtime"
	"sort"
	"sync/atomic"
	"time"
)

type mover struct {
	name string
	move func() // starts it
}

var movers = []mover{
	{"finalizers", func() { go setForEver(setFinalizer) }},
	{"finalizers of garbage", func() { go dropForEver(setFinalizer) }},
	{"objects of finalizers", func() { go dropForEver(finalizeHolder) }},
	{"go statements", func() { go byGo(channelOfWaiter()) }},
	{"deferred calls", func() { go byDefer(channelOfWaiter()) }},
	{"closures", func() { go byClosure(channelOfWaiter()) }},
	{"timers", func() { byTimer(channelOfWaiter()) }},
	{"timers that are set again", func() { byOneTimer(channelOfWaiter()) }},
	{"panics", func() { go byPanic(channelOfWaiter()) }},
	{"channels", func() { byChannel(make(chan chan bool)) }},
	{"buffered channels", func() { byChannel(make(chan chan bool, 1)) }},
	{"selects", func() { bySelect() }},
	{"atomic swaps", func() { go bySwap(channelOfWaiter()) }},
	{"maps", func() { go byMap(channelOfWaiter()) }},
	{"maps with large values", func() { go byMapOfStructs(channelOfWaiter()) }},
	{"slices that are shifted", func() { go byShift() }},
	{"slices that grow", func() { go byAppend(channelOfWaiter()) }},
	{"interfaces", func() { go byInterface(channelOfWaiter()) }},
	{"reflection", func() { go byReflection(channelOfWaiter()) }},
	{"concurrent maps", func() { go byConcurrentMap(channelOfWaiter()) }},
}

// in_motion         only says which movers there are
// in_motion NAME    one mover
func main() {
	names := []string{}
	for _, mover := range movers {
		names = append(names, mover.name)
	}
	sort.Strings(names)
	handshake.Truth(names)
	if len(os.Args) > 1 {
		move(os.Args[1])
	}
	handshake.Ready()
}

func move(name string) {
	for _, mover := range movers {
		if mover.name == name {
			mover.move()
			collectForEver()
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: in_motion [NAME]")
	os.Exit(2)
}

func collectForEver() {
	go func() {
		for {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
	}()
}

// channelOfWaiter returns the only reference to a channel that a new goroutine waits for.
//
//go:noinline
func channelOfWaiter() chan bool {
	c := make(chan bool)
	go wait(c)
	return c
}

// Goroutines that wait.
var waiting int64

//go:noinline
func wait(c chan bool) {
	atomic.AddInt64(&waiting, 1)
	<-c
	atomic.AddInt64(&waiting, -1)
}
