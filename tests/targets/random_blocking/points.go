package main

import (
	"context"
	"sync"
)

// point is a way to wait. What make returns is used once each: wait blocks until wake has begun.
type point struct {
	name string
	make func() (wait, wake func())
}

var points = []point{
	{"send", func() (func(), func()) {
		c := make(chan int)
		return func() { c <- 1 }, func() { <-c }
	}},
	{"send to a full buffer", func() (func(), func()) {
		c := make(chan [3]string, 2)
		c <- [3]string{}
		c <- [3]string{}
		return func() { c <- [3]string{"last"} }, func() { <-c }
	}},
	{"receive", func() (func(), func()) {
		c := make(chan *int)
		return func() { <-c }, func() { c <- new(int) }
	}},
	{"receive until closed", func() (func(), func()) {
		c := make(chan struct{}, 3)
		return func() {
			for range c {
			}
		}, func() { close(c) }
	}},
	{"select of two", func() (func(), func()) {
		a, b := make(chan int), make(chan string)
		return func() {
			select {
			case <-a:
			case b <- "":
			}
		}, func() { <-b }
	}},
	{"select with a nil channel", func() (func(), func()) {
		var never chan bool
		a := make(chan int)
		return func() {
			select {
			case <-never:
			case <-a:
			}
		}, func() { close(a) }
	}},
	{"select of many", func() (func(), func()) {
		var c [5]chan int
		for i := range c {
			c[i] = make(chan int, i)
		}
		fourth := c[4]
		return func() {
			select {
			case <-c[0]:
			case <-c[1]:
			case <-c[2]:
			case <-c[3]:
			case <-c[4]:
			}
		}, func() { fourth <- 1 }
	}},
	{"mutex", func() (func(), func()) {
		m := new(sync.Mutex)
		m.Lock()
		return func() {
			m.Lock()
			m.Unlock()
		}, m.Unlock
	}},
	{"mutex inside of an object", func() (func(), func()) {
		o := &struct {
			name string
			next *int
			lock sync.Mutex
		}{}
		o.lock.Lock()
		return func() {
			o.lock.Lock()
			o.lock.Unlock()
		}, o.lock.Unlock
	}},
	{"read lock", func() (func(), func()) {
		m := new(sync.RWMutex)
		m.Lock()
		return func() {
			m.RLock()
			m.RUnlock()
		}, m.Unlock
	}},
	{"write lock", func() (func(), func()) {
		m := new(sync.RWMutex)
		m.RLock()
		return func() {
			m.Lock()
			m.Unlock()
		}, m.RUnlock
	}},
	{"condition", func() (func(), func()) {
		c, ready := sync.NewCond(&sync.Mutex{}), false
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
	}},
	{"wait group", func() (func(), func()) {
		g := new(sync.WaitGroup)
		g.Add(1)
		return g.Wait, g.Done
	}},
	{"once", func() (func(), func()) {
		once, inside, done := new(sync.Once), make(chan bool), make(chan bool)
		go once.Do(func() {
			inside <- true
			<-done
		})
		<-inside
		return func() { once.Do(nil) }, func() { close(done) }
	}},
	{"context", func() (func(), func()) {
		ctx, cancel := context.WithCancel(context.Background())
		return func() { <-ctx.Done() }, cancel
	}},
	{"context of a context", func() (func(), func()) {
		parent, cancel := context.WithCancel(context.WithValue(context.Background(), 1, "one"))
		ctx, _ := context.WithCancel(context.WithValue(parent, 2, "two"))
		return func() { <-ctx.Done() }, cancel
	}},
	{"channel of channels", func() (func(), func()) {
		outer, inner := make(chan chan int, 1), make(chan int)
		outer <- inner
		return func() { <-inner }, func() { close(<-outer) }
	}},
}
