// Package handshake is how a test program talks with the test that started it: it prints its truth
// as one line of JSON, then READY, and waits for a command on stdin. When stdin closes it ends.
//
// Ready allocates nothing and starts nothing, so that what a test sees while the program waits is
// what the program had when it called.
package handshake

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
)

var (
	readyLine = []byte("READY\n")
	input     [256]byte
)

// Truth prints what the program knows about itself.
func Truth(value interface{}) {
	text, err := json.Marshal(value)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	text = append(text, '\n')
	Write(text)
}

// Write puts bytes on stdout by plain system calls.
func Write(text []byte) {
	for len(text) > 0 {
		n, err := syscall.Write(1, text)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			syscall.Exit(1)
		}
		text = text[n:]
	}
}

// Ready tells the test to look now and returns its next command without the line end; the bytes are
// valid until the next call. The calling thread waits in a read system call.
func Ready() []byte {
	Write(readyLine)
	for length := 0; ; length++ {
		if length == len(input) {
			syscall.Exit(1)
		}
		readByte(input[length : length+1])
		if input[length] == '\n' {
			return input[:length]
		}
	}
}

func readByte(into []byte) {
	for {
		n, err := syscall.Read(0, into)
		if n == 1 {
			return
		}
		if err != syscall.EINTR {
			syscall.Exit(0)
		}
	}
}
