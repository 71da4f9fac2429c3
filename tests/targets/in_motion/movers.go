package main

import (
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

func byGo(c chan bool) { go byGo(c) }

// A loop, so that the compiler does not open-code the deferred call.
func byDefer(c chan bool) {
	for i := 0; i < 1; i++ {
		defer again(byDefer, c)
	}
}

//go:noinline
func again(function func(chan bool), c chan bool) { go function(c) }

func byClosure(c chan bool) {
	next := func() { byClosure(c) }
	go next()
}

func byTimer(c chan bool) {
	time.AfterFunc(time.Microsecond, func() { byTimer(c) })
}

func byOneTimer(c chan bool) {
	var timer *time.Timer
	known := make(chan bool)
	timer = time.AfterFunc(0, func() {
		<-known
		timer.Reset(0)
		give(c)
	})
	close(known)
}

//go:noinline
func give(c chan bool) chan bool { return c }

func byPanic(c chan bool) {
	for {
		c = panicWith(c)
	}
}

//go:noinline
func panicWith(c chan bool) (result chan bool) {
	defer func() { result = recover().(chan bool) }()
	panic(c)
}

func byChannel(between chan chan bool) {
	back := make(chan chan bool, cap(between))
	go hand(between, back)
	go hand(back, between)
	between <- channelOfWaiter()
}

func hand(from, to chan chan bool) {
	for {
		to <- <-from
	}
}

func bySelect() {
	a, b, never := make(chan chan bool), make(chan chan bool, 1), make(chan chan bool)
	handOver := func(from, to chan chan bool) {
		for {
			var c chan bool
			select {
			case c = <-from:
			case c = <-never:
			}
			select {
			case to <- c:
			case never <- c:
			}
		}
	}
	go handOver(a, b)
	go handOver(b, a)
	a <- channelOfWaiter()
}

var slot unsafe.Pointer

func bySwap(c chan bool) {
	holder := new(chan bool)
	*holder = c
	c = nil
	swapForEver(holder)
}

//go:noinline
func swapForEver(holder *chan bool) {
	held := unsafe.Pointer(holder)
	for i := 0; ; i++ {
		held = atomic.SwapPointer(&slot, held)
		// Go 1.12 and 1.13 cannot interrupt a loop that calls nothing.
		if i%10000 == 0 {
			runtime.Gosched()
		}
	}
}

func byMap(c chan bool) {
	m := map[int]chan bool{}
	for key := 0; ; key++ {
		m[key%100] = c
		c = take(m, key%100)
	}
}

//go:noinline
func take(m map[int]chan bool, key int) chan bool {
	c := m[key]
	delete(m, key)
	return c
}

type large struct {
	room [40]int
	c    chan bool
	more [40]int
}

func byMapOfStructs(c chan bool) {
	m := map[string]large{"": {c: c}}
	keys := [...]string{"", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	c = nil
	for i := 0; ; i++ {
		from, to := keys[i%len(keys)], keys[(i+1)%len(keys)]
		moveWithin(m, from, to)
	}
}

//go:noinline
func moveWithin(m map[string]large, from, to string) {
	value := m[from]
	delete(m, from)
	m[to] = value
}

func byShift() {
	const count = 64
	slice := make([]chan bool, 2*count)
	for i := 0; i < count; i++ {
		slice[i] = channelOfWaiter()
	}
	for at := 0; ; {
		for ; at < count; at++ {
			copy(slice[at+1:], slice[at:at+count])
			slice[at] = nil
		}
		for ; at > 0; at-- {
			copy(slice[at-1:], slice[at:at+count])
			slice[at-1+count] = nil
		}
	}
}

func byAppend(c chan bool) {
	var slice []chan bool
	for {
		slice = append(slice, c)
		c = nil
		for i := 0; i < 100; i++ {
			slice = append(slice, slice[i])
			slice[i] = nil
		}
		c = slice[100]
		slice = nil
	}
}

type carrier interface{ carry() carrier }
type first struct{ c chan bool }
type second struct {
	room [3]int
	c    chan bool
}

//go:noinline
func (f first) carry() carrier { return second{c: f.c} }

//go:noinline
func (s second) carry() carrier { return first{s.c} }

func byInterface(c chan bool) {
	for held := carrier(first{c}); ; {
		held = held.carry()
	}
}

func byReflection(c chan bool) {
	function := reflect.ValueOf(give)
	made := reflect.MakeFunc(function.Type(), func(in []reflect.Value) []reflect.Value { return in }).Interface().(func(chan bool) chan bool)
	for {
		c = function.Call([]reflect.Value{reflect.ValueOf(c)})[0].Interface().(chan bool)
		c = made(c)
	}
}

func byConcurrentMap(c chan bool) {
	var queue sync.Map
	for key := 0; ; key++ {
		queue.Store(key%10, c)
		c = nil
		c = load(&queue, key%10)
	}
}

//go:noinline
func load(queue *sync.Map, key int) chan bool {
	value, _ := queue.Load(key)
	queue.Delete(key)
	return value.(chan bool)
}
