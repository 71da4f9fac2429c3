// known_leaks NAME leaky|healthy: ways in which programs misuse well-known packages so that memory
// stays, and twins that use them as they are meant. The truth says which known leak it is, how many
// there are, and what the finding must name. Each command on stdin lets it do the same again.
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
	Count    int      `json:"count"`    // as the finding counts
	Names    []string `json:"names"`    // must appear in the finding: the entry's id first
	// Collected: in this release the runtime frees what the leaky twin forgets; nothing is to be found.
	Collected bool `json:"collected"`
}

// twin does its work once a call. It is told whether it is the leaky one.
type twin func(leaky bool) truth

// Each file adds its own.
var twins = map[string]twin{}

func known(id string, count int, names ...string) truth {
	return truth{Scenario: "known-leak", Count: count, Names: append([]string{id}, names...)}
}

func main() {
	if len(os.Args) != 3 || twins[os.Args[1]] == nil || (os.Args[2] != "leaky" && os.Args[2] != "healthy") {
		fmt.Fprintln(os.Stderr, "usage: known_leaks NAME leaky|healthy")
		os.Exit(2)
	}
	run, leaky := twins[os.Args[1]], os.Args[2] == "leaky"
	for {
		truth := run(leaky)
		settle()
		handshake.Truth(truth)
		handshake.Ready()
	}
}

// Set where the collector would take away what the twin shows.
var collectNothing bool

// settle returns when nothing but this goroutine runs and the collector has freed what is free.
func settle() {
	text := make([]byte, 1<<20)
	for contains(text[:runtime.Stack(text, true)], "[runnable") {
		time.Sleep(5 * time.Millisecond)
	}
	for i := 0; i < 3 && !collectNothing; i++ {
		runtime.GC()
	}
}

func contains(text []byte, part string) bool {
	for i := 0; i+len(part) <= len(text); i++ {
		if string(text[i:i+len(part)]) == part {
			return true
		}
	}
	return false
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
