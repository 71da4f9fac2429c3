// own_profiles FOLDER has allocated from several places, freed a part of it, and has goroutines that
// wait. It writes what runtime/pprof says of that to FOLDER/heap and FOLDER/goroutine, and its truth
// is the number of its goroutines.
package main

import (
	"fmt"
	"handshake"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
)

type session struct{ data [200]byte }

var (
	sessions []*session
	blocks   [][]byte
	texts    []string
	byUser   = map[int]*session{}
	never    = make(chan int)
	nothing  = make(chan int)
)

func newSession() *session { return &session{} } // small enough to be inlined

func keepSessions(count int) {
	for i := 0; i < count; i++ {
		sessions = append(sessions, newSession())
	}
}

func keepBlocks(count int) {
	for i := 0; i < count; i++ {
		blocks = append(blocks, make([]byte, 64<<10))
	}
}

func keepByUser(count int) {
	for i := 0; i < count; i++ {
		byUser[i] = newSession()
	}
}

func keepTexts(count int) {
	for i := 0; i < count; i++ {
		texts = append(texts, strings.Repeat("seep", 500))
	}
}

func waitForValue(depth int) {
	if depth == 0 {
		<-never
		return
	}
	waitForValue(depth - 1)
}

func waitForChoice() {
	select {
	case <-never:
	case <-nothing:
	}
}

func write(name string) {
	file, err := os.Create(filepath.Join(os.Args[1], name))
	if err == nil {
		err = pprof.Lookup(name).WriteTo(file, 0)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	keepSessions(40000)
	keepBlocks(300)
	keepByUser(30000)
	keepTexts(4000)
	blocks = blocks[200:]
	blocks = append([][]byte(nil), blocks...)
	for i := 0; i < 70; i++ {
		go waitForValue(3)
	}
	for i := 0; i < 30; i++ {
		go waitForValue(5)
	}
	for i := 0; i < 25; i++ {
		go waitForChoice()
	}
	for i := 0; i < 100; i++ {
		runtime.Gosched() // until they wait
	}
	// A profile shows the state of the last collection that was finished.
	runtime.GC()
	runtime.GC()
	write("heap")
	write("goroutine")
	handshake.Truth(map[string]int{"goroutines": runtime.NumGoroutine()})
	handshake.Ready()
}
