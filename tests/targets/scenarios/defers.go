package main

import (
	"os"
	"time"
)

const opened = 400

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
	return truth{Scenario: "defer-pileup", Count: opened, Names: []string{"main.scanAll"}}
}

func scanAll(ready chan bool) {
	for i := 0; i < opened; i++ {
		file, err := os.Open("/dev/null")
		if err != nil {
			panic(err)
		}
		defer file.Close()
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
	file, err := os.Open("/dev/null")
	if err != nil {
		panic(err)
	}
	defer file.Close()
}

func waitForMore() {
	for {
		time.Sleep(time.Hour)
	}
}
