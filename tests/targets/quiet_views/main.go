// quiet_views looks at parts of much that it holds, as healthy programs do: room for more at the end
// of buffers, all parts of a text, slices that are filled again, queues that move on.
package main

import (
	"bytes"
	"fmt"
	"handshake"
	"runtime"
	"strings"
	"sync"
)

type item struct {
	id      int
	payload [1000]byte
}

type queue struct{ items []*item }

type list struct {
	items []*item
	spare *item
}

// chunks hands out parts of one block after the other, as a bump allocator does.
type chunks struct{ free []byte }

func (c *chunks) take(n int) []byte {
	if len(c.free) < n {
		c.free = make([]byte, 65536)
	}
	taken := c.free[:n:n]
	c.free = c.free[n:]
	return taken
}

var (
	built    []string
	buffers  []*bytes.Buffer
	grown    [][]byte
	appended [][]*item
	fields   [][]string
	moving   = &queue{}
	refilled = &list{}
	popped   = &list{}
	taken    [][]byte
	arena    chunks
	pool     = sync.Pool{New: func() interface{} { return new(list) }}
	table    = map[string][]string{}
	first    []*item
)

func text(i int) string {
	var b strings.Builder
	for b.Len() < 20000+i {
		fmt.Fprintf(&b, "%d line %d;", i, b.Len())
	}
	return b.String()
}

func work(round int) {
	built, buffers, grown, appended, fields, taken, first = nil, nil, nil, nil, nil, nil, nil
	for i := 0; i < 200; i++ {
		built = append(built, text(i))
		buffer := bytes.NewBuffer(nil)
		buffer.WriteString(text(i))
		buffer.Next(15000)
		buffers = append(buffers, buffer)
		grown = append(grown, append(make([]byte, 0, 32768), text(i)[:100]...))
		var row []*item
		for k := 0; k < 33; k++ {
			row = append(row, &item{id: k})
		}
		appended = append(appended, row)
		fields = append(fields, strings.Split(text(i), ";"))
		header := strings.SplitN(text(i), ";", 3)
		table[fmt.Sprint("document ", i)] = header
	}
	for i := 0; i < 3000; i++ {
		moving.items = append(moving.items, &item{id: i})
		if len(moving.items) > 1000 {
			moving.items[0] = nil
			moving.items = moving.items[1:]
		}
		taken = append(taken, arena.take(1000))
	}
	// Filled and emptied, to be filled again.
	for i := 0; i < 2000; i++ {
		refilled.items = append(refilled.items, &item{id: i})
		popped.items = append(popped.items, &item{id: i})
	}
	refilled.items = refilled.items[:0]
	for len(popped.items) > 10 {
		last := len(popped.items) - 1
		popped.items[last] = nil
		popped.items = popped.items[:last]
	}
	reused := pool.Get().(*list)
	for i := 0; i < 4000; i++ {
		reused.items = append(reused.items, &item{id: i})
	}
	reused.items = reused.items[:1]
	pool.Put(reused)
	// A pointer to an element sees all of them.
	row := make([]item, 100)
	first = append(first, &row[50])
}

func main() {
	for round := 0; ; round++ {
		work(round)
		runtime.GC()
		handshake.Truth(map[string]int{"round": round})
		handshake.Ready()
	}
}
