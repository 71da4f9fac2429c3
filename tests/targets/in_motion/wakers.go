package main

import (
	"runtime"
	"sync"
)

// A waker has each of many goroutines wait for a thing of its own, and wakes them: the last use of
// that thing.
type waker func() (wait, wake func())

var wakers = map[string]waker{
	"wakes by send": func() (func(), func()) {
		c := make(chan *int)
		return func() { <-c }, func() { c <- nil }
	},
	"wakes by receive": func() (func(), func()) {
		c := make(chan *int)
		return func() { c <- nil }, func() { <-c }
	},
	"wakes by receive from a full buffer": func() (func(), func()) {
		c := make(chan *int, 1)
		c <- nil
		return func() { c <- nil }, func() { <-c }
	},
	"wakes by close": func() (func(), func()) {
		c := make(chan *int)
		return func() { <-c }, func() { close(c) }
	},
	"wakes of selects": func() (func(), func()) {
		c, never := make(chan *int), make(chan bool)
		return func() {
			select {
			case <-c:
			case <-never:
			}
		}, func() { c <- nil }
	},
	"wakes by unlock": func() (func(), func()) {
		m := new(sync.Mutex)
		m.Lock()
		return m.Lock, m.Unlock
	},
	"wakes of readers by unlock": func() (func(), func()) {
		m := new(sync.RWMutex)
		m.Lock()
		return m.RLock, m.Unlock
	},
	"wakes of writers by unlock": func() (func(), func()) {
		m := new(sync.RWMutex)
		m.RLock()
		return m.Lock, m.RUnlock
	},
	"wakes by done": func() (func(), func()) {
		g := new(sync.WaitGroup)
		g.Add(1)
		return g.Wait, g.Done
	},
	"wakes by signal": func() (func(), func()) {
		c, ready := sync.NewCond(new(sync.Mutex)), false
		return func() {
				c.L.Lock()
				for !ready {
					c.Wait()
				}
				c.L.Unlock()
			}, func() {
				c.L.Lock()
				ready = true
				c.L.Unlock()
				c.Signal()
			}
	},
}

func init() {
	for name, waker := range wakers {
		make := waker
		movers = append(movers, mover{name, func() { go wakeForEver(make) }})
	}
}

func wakeForEver(make waker) {
	var wakes [atOnce]func()
	for {
		for i := range wakes {
			wakes[i] = startWaiter(make)
		}
		runtime.Gosched()
		runtime.Gosched()
		for i := range wakes {
			takeWake(&wakes[i])()
		}
	}
}

//go:noinline
func startWaiter(make waker) func() {
	wait, wake := make()
	go waitOnce(wait)
	return wake
}

func waitOnce(wait func()) { wait() }

//go:noinline
func takeWake(from *func()) func() {
	wake := *from
	*from = nil
	return wake
}
