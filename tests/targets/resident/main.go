// resident MODE [MIB [LIVE_MIB]]: a process whose resident memory is mostly of one kind, known in
// bytes. The truth names the account that holds it. MIB is the size of what the mode makes, LIVE_MIB
// what lives on the heap beside it. Each command on stdin tells the truth anew.
package main

import (
	"fmt"
	"handshake"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
)

const mib = 1 << 20

// truth is what the program knows of itself at this moment.
type truth struct {
	Account string `json:"account"` // as seep names it
	Bytes   uint64 `json:"bytes"`
	// Garbage is known only where the program made some since the last collection.
	Garbage uint64 `json:"garbage"`
	Live    uint64 `json:"live"`
	// Refused: the machine does not do what the mode needs, and why.
	Refused string `json:"refused"`
}

// mode makes what it is about, of so many MiB, and returns what tells the truth of it.
type mode struct {
	make func(size int) func() truth
	size int // MiB, if none is asked for
}

var modes = map[string]mode{
	"lazy":    {givenBack, 300},
	"peak":    {keptAfterPeak, 300},
	"sparse":  {sparseSpans, 100},
	"gogc":    {garbage, 120},
	"stacks":  {deepStacks, 781}, // of 100,000 goroutines
	"huge":    {hugePages, 128},
	"mapped":  {mappedFile, 1024},
	"tmpfs":   {memoryFile, 200},
	"own":     {ownMapping, 100},
	"cgo":     {allocatedByC, 500},
	"threads": {stacksOfC, 50},
	"dead":    {deadGoroutines, 120},
	"limit":   {restless, 100},
}

// live is what stays on the heap whatever the mode.
var live [][]byte

func main() {
	if len(os.Args) < 2 || modes[os.Args[1]].make == nil {
		fmt.Fprintln(os.Stderr, "usage: resident MODE [MIB [LIVE_MIB]]")
		os.Exit(2)
	}
	chosen := modes[os.Args[1]]
	live = blocks(argument(3, 4), 64<<10)
	tell := chosen.make(argument(2, chosen.size))
	for {
		handshake.Truth(tell())
		handshake.Ready()
	}
}

func argument(index, otherwise int) int {
	if len(os.Args) <= index {
		return otherwise
	}
	value, err := strconv.Atoi(os.Args[index])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return value
}

// touch writes to each page.
func touch(memory []byte) {
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1
	}
}

// blocks are so many MiB in blocks of a size, all of their pages resident.
func blocks(size, block int) [][]byte {
	all := make([][]byte, 0, size*mib/block)
	for len(all) < cap(all) {
		memory := make([]byte, block)
		touch(memory)
		all = append(all, memory)
	}
	return all
}

func stats() runtime.MemStats {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return now
}

func collect() {
	runtime.GC()
	runtime.GC()
}

// stop keeps the collector from changing what was made.
func stop() { debug.SetGCPercent(-1) }
