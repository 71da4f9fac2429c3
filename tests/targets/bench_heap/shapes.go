package main

import (
	"fmt"
	"math/rand"
	"runtime"
	"unsafe"
)

type node struct {
	next, previous *node
	other          *node
	payload        [11]uint64
}

var list *node

// makeLinked lets the third pointer lead at most `reach` objects back. Far away, each look at it
// misses all caches, for the collector as for seep.
func makeLinked(bytes, reach int) {
	count := bytes / int(unsafe.Sizeof(node{}))
	random := rand.New(rand.NewSource(1))
	all := make([]*node, count)
	for i := range all {
		n := &node{next: list, payload: [11]uint64{uint64(i)}}
		if list != nil {
			list.previous = n
			n.other = all[i-1-random.Intn(min(i, reach))]
		}
		list = n
		all[i] = n
	}
}

const entriesPerMap = 1_000_000

type session struct {
	id    uint64
	user  string
	owner *session
	roles []string
	seen  [4]int64
}

type shard struct {
	sessions map[string]*session
	byNumber map[uint64]*session
}

var shards []*shard

// makeMaps learns from the first map what an entry takes.
func makeMaps(bytes uint64) {
	before := heapBytes()
	makeShard(entriesPerMap)
	perMap := heapBytes() - before
	left := int(bytes/(perMap/entriesPerMap)) - entriesPerMap
	for ; left > 0; left -= entriesPerMap {
		makeShard(min(left, entriesPerMap))
	}
}

func heapBytes() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func makeShard(entries int) {
	roles := []string{"reader", "writer"}
	s := &shard{map[string]*session{}, map[uint64]*session{}}
	shards = append(shards, s)
	var owner *session
	for i := 0; i < entries; i++ {
		id := uint64(len(shards))<<32 | uint64(i)
		n := &session{id: id, user: fmt.Sprintf("user-%d", id), owner: owner, roles: roles}
		s.sessions[n.user] = n
		if i%8 == 0 {
			owner = n
			s.byNumber[id] = n
		}
	}
}
