package main

import (
	"container/list"
	"context"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// What grows grows by so many entries a command; the healthy twins keep no more than once that.
const entries = 2000

type session struct {
	buffer [1024]byte
}

var round int

func grown(container string) truth {
	return truth{Scenario: "growing-container", Names: []string{container}}
}

func keys() (first, last int) {
	round++
	return (round - 1) * entries, round * entries
}

var sessionsByUser = map[string]*session{}

func growingMap(leaky bool) truth {
	first, last := keys()
	for i := first; i < last; i++ {
		sessionsByUser[strconv.Itoa(i)] = &session{}
		if !leaky {
			delete(sessionsByUser, strconv.Itoa(i-entries))
		}
	}
	return grown("sessionsByUser")
}

var sessionLog []*session

func growingSlice(leaky bool) truth {
	if !leaky {
		sessionLog = nil
	}
	for i := 0; i < entries; i++ {
		sessionLog = append(sessionLog, &session{})
	}
	return grown("sessionLog")
}

var sharedSessions sync.Map

func growingSyncMap(leaky bool) truth {
	first, last := keys()
	for i := first; i < last; i++ {
		sharedSessions.Store(i, &session{})
		if !leaky {
			sharedSessions.Delete(i - entries)
		}
	}
	return grown("sharedSessions")
}

var history = list.New()

func growingList(leaky bool) truth {
	for i := 0; i < entries; i++ {
		history.PushBack(&session{})
		if !leaky && history.Len() > entries {
			history.Remove(history.Front())
		}
	}
	return grown("history")
}

var backlog = make(chan *session, 100*entries)

func growingChannel(leaky bool) truth {
	for i := 0; i < entries; i++ {
		backlog <- &session{}
		if !leaky && len(backlog) > entries {
			<-backlog
		}
	}
	return grown("backlog")
}

type service struct {
	base   context.Context
	cancel context.CancelFunc
}

var server service

func growingContext(leaky bool) truth {
	if server.base == nil {
		server.base, server.cancel = context.WithCancel(context.Background())
	}
	for i := 0; i < entries; i++ {
		request, cancel := context.WithCancel(server.base)
		sink = request
		if !leaky {
			cancel()
		}
	}
	return grown("server")
}

// lru is a cache as many programs write it: a map into a list.
type lru struct {
	order *list.List
	items map[int]*list.Element
	limit int
}

var cache = &lru{order: list.New(), items: map[int]*list.Element{}}

func growingLRU(leaky bool) truth {
	if !leaky {
		cache.limit = entries
	}
	first, last := keys()
	for i := first; i < last; i++ {
		cache.items[i] = cache.order.PushFront(&session{})
		for cache.limit > 0 && cache.order.Len() > cache.limit {
			oldest := cache.order.Back()
			cache.order.Remove(oldest)
			delete(cache.items, i-cache.limit)
		}
	}
	return grown("cache")
}

var buffers sync.Pool

// growingPool gives back buffers that are larger with each use, and the collector, which would empty
// the pool, does not run.
func growingPool(leaky bool) truth {
	debug.SetGCPercent(-1)
	collections = 0
	round++
	var taken [16]*[]byte
	for i := range taken {
		taken[i], _ = buffers.Get().(*[]byte)
		if taken[i] == nil {
			taken[i] = new([]byte)
		}
		if leaky || *taken[i] == nil {
			*taken[i] = make([]byte, round*64<<10)
		}
	}
	for i := range taken {
		buffers.Put(taken[i])
	}
	return grown("buffers")
}

// goroutineGrowth starts goroutines that retry for ever; the healthy twin's end.
func goroutineGrowth(leaky bool) truth {
	if leaky {
		for i := 0; i < many; i++ {
			go retryForEver()
		}
	} else {
		var done sync.WaitGroup
		for i := 0; i < many; i++ {
			done.Add(1)
			go done.Done()
		}
		done.Wait()
	}
	return truth{Scenario: "goroutine-growth", Names: []string{"main.retryForEver"}}
}

func retryForEver() {
	for {
		time.Sleep(time.Hour)
	}
}

var shelf0, shelf1, shelf2, shelf3, shelf4, shelf5, shelf6, shelf7 []*session
var shelf8, shelf9, shelf10, shelf11, shelf12, shelf13, shelf14, shelf15 []*session

// growingSite spreads what it makes over so many variables that none of them grows by much.
func growingSite(leaky bool) truth {
	round++
	if round == 1 {
		// The next sample was chosen by the old rate: it has to be behind.
		runtime.GOMAXPROCS(1)
		runtime.MemProfileRate = 4096
		for i := 0; i < 16<<10; i++ {
			sink = make([]byte, 1<<10)
		}
	}
	for _, shelf := range []*[]*session{
		&shelf0, &shelf1, &shelf2, &shelf3, &shelf4, &shelf5, &shelf6, &shelf7,
		&shelf8, &shelf9, &shelf10, &shelf11, &shelf12, &shelf13, &shelf14, &shelf15,
	} {
		if !leaky {
			*shelf = nil
		}
		for i := 0; i < 30; i++ {
			*shelf = append(*shelf, &session{})
		}
	}
	return truth{Scenario: "growing-site", Names: []string{"main.growingSite"}}
}

// What follows is healthy in both twins: it becomes more for a while, or all at once, and stops.

var plateau = map[int]*session{}

// cachePlateau fills a cache as fast as it can until its limit, and then keeps what it has.
func cachePlateau(leaky bool) truth {
	first, last := keys()
	for i := first; i < last && len(plateau) < 3*entries; i++ {
		plateau[i] = &session{}
	}
	return grown("plateau")
}

// warmUp remembers fewer new things with each round.
func warmUp(leaky bool) truth {
	first, _ := keys()
	for i := 0; i < 8*entries>>uint(2*round); i++ {
		plateau[first+i] = &session{}
	}
	return grown("plateau")
}

// loadOnce has nothing before its second round, and all of its data from then on.
func loadOnce(leaky bool) truth {
	round++
	for i := 0; round == 2 && i < 5*entries; i++ {
		sessionLog = append(sessionLog, &session{})
	}
	return grown("sessionLog")
}

var work = make(chan int)

// idlePool starts its workers in the second round; after that they wait for work.
func idlePool(leaky bool) truth {
	round++
	for i := 0; round == 2 && i < 4*many; i++ {
		go func() {
			for range work {
			}
		}()
	}
	return truth{Scenario: "goroutine-growth", Names: []string{"idlePool"}}
}
