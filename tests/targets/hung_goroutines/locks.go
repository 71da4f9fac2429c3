package main

import "sync"

// store is guarded by a lock of its own.
type store struct {
	lock    sync.Mutex
	rwLock  sync.RWMutex
	entries map[string][]byte
}

func newStore() *store { return &store{entries: map[string][]byte{"a": make([]byte, 1024)}} }

//go:noinline
func lockTwice(s *store, parked func()) {
	s.lock.Lock()
	parked()
	s.lock.Lock()
}

// Each locks what it has locked already, and nobody else knows the store.
func leakyMutex(parked func()) interface{} {
	for i := 0; i < many; i++ {
		go lockTwice(newStore(), parked)
	}
	return nil
}

// Main still has the stores and may unlock them.
func healthyMutex(parked func()) interface{} {
	var kept []*store
	for i := 0; i < many; i++ {
		kept = append(kept, newStore())
		go lockTwice(kept[i], parked)
	}
	return kept
}

//go:noinline
func readLocked(s *store, parked func()) {
	s.rwLock.Lock()
	parked()
	s.rwLock.RLock()
}

func leakyRWMutex(parked func()) interface{} {
	for i := 0; i < many; i++ {
		go readLocked(newStore(), parked)
	}
	return nil
}

func healthyRWMutex(parked func()) interface{} {
	var kept []*store
	for i := 0; i < many; i++ {
		kept = append(kept, newStore())
		go readLocked(kept[i], parked)
	}
	global = kept
	return nil
}

//go:noinline
func waitForSignal(condition *sync.Cond, parked func()) {
	condition.L.Lock()
	parked()
	condition.Wait()
}

func leakyCond(parked func()) interface{} {
	for i := 0; i < many; i++ {
		go waitForSignal(sync.NewCond(&sync.Mutex{}), parked)
	}
	return nil
}

func healthyCond(parked func()) interface{} {
	condition := sync.NewCond(&sync.Mutex{})
	for i := 0; i < many; i++ {
		go waitForSignal(condition, parked)
	}
	return condition
}

//go:noinline
func waitForAll(group *sync.WaitGroup, parked func()) {
	parked()
	group.Wait()
}

// Add without a Done: the worker returned early.
func leakyWaitGroup(parked func()) interface{} {
	for i := 0; i < many; i++ {
		group := new(sync.WaitGroup)
		group.Add(1)
		go waitForAll(group, parked)
	}
	return nil
}

func healthyWaitGroup(parked func()) interface{} {
	group := new(sync.WaitGroup)
	group.Add(1)
	for i := 0; i < many; i++ {
		go waitForAll(group, parked)
	}
	return group
}

//go:noinline
func waitForOther(mine <-chan int, others chan<- int, parked func()) {
	parked()
	others <- <-mine
}

// Two and two wait for each other: each channel is reached, but only by someone who hangs.
func leakyCycle(parked func()) interface{} {
	for i := 0; i < many; i += 2 {
		a, b := make(chan int), make(chan int)
		go waitForOther(a, b, parked)
		go waitForOther(b, a, parked)
	}
	return nil
}

// The same ring, but main has one of its channels.
func healthyCycle(parked func()) interface{} {
	var kept []chan int
	for i := 0; i < many; i += 2 {
		a, b := make(chan int), make(chan int)
		go waitForOther(a, b, parked)
		go waitForOther(b, a, parked)
		kept = append(kept, a)
	}
	return kept
}
