package main

import (
	"runtime"
	"time"
)

const many, timeouts = 300, 3000

type poller struct {
	ticker *time.Ticker
	buffer [4096]byte
}

// pollersMade and timersMade count those of all commands; each takes so many bytes.
var (
	pollersMade, timersMade int
	tickerBytes, timerBytes uint64
)

// ticker makes pollers that tick for ever and drops them; the healthy twin stops them first.
func ticker(leaky bool) truth {
	runtime.MemProfileRate = 1
	if tickerBytes == 0 {
		tickerBytes = allocated(func() { time.NewTicker(time.Hour).Stop() })
	}
	for i := 0; i < many; i++ {
		makePoller(leaky)
	}
	pollersMade += many
	one := time.NewTicker(time.Hour)
	one.Stop()
	return truth{Scenario: "ticker", Bytes: uint64(pollersMade) * tickerBytes, Count: pollersMade,
		Names: []string{"time.NewTicker", "main.makePoller"}, Type: "time.Ticker", Collected: cap(one.C) == 0}
}

//go:noinline
func makePoller(leaky bool) {
	p := &poller{ticker: time.NewTicker(time.Hour)}
	if !leaky {
		p.ticker.Stop()
	}
	sink = p
	sink = nil
}

// timer leaves a pile of timeouts that nobody waits for any more.
func timer(leaky bool) truth {
	if timerBytes == 0 {
		timerBytes = allocated(func() { time.NewTimer(time.Hour).Stop() })
	}
	messages := make(chan int, 1)
	for i := 0; i < timeouts; i++ {
		messages <- i
		if leaky {
			select {
			case <-messages:
			case <-time.After(time.Hour):
			}
			continue
		}
		timeout := time.NewTimer(time.Hour)
		select {
		case <-messages:
		case <-timeout.C:
		}
		timeout.Stop()
	}
	timersMade += timeouts
	one := time.NewTimer(time.Hour)
	one.Stop()
	return truth{Scenario: "timer", Bytes: uint64(timersMade) * timerBytes, Count: timersMade,
		Names: []string{"time.After"}, Type: "time.Timer", Collected: cap(one.C) == 0}
}
