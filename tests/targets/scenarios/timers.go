package main

import "time"

const many = 300

type poller struct {
	ticker *time.Ticker
	buffer [4096]byte
}

var running []*poller

// ticker makes pollers that tick for ever and drops them; the healthy twin stops them first.
func ticker(leaky bool) truth {
	for i := 0; i < many; i++ {
		makePoller(leaky)
	}
	return truth{Scenario: "ticker", Count: many, Names: []string{"time.NewTicker"}}
}

//go:noinline
func makePoller(leaky bool) {
	p := &poller{ticker: time.NewTicker(time.Hour)}
	if !leaky {
		p.ticker.Stop()
	}
	running = append(running[:0], p)
}

// timer leaves a pile of timeouts that nobody waits for any more.
func timer(leaky bool) truth {
	messages := make(chan int, 1)
	for i := 0; i < many; i++ {
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
	return truth{Scenario: "timer", Count: many}
}
