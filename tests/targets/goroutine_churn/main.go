// goroutine_churn never rests: its goroutines allocate, grow and shrink stacks, lock, send, panic,
// ask for the time, make system calls, start and end, and the collector runs all the time. It is
// stopped at any instant.
package main

import (
	"fmt"
	"handshake"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"
)

type tree struct {
	left, right *tree
	name        string
}

func grow(depth int) *tree {
	if depth == 0 {
		return &tree{name: fmt.Sprint(depth)}
	}
	return &tree{grow(depth - 1), grow(depth - 1), "inner"}
}

func (t *tree) size() int {
	if t == nil {
		return 0
	}
	return 1 + t.left.size() + t.right.size()
}

func deep(depth int, room [20]*tree) int {
	if depth == 0 {
		return room[3].size()
	}
	room[depth%20] = &tree{}
	return deep(depth-1, room) + 1
}

func panics(n int) (result int) {
	defer func() {
		if recover() != nil {
			result = n
		}
	}()
	var none *tree
	if n%2 == 0 {
		panic(n)
	}
	return len(none.name)
}

var (
	lock   sync.Mutex
	shared = map[string]*tree{}
	total  int
)

func work(n int) {
	for i := 0; ; i++ {
		switch (n + i) % 8 {
		case 0:
			total += grow(8).size()
		case 1:
			total += deep(2000, [20]*tree{})
		case 2:
			total += panics(i)
		case 3:
			lock.Lock()
			shared[fmt.Sprint(i%1000)] = grow(2)
			lock.Unlock()
		case 4:
			for i := 0; i < 1000; i++ {
				total += int(time.Now().UnixNano() & 1)
			}
		case 5:
			for i := 0; i < 100; i++ {
				total += syscall.Getpid()
			}
		case 6:
			parts := strings.Split(strings.Repeat("a,b", 100), ",")
			sort.Slice(parts, func(i, j int) bool { return parts[i] < parts[j] })
		case 7:
			results := make(chan *tree)
			for i := 0; i < 20; i++ {
				go func() { results <- grow(3) }()
			}
			for i := 0; i < 20; i++ {
				total += (<-results).size()
			}
		}
	}
}

func main() {
	debug.SetGCPercent(5)
	for n := 0; n < 8; n++ {
		go work(n)
	}
	for {
		handshake.Truth(true)
		handshake.Ready()
	}
}
