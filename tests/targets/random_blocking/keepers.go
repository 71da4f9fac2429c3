package main

import (
	"container/list"
	"math/rand"
	"os"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// keeper is a way to have what wakes somebody. It calls wake itself some time, or wakeOne or wakeAll
// make it do so.
type keeper struct {
	name string
	keep func(random *rand.Rand, wake func())
}

// Shelves of the program, from which wakeOne takes.
type shelf struct {
	put  func(wake func())
	take func() func() // nil if it is empty
}

type hidden struct {
	room [7]uint64
	wake func()
	more [3]*int
}

var (
	inSlice    []func()
	inMap      = map[int]func(){}
	inSyncMap  sync.Map
	inList     = list.New()
	inChannel  = make(chan func(), 100000)
	inBoxes    []interface{}
	inValues   []reflect.Value
	inInterior []unsafe.Pointer
	inAtomic   [512]unsafe.Pointer
	next       int
)

var shelves = []shelf{
	{func(wake func()) { inSlice = append(inSlice, wake) }, func() func() {
		if len(inSlice) == 0 {
			return nil
		}
		last := len(inSlice) - 1
		wake := inSlice[last]
		inSlice[last] = nil
		inSlice = inSlice[:last]
		return wake
	}},
	{func(wake func()) { next++; inMap[next] = wake }, func() func() {
		for key, wake := range inMap {
			delete(inMap, key)
			return wake
		}
		return nil
	}},
	{func(wake func()) { next++; inSyncMap.Store(next, wake) }, func() (found func()) {
		inSyncMap.Range(func(key, value interface{}) bool {
			inSyncMap.Delete(key)
			found = value.(func())
			return false
		})
		return found
	}},
	{func(wake func()) { inList.PushBack(wake) }, func() func() {
		if inList.Len() == 0 {
			return nil
		}
		return inList.Remove(inList.Front()).(func())
	}},
	{func(wake func()) { inChannel <- wake }, func() func() {
		select {
		case wake := <-inChannel:
			return wake
		default:
			return nil
		}
	}},
	{func(wake func()) { inBoxes = append(inBoxes, [2]interface{}{nil, &wake}) }, func() func() {
		if len(inBoxes) == 0 {
			return nil
		}
		wake := *inBoxes[0].([2]interface{})[1].(*func())
		inBoxes[0] = nil
		inBoxes = inBoxes[1:]
		return wake
	}},
	{func(wake func()) { inValues = append(inValues, reflect.ValueOf(&hidden{wake: wake}).Elem()) }, func() func() {
		if len(inValues) == 0 {
			return nil
		}
		last := len(inValues) - 1
		wake := inValues[last].Addr().Interface().(*hidden).wake
		inValues[last] = reflect.Value{}
		inValues = inValues[:last]
		return wake
	}},
	// A pointer into the middle of an object keeps all of it.
	{func(wake func()) {
		h := &hidden{wake: wake}
		inInterior = append(inInterior, unsafe.Pointer(uintptr(unsafe.Pointer(h))+unsafe.Offsetof(h.room)+16))
	}, func() func() {
		if len(inInterior) == 0 {
			return nil
		}
		last := len(inInterior) - 1
		var h *hidden
		h = (*hidden)(unsafe.Pointer(uintptr(inInterior[last]) - unsafe.Offsetof(h.room) - 16))
		inInterior[last] = nil
		inInterior = inInterior[:last]
		return h.wake
	}},
	{func(wake func()) {
		for i := range inAtomic {
			if atomic.CompareAndSwapPointer(&inAtomic[i], nil, unsafe.Pointer(&wake)) {
				return
			}
		}
		inSlice = append(inSlice, wake)
	}, func() func() {
		for i := range inAtomic {
			if found := atomic.SwapPointer(&inAtomic[i], nil); found != nil {
				return *(*func())(found)
			}
		}
		return nil
	}},
}

// Shelves are used by the goroutine that drives, and by finalizers and timers.
var shelvesLock sync.Mutex

func wakeOne(random *rand.Rand) {
	shelvesLock.Lock()
	wake := shelves[random.Intn(len(shelves))].take()
	shelvesLock.Unlock()
	if wake != nil {
		go wake()
	}
}

var keepers = []keeper{
	{"shelf", func(random *rand.Rand, wake func()) {
		shelvesLock.Lock()
		shelves[random.Intn(len(shelves))].put(wake)
		shelvesLock.Unlock()
	}},
	{"sleeping goroutine", func(random *rand.Rand, wake func()) {
		pause := time.Duration(random.Intn(1500)) * time.Millisecond
		go func() {
			pauseFor(pause)
			wake()
		}()
	}},
	{"working goroutine", func(random *rand.Rand, wake func()) {
		go func(rounds int) {
			sum := 0
			for i := 0; i < rounds; i++ {
				sum += work(i)
			}
			sink(sum)
			wake()
		}(random.Intn(2000))
	}},
	{"deferred call", func(random *rand.Rand, wake func()) {
		pause := time.Duration(random.Intn(500)) * time.Millisecond
		go func() {
			defer wake()
			pauseFor(pause)
			runtime.Goexit()
		}()
	}},
	{"deferred call of a panic", func(random *rand.Rand, wake func()) {
		pause := time.Duration(random.Intn(500)) * time.Millisecond
		go func() {
			defer func() { recover() }()
			func() {
				defer func() {
					pauseFor(pause)
					wake()
				}()
				panic(pause)
			}()
		}()
	}},
	{"timer", func(random *rand.Rand, wake func()) {
		time.AfterFunc(time.Duration(random.Intn(2000))*time.Millisecond, wake)
	}},
	{"channel of a timer", func(random *rand.Rand, wake func()) {
		timer := time.NewTimer(time.Duration(random.Intn(1500)) * time.Millisecond)
		go func() {
			<-timer.C
			wake()
		}()
	}},
	{"goroutine that reads a pipe", func(random *rand.Rand, wake func()) {
		reader, writer := pipe()
		go func() {
			var one [1]byte
			reader.Read(one[:])
			reader.Close()
			wake()
		}()
		shelvesLock.Lock()
		shelves[random.Intn(len(shelves))].put(func() { writer.Close() })
		shelvesLock.Unlock()
	}},
	{"goroutine that waits itself", func(random *rand.Rand, wake func()) {
		other := points[random.Intn(len(points))]
		wait, wakeOther := other.make()
		start(other.name+", to wake another", func() {
			wait()
			wake()
		})
		shelvesLock.Lock()
		shelves[random.Intn(len(shelves))].put(wakeOther)
		shelvesLock.Unlock()
	}},
	{"goroutine that hands it on", func(random *rand.Rand, wake func()) {
		wakes := make(chan func())
		go func() { wakes <- wake }()
		shelvesLock.Lock()
		shelves[random.Intn(len(shelves))].put(func() { (<-wakes)() })
		shelvesLock.Unlock()
	}},
	{"closure of a finalizer", func(random *rand.Rand, wake func()) {
		dropWithFinalizer(&[4]*int{}, func(*[4]*int) { go wake() })
	}},
	{"object of a finalizer", func(random *rand.Rand, wake func()) {
		dropHidden(&hidden{wake: wake})
	}},
	{"object kept and then finalized", func(random *rand.Rand, wake func()) {
		h := &hidden{wake: wake}
		runtime.SetFinalizer(h, func(h *hidden) { go h.wake() })
		go func(h *hidden, pause time.Duration) {
			pauseFor(pause)
			runtime.KeepAlive(h)
		}(h, time.Duration(random.Intn(300))*time.Millisecond)
	}},
}

//go:noinline
func dropWithFinalizer(o *[4]*int, f func(*[4]*int)) { runtime.SetFinalizer(o, f) }

//go:noinline
func dropHidden(h *hidden) { runtime.SetFinalizer(h, func(h *hidden) { go h.wake() }) }

//go:noinline
func work(i int) int {
	for j := 0; j < 1000; j++ {
		i += j * i
	}
	return i
}

//go:noinline
func sink(int) {}

func pipe() (reader, writer *os.File) {
	reader, writer, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	return reader, writer
}

// Pauses end early when the program finishes.
var hurry = make(chan bool)

//go:noinline
func pauseFor(pause time.Duration) {
	if pause%2 == 0 {
		time.Sleep(pause)
		return
	}
	select {
	case <-hurry:
	case <-time.After(pause):
	}
}

// wakeAll empties the shelves and lets timers and finalizers run until nothing more happens.
func wakeAll() {
	close(hurry)
	quiet := 0
	for last := int64(-1); quiet < 6; {
		shelvesLock.Lock()
		for _, shelf := range shelves {
			for wake := shelf.take(); wake != nil; wake = shelf.take() {
				go wake()
			}
		}
		shelvesLock.Unlock()
		runtime.GC()
		time.Sleep(200 * time.Millisecond)
		now := atomic.LoadInt64(&waiting)
		if now == last {
			quiet++
		} else {
			quiet = 0
		}
		last = now
	}
}
