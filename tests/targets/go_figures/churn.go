package main

import (
	"handshake"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// What a churn holds all the time: large blocks, which the runtime counts as soon as it allocates
// them.
const (
	keptBlocks, keptBytes = 32, 1 << 20
	workers               = 4
	goroutinesAWorker     = 20
)

var (
	stopping int32
	churning sync.WaitGroup
	held     [][]byte
)

func churn() {
	for i := 0; i < keptBlocks; i++ {
		held = append(held, make([]byte, keptBytes))
	}
	stopping = 0
	for i := 0; i < workers; i++ {
		churning.Add(1)
		go work(i)
	}
	churning.Add(1)
	go readMetrics()
	output = append(output[:0], "{\"\":0"...)
	figure("held", keptBlocks*keptBytes)
	figure("goroutines", 2+workers*(1+goroutinesAWorker))
	output = append(output, '}', '\n')
	handshake.Write(output)
	handshake.Ready()
	stopChurn()
}

func stopChurn() {
	atomic.StoreInt32(&stopping, 1)
	churning.Wait()
}

// Allocates in many classes, large ones too, and starts goroutines with deep stacks.
func work(seed int) {
	defer churning.Done()
	ring := make([][]byte, 256)
	for i := seed; atomic.LoadInt32(&stopping) == 0; i++ {
		size := i * 37 % 5000
		if i%100 == 0 {
			size = 100000 + i%7*50000
		}
		ring[i%len(ring)] = make([]byte, size)
		list := &node{}
		for j := 0; j < 20; j++ {
			list = &node{next: list}
		}
		if i%50 == 0 {
			var group sync.WaitGroup
			for j := 0; j < goroutinesAWorker; j++ {
				group.Add(1)
				go func(depth int) {
					defer group.Done()
					descend(depth)
				}(j * 20)
			}
			group.Wait()
		}
		runtime.KeepAlive(list)
	}
}

func descend(depth int) byte {
	var frame [200]byte
	if depth > 0 {
		frame[depth%200] = descend(depth - 1)
	}
	return frame[depth%7]
}

// Who reads the metrics turns the statistics over.
func readMetrics() {
	defer churning.Done()
	for atomic.LoadInt32(&stopping) == 0 {
		readOnce()
		time.Sleep(50 * time.Microsecond)
	}
}
