// goroutine_states has a goroutine in every state that seep tells apart, and with every sort of frame
// that needs care. It writes what runtime.Stack says of all of them into the file that its first
// argument names, and tells which object is held by a frame of which function.
package main

import (
	"bytes"
	"fmt"
	"handshake"
	"io/ioutil"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"
	"unsafe"
)

var stacks = make([]byte, 16<<20)

// held is an object that only a frame of the named function holds.
type held struct {
	Address  string
	Function string
	Variable string
}

var (
	heldLock sync.Mutex
	allHeld  []held
	escaped  unsafe.Pointer
)

type payload [40]*int

// hold notes that a variable of the calling function keeps the object alive.
func hold(function, variable string, object *payload) *payload {
	note(function, variable, unsafe.Pointer(object))
	return object
}

func note(function, variable string, object unsafe.Pointer) {
	escaped = object // puts it into the heap
	escaped = nil
	heldLock.Lock()
	defer heldLock.Unlock()
	allHeld = append(allHeld, held{fmt.Sprintf("%#x", uintptr(object)), function, variable})
}

// settled waits until all goroutines but this one and those that are never at rest are blocked, and
// returns the text of all stacks.
func settled() []byte {
	for {
		text := stacks[:runtime.Stack(stacks, true)]
		moving := 0
		for _, one := range bytes.Split(text, []byte("\n\n")) {
			header := string(one[:bytes.IndexByte(one, '\n')])
			restless := bytes.Contains(one, []byte("main.spin")) ||
				bytes.Contains(one, []byte("main.settled"))
			entering := strings.Contains(header, "syscall") && !bytes.Contains(one, []byte("main.inSystemCall"))
			if entering || bytes.Contains(one, []byte("main.note(")) {
				moving++ // opens its listener, or wants the lock
			}
			if !restless && (strings.Contains(header, "runnable") || strings.Contains(header, "running")) {
				moving++
			}
		}
		if moving == 0 {
			return text
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: goroutine_states FILE")
		os.Exit(2)
	}
	for _, start := range states {
		start()
	}
	for {
		if err := ioutil.WriteFile(os.Args[1], settled(), 0644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		heldLock.Lock()
		handshake.Truth(allHeld)
		heldLock.Unlock()
		if string(handshake.Ready()) == "gc" {
			runtime.GC()
		}
	}
}
