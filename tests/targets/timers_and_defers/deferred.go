package main

import (
	"sync"
	"unsafe"
)

var (
	never = make(chan int)
	sink  int
)

func first()          { sink++ }
func second()         { sink += 2 }
func third()          { sink += 3 }
func withText(string) { sink += 4 }

func block() { <-never }

func expect(goroutine, function, callee string, count int) {
	truth.Deferred = append(truth.Deferred, deferred{goroutine, function, callee, count})
}

// few defers in the way that needs no list where the compiler knows one.
//
//go:noinline
func few(again bool) {
	defer first()
	defer second()
	if again {
		defer third()
	}
	block()
}

type closer interface{ close() }
type file struct{ number int }

func (f *file) close() { sink += f.number }

var opened closer = &file{5}

// fewWithArguments has calls that some compilers wrap in functions of their own.
//
//go:noinline
func fewWithArguments(text string, what closer) {
	defer first()
	defer withText(text)
	defer what.close()
	defer second()
	block()
}

//go:noinline
func none() {
	block()
	defer first()
}

//go:noinline
func inLoop(times int) {
	for i := 0; i < times; i++ {
		defer first()
	}
	defer second()
	block()
}

//go:noinline
func withArguments(times int) {
	for i := 0; i < times; i++ {
		defer withText("a")
	}
	block()
}

//go:noinline
func withClosures(times int) {
	for i := 0; i < times; i++ {
		n := i
		defer func() { sink += n }()
	}
	block()
}

//go:noinline
func nested(depth int) {
	defer first()
	if depth > 0 {
		nested(depth - 1)
		return
	}
	fewFrom(depth)
}

//go:noinline
func fewFrom(depth int) {
	for i := 0; i <= depth; i++ {
		defer third()
	}
	few(true)
}

// returning is where its last deferred call runs.
//
//go:noinline
func returning() {
	defer first()
	defer second()
	defer block()
	sink++
}

//go:noinline
func returningFromLoop(times int) {
	for i := 0; i < times; i++ {
		defer first()
	}
	defer block()
	sink++
}

// panicking is the same, by a panic.
//
//go:noinline
func panicking() {
	defer first()
	defer blockThenRecover()
	panic("as intended")
}

func blockThenRecover() {
	block()
	recover()
}

//go:noinline
func panickingInLoop(times int) {
	for i := 0; i < times; i++ {
		defer second()
	}
	defer blockThenRecover()
	panic("as intended")
}

// panickingOutside lets a panic meet a frame with calls of its own, which the runtime notes in the
// list, while a call of the frame inside it runs.
//
//go:noinline
func panickingOutside() {
	defer first()
	defer second()
	panickingInLoop(2)
}

type payload [40]*int

var escaped *payload

//go:noinline
func hold(by string) *payload {
	object := new(payload)
	escaped = object // puts it into the heap
	escaped = nil
	heldLock.Lock()
	truth.Held = append(truth.Held, held{address(unsafe.Pointer(object)), by})
	heldLock.Unlock()
	return object
}

var heldLock sync.Mutex

//go:noinline
func use(object *payload) { sink += len(object) }

// inHeap returns its closure, which therefore is an object.
//
//go:noinline
func inHeap(object *payload) func() { return func() { use(object) } }

//go:noinline
func holdInList() {
	for i := 0; i < 2; i++ {
		defer use(hold("an argument of a record in the heap"))
		defer inHeap(hold("a closure of a record in the heap"))()
	}
	defer inHeap(hold("a closure in the heap, of a record on the stack"))()
	closure := hold("a closure of a record on the stack")
	defer func() { use(closure) }()
	defer use(hold("an argument of a record on the stack"))
	holdInFrame()
}

//go:noinline
func holdInFrame() {
	closure := hold("a closure in a frame")
	defer func() { use(closure) }()
	defer inHeap(hold("a closure in the heap, of a frame"))()
	defer use(hold("an argument in a frame"))
	holdInHuge()
}

// huge is so large that its pointers are told by a program until Go 1.23.
type huge [3000]struct {
	p *payload
	n [7]int
}

// same hides from the compiler whose address it is, so that the variable lives by its address alone.
//
//go:noinline
func same(h *huge) *huge { return h }

//go:noinline
func holdInHuge() {
	var local huge
	for i := 99; i < len(local); i += 100 {
		local[i].p = hold("a large variable on the stack")
	}
	first := same(&local)
	block()
	if sink < 0 {
		use(first[sink+3000].p)
	}
}

func startHolding()           { holdInList() }
func startPanickingOutside()  { panickingOutside() }
func startFew()               { few(false) }
func startFewWithArguments()  { fewWithArguments("b", opened) }
func startFewer()             { none() }
func startInLoop()            { inLoop(1000) }
func startWithArguments()     { withArguments(7) }
func startWithClosures()      { withClosures(9) }
func startNested()            { nested(4) }
func startReturning()         { returning() }
func startReturningFromLoop() { returningFromLoop(6) }
func startPanicking()         { panicking() }
func startPanickingInLoop()   { panickingInLoop(5) }

// more is what newer releases add: what to start.
var more []func()

func startDeferred() int {
	expect("main.startFew", "main.few", "main.first", 1)
	expect("main.startFew", "main.few", "main.second", 1)
	expect("main.startFewWithArguments", "main.fewWithArguments", "main.first", 1)
	expect("main.startFewWithArguments", "main.fewWithArguments", "with arguments", 2)
	expect("main.startFewWithArguments", "main.fewWithArguments", "main.second", 1)
	expect("main.startInLoop", "main.inLoop", "main.first", 1000)
	expect("main.startInLoop", "main.inLoop", "main.second", 1)
	expect("main.startWithArguments", "main.withArguments", "with arguments", 7)
	expect("main.startWithClosures", "main.withClosures", "main.withClosures.func1", 9)
	for i := 0; i < 5; i++ {
		expect("main.startNested", "main.nested", "main.first", 1)
	}
	expect("main.startNested", "main.fewFrom", "main.third", 1)
	expect("main.startNested", "main.few", "main.first", 1)
	expect("main.startNested", "main.few", "main.second", 1)
	expect("main.startNested", "main.few", "main.third", 1)
	expect("main.startReturning", "main.returning", "main.first", 1)
	expect("main.startReturning", "main.returning", "main.second", 1)
	expect("main.startReturningFromLoop", "main.returningFromLoop", "main.first", 6)
	expect("main.startPanicking", "main.panicking", "main.first", 1)
	expect("main.startPanickingOutside", "main.panickingOutside", "main.first", 1)
	expect("main.startPanickingOutside", "main.panickingOutside", "main.second", 1)
	expect("main.startPanickingOutside", "main.panickingInLoop", "main.second", 2)
	expect("main.startPanickingInLoop", "main.panickingInLoop", "main.second", 5)
	starts := append([]func(){startForgetting, startFew, startFewWithArguments, startFewer, startInLoop,
		startWithArguments, startWithClosures, startNested, startReturning, startReturningFromLoop,
		startPanicking, startPanickingInLoop, startPanickingOutside, startHolding}, more...)
	for _, start := range starts {
		go start()
	}
	return len(starts)
}
