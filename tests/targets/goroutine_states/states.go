package main

import (
	"net"
	"reflect"
	"runtime"
	"sort"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

var (
	never   = make(chan int)
	full    = make(chan int, 1)
	nilChan chan int
	sink    interface{}
)

// states start a goroutine each. Files named after releases add what only those have.
var states = []func(){
	func() { go chanReceive() },
	func() { full <- 1; go chanSend() },
	func() { go chanSendWithWaiters() },
	func() { go receiveNil() },
	func() { go sendNil() },
	func() { go selectSome() },
	func() { go selectNone() },
	func() { go lockMutex() },
	func() { go readLock() },
	func() { go writeLock() },
	func() { go waitCondition() },
	func() { go waitGroup() },
	func() { go time.Sleep(time.Hour) },
	func() { go networkRead() },
	func() { go inSystemCall() },
	closures, methodValues, reflection, panics,
	func() { go inlinedOuter(hold("main.inlinedOuter", "p", new(payload))) },
	func() { go deferLoop() },
	func() { go openDefers() },
	func() { go recursion(300, nil) },
	func() { go stackObjects() },
	func() { time.AfterFunc(0, func() { <-never }) },
	func() { go sortCallback() },
	func() { go lockedThread() },
	func() { go promoted() },
	finalizers,
}

func chanReceive() {
	p := hold("main.chanReceive", "p", new(payload))
	<-never
	runtime.KeepAlive(p)
}

func chanSend() { full <- 2 }

func chanSendWithWaiters() {
	mine := make(chan *payload)
	note("main.chanSendWithWaiters", "mine", *(*unsafe.Pointer)(unsafe.Pointer(&mine)))
	mine <- new(payload)
	runtime.KeepAlive(mine)
}

func receiveNil() { <-nilChan }
func sendNil()    { nilChan <- 1 }
func selectNone() { select {} }

func selectSome() {
	a, b := make(chan int), make(chan string)
	select {
	case <-a:
	case b <- "":
	case <-never:
	}
}

func lockMutex() {
	m := &struct {
		sync.Mutex
		p *payload
	}{p: new(payload)}
	note("main.lockMutex", "m", unsafe.Pointer(m))
	m.Lock()
	m.Lock()
	runtime.KeepAlive(m)
}

func readLock() {
	m := new(sync.RWMutex)
	m.Lock()
	m.RLock()
}

func writeLock() {
	m := new(sync.RWMutex)
	m.RLock()
	m.Lock()
}

func waitCondition() {
	c := sync.NewCond(new(sync.Mutex))
	c.L.Lock()
	c.Wait()
}

func waitGroup() {
	g := new(sync.WaitGroup)
	g.Add(1)
	g.Wait()
}

func networkRead() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	listener.Accept()
}

func inSystemCall() {
	p := hold("main.inSystemCall", "p", new(payload))
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		panic(err)
	}
	var into [1]byte
	syscall.Read(ends[0], into[:])
	runtime.KeepAlive(p)
}

func closures() {
	text, p := "captured", new(payload)
	go func() {
		func() {
			<-never
			sink = text
		}()
		runtime.KeepAlive(p)
	}()
	stored := func(q *payload) func() {
		return func() { <-never; runtime.KeepAlive(q) }
	}(p)
	go stored()
	go callBack(func(n int) { <-never })
}

//go:noinline
func callBack(f func(int)) { f(1) }

type waiter struct{ p *payload }

func (w *waiter) wait()   { <-never; runtime.KeepAlive(w) }
func (w waiter) byValue() { <-never; runtime.KeepAlive(w.p) }

//go:noinline
func (w *waiter) many(a, b, c, d, e, f, g, h, i, j, k *payload) {
	<-never
	runtime.KeepAlive(k)
}

type waits interface{ byValue() }

