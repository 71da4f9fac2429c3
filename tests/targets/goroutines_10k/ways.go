package main

import (
	"net"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// ways are all the places where a goroutine can wait; each calls done just before it does.
var ways = []func(n int, done func()){
	receive, send, receiveNil, sendNil, selectTwo, selectMany, selectNone, lockMutex, lockStack,
	readLock, writeLock, waitCondition, waitGroup, sleep, afterTimer, deep, inDefer, inClosure,
	inMethod, inGeneric, inlined, rangeChannel, viaInterface, lockedToThread, bigFrame, onceBlocked,
}

// rare ways cost a thread or a descriptor each.
var rare = []func(n int, done func()){readPipe, accept, waitSignal, networkRead}

func startOne(n int, done func()) {
	if n%500 == 499 {
		go rare[n/500%len(rare)](n, done)
		return
	}
	way := ways[n%len(ways)]
	switch n % 3 {
	case 0:
		go way(n, done)
	case 1:
		go func() { way(n, done) }()
	default:
		startNested(way, n, done)
	}
}

//go:noinline
func startNested(way func(int, func()), n int, done func()) {
	go func() {
		go way(n, done)
	}()
}

var (
	never   = make(chan int)
	full    = make(chan int, 1)
	nilChan chan int
	locked  sync.Mutex
	rwLock  sync.RWMutex
	once    sync.Once
)

func init() {
	full <- 1
	locked.Lock()
	rwLock.Lock()
	go once.Do(func() { <-never })
	for !onceTaken() {
		runtime.Gosched()
	}
}

// onceTaken tells whether the goroutine above runs the function of the once: its lock is held then.
func onceTaken() bool {
	text := make([]byte, 1<<20)
	text = text[:runtime.Stack(text, true)]
	return containsText(text, "main.init.0.func1(")
}

func containsText(text []byte, part string) bool {
	for i := 0; i+len(part) <= len(text); i++ {
		if string(text[i:i+len(part)]) == part {
			return true
		}
	}
	return false
}

func receive(n int, done func())    { done(); <-never }
func send(n int, done func())       { done(); full <- n }
func receiveNil(n int, done func()) { done(); <-nilChan }
func sendNil(n int, done func())    { done(); nilChan <- n }
func selectNone(n int, done func()) { done(); select {} }
func lockMutex(n int, done func())  { done(); locked.Lock() }
func readLock(n int, done func())   { done(); rwLock.RLock() }
func writeLock(n int, done func())  { done(); rwLock.Lock() }
func sleep(n int, done func())      { done(); time.Sleep(time.Hour) }

func selectTwo(n int, done func()) {
	other := make(chan string)
	done()
	select {
	case <-never:
	case other <- "text":
	}
}

func selectMany(n int, done func()) {
	a, b, c := make(chan int), make(chan *int, 2), make(chan [4]string)
	done()
	select {
	case a <- n:
	case v := <-b:
		*v = n
	case <-c:
	case <-nilChan:
	case <-time.After(time.Hour):
	}
}

func lockStack(n int, done func()) {
	var mine sync.Mutex
	mine.Lock()
	done()
	mine.Lock()
}

func waitCondition(n int, done func()) {
	var lock sync.Mutex
	condition := sync.NewCond(&lock)
	lock.Lock()
	done()
	condition.Wait()
}

func waitGroup(n int, done func()) {
	var group sync.WaitGroup
	group.Add(1)
	done()
	group.Wait()
}

func afterTimer(n int, done func()) {
	timer := time.NewTimer(time.Hour)
	done()
	<-timer.C
}

// deep waits at a depth that differs from goroutine to goroutine, with words in every frame.
func deep(n int, done func()) { descend(n%70, []int{n}, done) }

func descend(depth int, path []int, done func()) int {
	if depth == 0 {
		done()
		return <-never
	}
	var room [16]int
	room[depth%16] = depth
	return descend(depth-1, append(path, room[depth%16]), done) + room[3] + len(path)
}

func inDefer(n int, done func()) {
	defer func() {
		recover()
		done()
		<-never
	}()
	if n >= 0 {
		panic("on the way to the wait")
	}
}

func inClosure(n int, done func()) {
	text := "captured"
	wait := func() string { done(); <-never; return text }
	runtime.KeepAlive(wait())
}

type waiter struct {
	channel chan int
	name    string
}

func (w *waiter) wait(done func())    { done(); <-w.channel }
func (w waiter) waitByValue(d func()) { d(); <-w.channel }
func inMethod(n int, done func())     { (&waiter{never, "method"}).wait(done) }
func viaInterface(n int, done func()) { waitOn(waiter{never, "interface"}, done) }
func waitOn(w waits, done func())     { w.waitByValue(done) }
func inGeneric(n int, done func())    { waitInGeneric(done) }

type waits interface{ waitByValue(func()) }

func inlined(n int, done func())   { outer(n, done) }
func outer(n int, done func())     { inner(n+1, done) }
func inner(n int, done func())     { done(); innermost(never) }
func innermost(channel <-chan int) { <-channel }

func rangeChannel(n int, done func()) {
	done()
	for v := range never {
		n += v
	}
}

func lockedToThread(n int, done func()) {
	if n%10 == 0 {
		runtime.LockOSThread()
	}
	done()
	<-never
}

func bigFrame(n int, done func()) {
	var room [4096]int
	room[n%len(room)] = n
	done()
	<-never
	runtime.KeepAlive(&room)
}

func onceBlocked(n int, done func()) {
	done()
	once.Do(func() {})
}

func readPipe(n int, done func()) {
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		panic(err)
	}
	var into [1]byte
	done()
	syscall.Read(ends[0], into[:])
}

func accept(n int, done func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	done()
	listener.Accept()
}

func waitSignal(n int, done func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR2)
	done()
	<-signals
}

func networkRead(n int, done func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	var into [1]byte
	done()
	connection.Read(into[:])
}
