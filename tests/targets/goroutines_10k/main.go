// goroutines_10k parks 10,000 goroutines (or as many as its first argument says) in every way that
// Go has, and writes what runtime.Stack says of all of them into the file that its second argument
// names. (runtime.Stack leaves the runtime's own frames and goroutines out.)
//
// Commands: "again" writes the file anew.
package main

import (
	"bytes"
	"fmt"
	"handshake"
	"io/ioutil"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

var stacks = make([]byte, 64<<20)

// allParked waits until no goroutine but this one can run, and returns the length of the text of all
// stacks as of then.
func allParked() int {
	for {
		n := runtime.Stack(stacks, true)
		if n == len(stacks) {
			fmt.Fprintln(os.Stderr, "the stacks do not fit their buffer")
			os.Exit(1)
		}
		text := stacks[:n]
		if bytes.Count(text, []byte("[runnable")) == 0 && bytes.Count(text, []byte("[running")) == 1 {
			return n
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: goroutines_10k COUNT FILE")
		os.Exit(2)
	}
	count, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	var started sync.WaitGroup
	for i := 0; i < count; i++ {
		started.Add(1)
		startOne(i, started.Done)
	}
	started.Wait()
	for {
		n := allParked()
		if err := ioutil.WriteFile(os.Args[2], stacks[:n], 0644); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		handshake.Truth(map[string]int{"goroutines": runtime.NumGoroutine()})
		handshake.Ready()
	}
}
