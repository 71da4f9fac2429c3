// runtime_structs is built to be looked at, not to be run: it uses so much of the runtime that the
// linker keeps the debug information of every struct that seep reads (tools/layout-table).
package main

import (
	"fmt"
	"handshake"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

type thing struct {
	next  *thing
	words [4]uint64
}

var extras []func()

func timers(results chan int) {
	timer := time.NewTimer(time.Hour)
	timer.Reset(time.Hour)
	defer timer.Stop()
	time.AfterFunc(time.Hour, func() { results <- 1 })
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	select {
	case <-timer.C:
	case <-ticker.C:
	case <-time.After(time.Millisecond):
	}
	time.Sleep(time.Millisecond)
}

func waits(results chan int) {
	var mutex sync.RWMutex
	var group sync.WaitGroup
	condition := sync.NewCond(&mutex)
	group.Add(1)
	go func() {
		mutex.Lock()
		defer mutex.Unlock()
		condition.Broadcast()
		group.Done()
	}()
	group.Wait()
	select {
	case result := <-results:
		results <- result
	default:
	}
	close(results)
}

func network() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return
	}
	defer listener.Close()
	connection, err := net.DialTimeout("tcp", listener.Addr().String(), time.Second)
	if err != nil {
		return
	}
	connection.SetDeadline(time.Now().Add(time.Hour))
	connection.Close()
}

// Defers that the compiler cannot lay open, and a panic on its way through them.
func defers(times int) (message string) {
	defer func() { message = fmt.Sprint(recover()) }()
	for i := 0; i < times; i++ {
		defer func(i int) { message += fmt.Sprint(i) }(i)
	}
	panic("done")
}

func maps() int {
	small := map[string]*thing{"a": {}}
	large := map[[200]byte][200]byte{}
	interfaces := map[interface{}]interface{}{}
	for i := 0; i < 100; i++ {
		small[fmt.Sprint(i)] = &thing{}
		large[[200]byte{byte(i)}] = [200]byte{}
		interfaces[i] = small
	}
	delete(small, "a")
	var shared sync.Map
	shared.Store(1, small)
	pool := sync.Pool{New: func() interface{} { return new(thing) }}
	pool.Put(pool.Get())
	return len(small) + len(large) + len(interfaces)
}

func main() {
	runtime.MemProfileRate = 1
	records := make([]runtime.MemProfileRecord, 1000)
	runtime.MemProfile(records, true)
	blocks := make([]runtime.BlockProfileRecord, 1000)
	runtime.SetBlockProfileRate(1)
	runtime.BlockProfile(blocks)
	runtime.SetMutexProfileFraction(1)
	runtime.MutexProfile(blocks)
	object := &thing{}
	runtime.SetFinalizer(object, func(*thing) {})
	results := make(chan int, 1)
	timers(results)
	waits(results)
	network()
	defers(3)
	for _, extra := range extras {
		extra()
	}
	var statistics runtime.MemStats
	runtime.ReadMemStats(&statistics)
	debug.FreeOSMemory()
	debug.SetGCPercent(100)
	handshake.Truth(map[string]int{"pid": os.Getpid(), "maps": maps()})
	for {
		handshake.Ready()
	}
}
