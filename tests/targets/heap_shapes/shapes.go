package main

import (
	"container/list"
	"context"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type node struct {
	left, right *node
	value       int64
	name        string
}

type shape interface{ area() float64 }

type square struct{ side float64 }
type polygon struct {
	corners []point
	label   string
}
type point struct{ x, y float64 }

func (s square) area() float64   { return s.side * s.side }
func (p *polygon) area() float64 { return float64(len(p.corners)) }

// header is just past 512 bytes with pointers: objects of this size carry a type header, smaller
// ones have their pointer bits in the span.
type header struct {
	words [60]uint64
	ref   *node
	text  string
	more  [8]*node
}

type session struct {
	buf     []byte
	headers map[string][]string
	created time.Time
	parent  *session
}

// newer is what only some releases can make: files named after them add to it.
var newer []func(scale int)

// Everything that a heap can hold, reachable from package variables; what has no name here is
// reachable from goroutines or not at all.
var (
	tree          *node
	smallMap      map[string]int
	largeMap      map[string]*node
	scalarMap     map[uint64]uint64
	nestedMap     map[point]map[string][]byte
	bigValueMap   map[int][200]byte
	interfaceMap  map[interface{}]interface{}
	emptyMap      map[string]string
	shrunkMap     map[int]*node
	linked        *list.List
	slices        [][]string
	pointerSlices [][]*node
	interior      []*int64
	texts         []string
	substring     string
	closures      []func() int
	methods       []func() float64
	channels      []chan *node
	bufferedTexts chan string
	shapes        []shape
	anything      []interface{}
	hugeBytes     []byte
	hugePointers  []*node
	hugeStructs   []session
	tinies        []*byte
	tinyTexts     []*[5]byte
	zeroSized     []*struct{}
	headers       []*header
	arrays        *[64][4]*node
	sessions      sync.Map
	pool          sync.Pool
	finalized     []*node
	reflected     reflect.Value
	atomicAny     atomic.Value
	builder       strings.Builder
	cancelled     context.Context
	timers        []*time.Timer
	finalizersRun int64
	cyclic        *node
	methodsOfMap  map[string]func(int) int
)

func grow(depth int) *node {
	if depth == 0 {
		return nil
	}
	return &node{grow(depth - 1), grow(depth - 1), int64(depth), fmt.Sprint("node ", depth)}
}

func makeMaps(scale int) {
	smallMap = map[string]int{"one": 1, "two": 2, "three": 3}
	largeMap = map[string]*node{}
	scalarMap = map[uint64]uint64{}
	bigValueMap = map[int][200]byte{}
	shrunkMap = map[int]*node{}
	for i := 0; i < 1000*scale; i++ {
		largeMap[fmt.Sprint("key ", i)] = &node{value: int64(i)}
		scalarMap[uint64(i)*7919] = uint64(i)
		bigValueMap[i] = [200]byte{1}
		shrunkMap[i] = &node{value: int64(i)}
	}
	for i := 0; i < 1000*scale; i++ {
		if i%50 != 0 {
			delete(shrunkMap, i)
		}
	}
	nestedMap = map[point]map[string][]byte{}
	for i := 0; i < 50*scale; i++ {
		nestedMap[point{float64(i), 0}] = map[string][]byte{fmt.Sprint(i): make([]byte, i%300)}
	}
	interfaceMap = map[interface{}]interface{}{
		"text": 1, 2: "text", point{1, 2}: &point{3, 4}, 3.5: []int{1, 2}, nil: nil,
	}
	emptyMap = make(map[string]string, 100)
	methodsOfMap = map[string]func(int) int{}
	for i := 0; i < 20; i++ {
		methodsOfMap[fmt.Sprint(i)] = func(add int) int { return add + i }
	}
}

func makeSequences(scale int) {
	linked = list.New()
	for i := 0; i < 500*scale; i++ {
		linked.PushBack(i)
		linked.PushFront(&node{value: int64(i)})
		slices = append(slices, make([]string, i%40, i%40+3))
		pointerSlices = append(pointerSlices, []*node{tree, {value: 1}, nil})
		texts = append(texts, strings.Repeat("x", i%100))
		owner := &node{value: int64(i)}
		interior = append(interior, &owner.value)
	}
	substring = strings.Repeat("long text ", 1000)[5000:5010]
	hugeBytes = make([]byte, 3<<20)
	hugePointers = make([]*node, 200000)
	hugePointers[100000] = &node{name: "in the middle"}
	hugePointers[199999] = &node{name: "at the end"}
	hugeStructs = make([]session, 5000)
	for i := range hugeStructs {
		hugeStructs[i].buf = make([]byte, i%64)
		hugeStructs[i].headers = map[string][]string{"a": {"b", "c"}}
	}
	arrays = new([64][4]*node)
	arrays[63][3] = &node{}
	for i := 0; i < 300; i++ {
		h := &header{ref: &node{}, text: fmt.Sprint("h", i)}
		h.more[7] = &node{}
		headers = append(headers, h)
	}
	builder.WriteString(strings.Repeat("built", 100))
}

func makeTinies(scale int) {
	for i := 0; i < 2000*scale; i++ {
		tiny := new(byte)
		*tiny = byte(i)
		tinies = append(tinies, tiny)
		if i%7 == 0 {
			tinyTexts = append(tinyTexts, new([5]byte))
			zeroSized = append(zeroSized, new(struct{}))
		}
	}
}

func makeFunctions() {
	for i := 0; i < 300; i++ {
		counter, owner := 0, &node{value: int64(i)}
		closures = append(closures, func() int { counter++; return counter + int(owner.value) })
		methods = append(methods, square{float64(i)}.area, (&polygon{label: "p"}).area)
	}
}

func makeChannels() {
	for i := 0; i < 100; i++ {
		channel := make(chan *node, 8)
		for j := 0; j < i%8; j++ {
			channel <- &node{value: int64(j)}
		}
		channels = append(channels, channel, make(chan *node))
	}
	bufferedTexts = make(chan string, 100)
	for i := 0; i < 70; i++ {
		bufferedTexts <- fmt.Sprint("message ", i)
	}
}

func makeInterfaces() {
	for i := 0; i < 200; i++ {
		shapes = append(shapes, square{float64(i)}, &polygon{make([]point, i), "label"})
		anything = append(anything, i+100000, fmt.Sprint(i), point{1, 2}, &node{}, []byte{1}, tree,
			map[int]int{i: i}, func() int { return i }, [3]*node{{}, {}, nil}, struct{ p *node }{&node{}})
	}
	reflected = reflect.ValueOf(&polygon{label: "reflected"})
	atomicAny.Store(&session{buf: make([]byte, 10)})
}

// makeSpecials sets finalizers on objects that live.
func makeSpecials() {
	for i := 0; i < 50; i++ {
		kept := &node{name: "kept with finalizer", left: &node{}}
		runtime.SetFinalizer(kept, func(n *node) { atomic.AddInt64(&finalizersRun, 1) })
		finalized = append(finalized, kept)
	}
}

func makeRest(scale int) {
	for i := 0; i < 100*scale; i++ {
		sessions.Store(fmt.Sprint("session ", i), &session{buf: make([]byte, 1000), created: time.Now()})
	}
	pool.Put(&node{name: "pooled"})
	parent, cancel := context.WithCancel(context.Background())
	_ = cancel
	cancelled = context.WithValue(parent, point{1, 1}, &node{name: "context value"})
	for i := 0; i < 20; i++ {
		timers = append(timers, time.AfterFunc(time.Hour, func() { atomic.AddInt64(&finalizersRun, int64(i)) }))
	}
	cyclic = &node{}
	cyclic.left = &node{right: cyclic}
}

func makeAll(scale int) {
	tree = grow(12)
	makeMaps(scale)
	makeSequences(scale)
	makeTinies(scale)
	makeFunctions()
	makeChannels()
	makeInterfaces()
	makeSpecials()
	makeRest(scale)
	for _, make := range newer {
		make(scale)
	}
}

// makeGarbage drops objects of all kinds, so that spans have holes.
func makeGarbage(scale int) {
	for i := 0; i < 200*scale; i++ {
		dropped := map[int]*node{i: grow(3)}
		dropped[1] = &node{name: fmt.Sprint("garbage ", i)}
		_ = make([]*node, i%3000)
		_ = append([]byte(nil), make([]byte, i%9000)...)
		tiny := new(int32)
		*tiny = int32(i)
		if i%10 == 0 {
			runtime.SetFinalizer(&node{left: &node{}}, func(*node) { atomic.AddInt64(&finalizersRun, 1) })
		}
	}
	_ = make([]byte, 1<<20)
}

// hold keeps a whole structure alive by a local variable only, in a goroutine that waits.
func hold(release chan struct{}, ready *sync.WaitGroup) {
	mine := grow(8)
	byFrame := map[string]*node{"local": {name: "held by a frame"}}
	ready.Done()
	<-release
	runtime.KeepAlive(mine)
	runtime.KeepAlive(byFrame)
}
