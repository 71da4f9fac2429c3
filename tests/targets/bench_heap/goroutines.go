package main

import (
	"runtime"
	"sync"
	"time"
)

type request struct {
	id      int
	path    string
	headers map[string]string
	done    func()
}

var (
	never    = make(chan int)
	full     = make(chan int)
	locked   sync.Mutex
	shared   sync.RWMutex
	pending  sync.WaitGroup
	finished = sync.NewCond(&sync.Mutex{})
)

// waits are eight places where goroutines of servers are found; each calls done just before.
var waits = []func(r *request){
	func(r *request) { r.done(); <-never },
	func(r *request) { r.done(); full <- r.id },
	func(r *request) {
		timer := time.NewTimer(time.Hour)
		r.done()
		select {
		case <-never:
		case <-timer.C:
		}
	},
	func(r *request) { r.done(); locked.Lock() },
	func(r *request) { r.done(); shared.RLock() },
	func(r *request) { r.done(); pending.Wait() },
	func(r *request) {
		finished.L.Lock()
		r.done()
		finished.Wait()
	},
	func(r *request) { r.done(); time.Sleep(time.Hour) },
}

//go:noinline
func serve(r *request, depth int) int {
	if depth == 0 {
		waits[r.id%len(waits)](r)
		return len(r.path)
	}
	return serve(r, depth-1) + depth
}

// block returns when `count` goroutines wait, or are about to.
func block(count int) {
	locked.Lock()
	shared.Lock()
	pending.Add(1)
	var started sync.WaitGroup
	for i := 0; i < count; i++ {
		started.Add(1)
		r := &request{i, "/orders", map[string]string{"Accept": "*/*"}, started.Done}
		go serve(r, i%6)
	}
	started.Wait()
	for i := 0; i < 100; i++ {
		runtime.Gosched()
	}
}
