package main

import (
	"os"
	"time"
)

const opened, textBytes = 400, 32 << 10

type scanned struct {
	file *os.File
	text []byte
}

func scan() *scanned {
	file, err := os.Open("/dev/null")
	if err != nil {
		panic(err)
	}
	return &scanned{file, make([]byte, textBytes)}
}

func (s *scanned) close() {
	s.file.Close()
	s.text = nil
}

var scanning bool

// deferPileup opens files in a loop and closes them all when the function returns, which it does not.
func deferPileup(leaky bool) truth {
	if !scanning {
		scanning = true
		ready := make(chan bool)
		if leaky {
			go scanAll(ready)
		} else {
			go scanEach(ready)
		}
		<-ready
	}
	return truth{Scenario: "defer-pileup", Bytes: opened * textBytes, Count: opened,
		Names: []string{"main.scanAll", "file descriptors open"}}
}

func scanAll(ready chan bool) {
	for i := 0; i < opened; i++ {
		defer scan().close()
	}
	ready <- true
	waitForMore()
}

func scanEach(ready chan bool) {
	for i := 0; i < opened; i++ {
		scanOne()
	}
	ready <- true
	waitForMore()
}

func scanOne() {
	defer scan().close()
}

func waitForMore() {
	for {
		time.Sleep(time.Hour)
	}
}
