package main

import (
	"runtime"
	"strings"
	"sync"
	"time"
)

const receivers, waiters, tickers = 1200, 200, 20

// messageSize is no constant: buffers of it are in the heap.
var messageSize = 4 << 10

// subscribers is what everybody can still reach: nothing is proven of who waits for it.
var subscribers = map[int]chan int{}

// stuckReceivers waits for messages on channels that stay registered; the healthy twin closes them.
func stuckReceivers(leaky bool) truth {
	var done sync.WaitGroup
	first := len(subscribers)
	for i := first; i < first+receivers; i++ {
		messages := make(chan int)
		subscribers[i] = messages
		done.Add(1)
		go awaitMessage(messages, &done)
	}
	if !leaky {
		for i, messages := range subscribers {
			close(messages)
			delete(subscribers, i)
		}
		done.Wait()
	}
	waitUntil(func() bool { return blocked("awaitMessage") == len(subscribers) })
	return truth{Scenario: "hung-goroutine", Count: len(subscribers), Names: []string{"main.awaitMessage"}}
}

//go:noinline
func awaitMessage(messages chan int, done *sync.WaitGroup) {
	buffer := make([]byte, messageSize)
	buffer[0] = byte(<-messages)
	runtime.KeepAlive(buffer)
	done.Done()
}

var account sync.Mutex

// stuckLock leaves a package's lock taken on one way out; the healthy twin unlocks it.
func stuckLock(leaky bool) truth {
	var done sync.WaitGroup
	account.Lock()
	for i := 0; i < waiters; i++ {
		done.Add(1)
		go payIn(&done)
	}
	waitUntil(func() bool { return blocked("payIn") == waiters })
	if !leaky {
		account.Unlock()
		done.Wait()
	}
	return truth{Scenario: "hung-goroutine", Count: waiters, Names: []string{"main.payIn"}}
}

//go:noinline
func payIn(done *sync.WaitGroup) {
	account.Lock()
	account.Unlock()
	done.Done()
}

type gauge struct{ ticker *time.Ticker }

var gauges []*gauge

// unreadTicker keeps tickers whose reader has gone; the healthy twin stops them.
func unreadTicker(leaky bool) truth {
	for i := 0; i < tickers; i++ {
		g := &gauge{ticker: time.NewTicker(time.Millisecond)}
		gauges = append(gauges, g)
		if !leaky {
			g.ticker.Stop()
		}
	}
	waitUntil(func() bool {
		for _, g := range gauges {
			if leaky && len(g.ticker.C) == 0 && cap(g.ticker.C) > 0 {
				return false
			}
		}
		return true
	})
	return truth{Scenario: "ticker", Count: len(gauges), Names: []string{"main.gauge"}, Type: "time.Ticker",
		Collected: cap(gauges[0].ticker.C) == 0}
}

func waitUntil(condition func() bool) {
	for !condition() {
		time.Sleep(time.Millisecond)
	}
}

// blocked is how many goroutines wait in main.function.
func blocked(function string) int {
	text := make([]byte, 4<<20)
	stacks := strings.Split(string(text[:runtime.Stack(text, true)]), "\n\n")
	count := 0
	for _, stack := range stacks {
		waits := strings.Contains(stack, "[semacquire") || strings.Contains(stack, "[chan receive") ||
			strings.Contains(stack, "[sync.Mutex.Lock")
		if waits && strings.Contains(stack, "main."+function+"(") {
			count++
		}
	}
	return count
}