func methodValues() {
	w := &waiter{new(payload)}
	bound := w.wait
	go bound()
	boundValue := w.byValue
	go func() { boundValue() }()
	go waits(w).byValue() // through the wrapper of (*waiter).byValue
	expression := (*waiter).byValue
	go expression(w)
	x := new(payload)
	go w.many(x, x, x, x, x, x, x, x, x, x, hold("main.(*waiter).many", "k", new(payload)))
}

func reflection() {
	go func() {
		p := new(payload)
		note("reflect.makeFuncStub", "", unsafe.Pointer(p))
		f := reflect.MakeFunc(reflect.TypeOf((func(int, string, *payload) error)(nil)),
			func(arguments []reflect.Value) []reflect.Value {
				<-never
				return nil
			}).Interface().(func(int, string, *payload) error)
		f(1, "a", p)
	}()
	go func() {
		f := reflect.ValueOf(exported{new(payload)}).MethodByName("Wait").Interface().(func(*payload) int)
		f(new(payload))
	}()
}

type exported struct{ p *payload }

func (e exported) Wait(p *payload) int { <-never; return len(p) }

func panics() {
	go func() {
		defer func() {
			<-never
		}()
		panic("explicit")
	}()
	go faults(nil)
	go faultsAgain(nil)
	go func() {
		defer func() {
			recover()
			<-never
		}()
		panicInCallee(3)
	}()
}

//go:noinline
func panicInCallee(n int) int {
	p := new(payload)
	defer func() { runtime.KeepAlive(p) }()
	return *p[n]
}

// faults stops at a nil pointer; what it deferred waits.
func faults(p *payload) {
	defer waitInDefer(hold("main.waitInDefer", "p", new(payload)))
	p[1] = nil
}

func faultsAgain(w *waiter) {
	defer func() { <-never }()
	waits(w).byValue() // a nil pointer in the wrapper: runtime.panicwrap
}

//go:noinline
func waitInDefer(p *payload) { <-never; runtime.KeepAlive(p) }

//go:noinline
func inlinedOuter(p *payload) {
	inlinedMiddle(p)
	runtime.KeepAlive(p)
}
func inlinedMiddle(p *payload) { inlinedInner(never); sink = p }
func inlinedInner(c chan int)  { <-c }

func deferLoop() {
	for i := 0; i < 5; i++ {
		i, p := i, new(payload)
		defer func() { p[i] = nil }()
	}
	<-never
}

func openDefers() {
	p := hold("main.openDefers", "", new(payload))
	defer func() { p[0] = nil }()
	defer waitInDefer(p)
	<-never
}

func recursion(depth int, last *payload) int {
	p := new(payload)
	if depth%100 == 1 {
		hold("main.recursion", "p", p)
	}
	if depth == 0 {
		return <-never
	}
	n := recursion(depth-1, p)
	runtime.KeepAlive(p)
	return n + len(last)
}

type record struct {
	number int
	first  *payload
	inner  struct{ second *payload }
}

func stackObjects() {
	var r record
	r.first = hold("main.stackObjects", "r", new(payload))
	fillRecord(&r)
	var dead record
	fillDead(&dead)
	<-never
	fillRecord(&r)
}

//go:noinline
func fillRecord(r *record) { r.inner.second = hold("main.stackObjects", "r", new(payload)) }

//go:noinline
func fillDead(r *record) { r.number = 1 }

func sortCallback() {
	values := []int{3, 2, 1}
	sort.Slice(values, func(i, j int) bool { <-never; return values[i] < values[j] })
}

func lockedThread() {
	runtime.LockOSThread()
	<-never
}

type embeds struct{ *waiter }
type embedsInterface struct{ waits }

func promoted() {
	var w waits = embedsInterface{embeds{&waiter{new(payload)}}}
	w.byValue()
}

// finalizers block the runtime's own goroutine inside a function of the program.
func finalizers() {
	started := make(chan bool, 1)
	func() {
		runtime.SetFinalizer(new(payload), func(*payload) { started <- true; <-never })
	}()
	collectUntil(started)
}

func collectUntil(started chan bool) {
	for {
		runtime.GC()
		select {
		case <-started:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}
