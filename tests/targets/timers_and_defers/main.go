// timers_and_defers has a timer of every sort and a goroutine in every way of having calls
// deferred, all at rest, and tells what is there.
package main

import (
	"bytes"
	"fmt"
	"handshake"
	"runtime"
	"time"
	"unsafe"
)

// timer is what the program knows of one of its timers.
type timer struct {
	Name     string
	Kind     string // channel, function, sleep, deadline
	Count    int
	Object   string // address of a time.Timer or time.Ticker; "" where the program has none
	Channel  string
	Function string // called when it is due, if that is the program's own
	// Seconds from the program's start until it is due.
	Due     float64
	Period  float64
	Stopped bool
	Waiting int  // goroutines that receive
	Full    bool // a value lies in the channel if the runtime puts it there unasked
	Garbage bool // nothing of the program refers to it
}

// deferred is how many calls of Callee a frame of Function has deferred, in a goroutine that began
// with Goroutine.
type deferred struct {
	Goroutine string
	Function  string
	Callee    string
	Count     int
}

type held struct{ Address, By string }

var truth struct {
	Timers   []timer
	Deferred []deferred
	// Held are objects that only a frame or a deferred call keeps.
	Held []held
	// Forgotten are objects that nothing keeps, but their addresses still lie where a call is going
	// to put its results.
	Forgotten []string
	// OnDemand: the runtime looks after channel timers only while somebody waits for them.
	OnDemand bool
}

func address(pointer unsafe.Pointer) string { return fmt.Sprintf("%#x", uintptr(pointer)) }

func channelOf(c <-chan time.Time) string { return address(*(*unsafe.Pointer)(unsafe.Pointer(&c))) }

// blocked counts the goroutines that wait in functions of this package.
func blocked() int {
	text := make([]byte, 1<<20)
	text = text[:runtime.Stack(text, true)]
	count := 0
	for _, one := range bytes.Split(text, []byte("\n\n")) {
		header := one[:bytes.IndexByte(one, '\n')]
		waits := bytes.Contains(header, []byte("[chan ")) || bytes.Contains(header, []byte("[select")) ||
			bytes.Contains(header, []byte("[sleep")) || bytes.Contains(header, []byte("[IO wait"))
		if waits && bytes.Contains(one, []byte("main.")) {
			count++
		}
	}
	return count
}

func main() {
	waiting := startTimers() + startDeferred()
	for blocked() < waiting || !filled() {
		time.Sleep(time.Millisecond)
	}
	change()
	for {
		handshake.Truth(truth)
		if string(handshake.Ready()) == "gc" {
			runtime.GC()
		}
	}
}
