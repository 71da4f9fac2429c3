// random_blocking SEED: thousands of goroutines that block in every way there is and are woken, or
// not, through every sort of reference that the collector honours. Each waits once, and notes its
// number when it goes on. It works while the test looks at it; at the command "finish" all that can
// be woken is, and the truth says which goroutines have ever been.
package main

import (
	"fmt"
	"handshake"
	"math/rand"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

type truth struct {
	Started int            `json:"started"` // goroutines that wait once
	Woken   []woken        `json:"woken"`   // those that went on
	Kinds   map[string]int `json:"kinds"`   // how often each way was taken
}

type woken struct {
	Number uint64 `json:"number"`
	Way    string `json:"way"` // how it waited and who had what wakes it
}

var (
	known struct {
		sync.Mutex
		truth
	}
	// Goroutines that wait now, lost ones among them.
	waiting int64
	stopped int32
)

const mostWaiting = 6000

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: random_blocking SEED")
		os.Exit(2)
	}
	seed, err := strconv.ParseInt(os.Args[1], 10, 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	known.Kinds = map[string]int{}
	ended := make(chan bool)
	go func() {
		drive(rand.New(rand.NewSource(seed)))
		ended <- true
	}()
	handshake.Ready()
	atomic.StoreInt32(&stopped, 1)
	<-ended
	wakeAll()
	known.Lock()
	handshake.Truth(known.truth)
	known.Unlock()
	handshake.Ready()
}

// drive makes waiters and wakes some, a handful at a time.
func drive(random *rand.Rand) {
	for round := 0; atomic.LoadInt32(&stopped) == 0; round++ {
		for i := 0; i < 20; i++ {
			startOne(random)
		}
		for i := 0; i < 20; i++ {
			wakeOne(random)
		}
		if round%50 == 0 {
			runtime.GC()
		}
		if random.Intn(3) == 0 || atomic.LoadInt64(&waiting) > mostWaiting {
			time.Sleep(time.Millisecond)
		}
	}
}

// startOne starts a goroutine that waits, and gives somebody, or nobody, what wakes it.
func startOne(random *rand.Rand) {
	lost := random.Intn(8) == 0
	if atomic.LoadInt64(&waiting) > mostWaiting {
		return
	}
	made := points[random.Intn(len(points))]
	keeper := keepers[random.Intn(len(keepers))]
	note(made.name)
	if lost {
		loseOne(random, made)
		return
	}
	note(keeper.name)
	wait, wake := made.make()
	start(made.name+", "+keeper.name, wait)
	keeper.keep(random, wake)
}

// loseOne starts goroutines that nobody can wake: one alone, or some that could wake each other.
func loseOne(random *rand.Rand, made point) {
	note("lost")
	wait, wake := made.make()
	switch random.Intn(3) {
	case 0:
		start(made.name+", lost alone", wait)
	case 1:
		// Itself has what would wake it.
		start(made.name+", lost with its own", func() {
			wait()
			wake()
		})
	case 2:
		otherWait, otherWake := points[random.Intn(len(points))].make()
		start(made.name+", lost in a ring", func() {
			wait()
			otherWake()
		})
		start("lost in a ring with "+made.name, func() {
			otherWait()
			wake()
		})
	}
}

func note(kind string) {
	known.Lock()
	known.Kinds[kind]++
	known.Unlock()
}

// start lets a goroutine wait once and note that it was woken.
func start(way string, wait func()) {
	atomic.AddInt64(&waiting, 1)
	known.Lock()
	known.Started++
	known.Unlock()
	go waiter(way, wait)
}

//go:noinline
func waiter(way string, wait func()) {
	number := goroutineNumber()
	wait()
	atomic.AddInt64(&waiting, -1)
	known.Lock()
	known.Woken = append(known.Woken, woken{number, way})
	known.Unlock()
}

// goroutineNumber reads "goroutine 17 [running]:".
func goroutineNumber() uint64 {
	var text [64]byte
	line := text[:runtime.Stack(text[:], false)]
	number := uint64(0)
	for _, digit := range line[len("goroutine "):] {
		if digit < '0' || digit > '9' {
			break
		}
		number = 10*number + uint64(digit-'0')
	}
	return number
}
