package main

import (
	"container/list"
	"context"
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

// growingPool gives buffers back that grow with each use; the collector never runs often enough.
func growingPool(leaky bool) truth {
	size := 64 << 10
	if leaky {
		round++
		size *= round
	}
	taken := make([][]byte, 0, 16)
	for i := 0; i < cap(taken); i++ {
		taken = append(taken, make([]byte, size))
	}
	for i := range taken {
		buffers.Put(&taken[i])
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
