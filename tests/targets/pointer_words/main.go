// pointer_words holds objects of every way that the runtime has to say which words are pointers,
// and tells where they are and which of their words point where.
//
// Truth: {"objects": [{"name", "address", "pointers": [[offset, target], ...]}], ...}: all non-nil
// pointer words of the object at `address`. Pointers lead to the first byte of an object, unless
// the object's name begins with "inner".
package main

import (
	"fmt"
	"handshake"
	"os"
	"runtime"
	"runtime/debug"
	"unsafe"
)

type object struct {
	Name     string      `json:"name"`
	Address  uintptr     `json:"address"`
	Pointers [][2]uint64 `json:"pointers"`
}

type truth struct {
	Objects   []object           `json:"objects"`
	Addresses map[string]uintptr `json:"addresses"`
}

type link struct {
	next    *link
	payload *int64
	number  int
}

type mixed struct {
	count  int
	name   string
	items  []*int64
	any    interface{}
	f      func()
	table  map[string]int
	ch     chan *int64
	unsafe unsafe.Pointer
	hidden uintptr
}

type big struct { // above 512 bytes: a slot with a header
	numbers [60]int
	p       *int64
	more    [20]int
	q       *link
}

type huge struct { // its mask is made on demand
	A [3000]struct {
		P *int64
		Q [7]int64
	}
}

type farApart struct { // gaps wider than one step of the reference table
	first *int64
	gap   [70000]int64
	last  *int64
}

type stringer interface{ String() string }

type named struct{ text [3]*int64 }

func (n *named) String() string { return "" }

type withCleanup struct {
	p *int64
	n [4]int
}

var (
	result truth
	keep   []interface{}
	// moreSpecials is what newer releases add.
	moreSpecials []func(at func(name string, p unsafe.Pointer))
)

func after(p unsafe.Pointer, bytes uintptr) unsafe.Pointer {
	return unsafe.Pointer(uintptr(p) + bytes)
}

func number() *int64 { p := new([3]int64); return &p[0] }

func add(name string, base unsafe.Pointer, words ...unsafe.Pointer) {
	o := object{Name: name, Address: uintptr(base)}
	for _, w := range words {
		value := *(*uintptr)(w)
		if value != 0 {
			o.Pointers = append(o.Pointers, [2]uint64{uint64(uintptr(w) - uintptr(base)), uint64(value)})
		}
	}
	result.Objects = append(result.Objects, o)
}

func lists() {
	var head *link
	for i := 0; i < 50; i++ {
		head = &link{next: head, payload: number(), number: i}
	}
	keep = append(keep, head)
	for at := head; at != nil; at = at.next {
		add("list", unsafe.Pointer(at), unsafe.Pointer(&at.next), unsafe.Pointer(&at.payload))
	}
}

func pointerSlice(name string, length int) {
	s := make([]*int64, length)
	var words []unsafe.Pointer
	for i := range s {
		if i%3 != 1 {
			s[i] = number()
		}
		words = append(words, unsafe.Pointer(&s[i]))
	}
	keep = append(keep, s)
	add(name, unsafe.Pointer(&s[0]), words...)
}

func structSlice(name string, length int) {
	s := make([]link, length)
	var words []unsafe.Pointer
	for i := range s {
		s[i] = link{payload: number(), number: i}
		words = append(words, unsafe.Pointer(&s[i].next), unsafe.Pointer(&s[i].payload))
	}
	keep = append(keep, s)
	add(name, unsafe.Pointer(&s[0]), words...)
}

func structs() {
	captured := number()
	m := &mixed{count: 1 << 40, name: string(make([]byte, 40)), items: []*int64{number()}, any: [2]*int64{number(), nil},
		f: func() { *captured++ }, table: map[string]int{"a": 1}, ch: make(chan *int64, 3), unsafe: unsafe.Pointer(number())}
	m.hidden = uintptr(unsafe.Pointer(m))
	keep = append(keep, m)
	base := unsafe.Pointer(m)
	add("mixed", base, unsafe.Pointer(&m.name), unsafe.Pointer(&m.items), after(unsafe.Pointer(&m.any), 8),
		unsafe.Pointer(&m.f), unsafe.Pointer(&m.table), unsafe.Pointer(&m.ch), unsafe.Pointer(&m.unsafe))

	b := &big{p: number(), q: &link{}}
	keep = append(keep, b)
	add("header", unsafe.Pointer(b), unsafe.Pointer(&b.p), unsafe.Pointer(&b.q))

	inner := &link{payload: &b.numbers2()[5]}
	keep = append(keep, inner)
	add("inner", unsafe.Pointer(inner), unsafe.Pointer(&inner.payload))

	var i stringer = &named{text: [3]*int64{number(), nil, number()}}
	keep = append(keep, i)
	n := i.(*named)
	add("named", unsafe.Pointer(n), unsafe.Pointer(&n.text[0]), unsafe.Pointer(&n.text[2]))
}

func (b *big) numbers2() []int64 { return make([]int64, 20) }

func large() {
	pointerSlice("large slice", 10000)
	pointerSlice("very large slice", 700000)
	structSlice("large structs", 5000)

	h := make([]huge, 2)
	var words []unsafe.Pointer
	for i := range h {
		for j := range h[i].A {
			if j%7 == 0 {
				h[i].A[j].P = number()
			}
			words = append(words, unsafe.Pointer(&h[i].A[j].P))
		}
	}
	keep = append(keep, h)
	add("on demand", unsafe.Pointer(&h[0]), words...)

	f := make([]farApart, 12)
	words = nil
	for i := range f {
		if i%4 != 2 {
			f[i].first = number()
		}
		f[i].last = number()
		words = append(words, unsafe.Pointer(&f[i].first), unsafe.Pointer(&f[i].last))
	}
	keep = append(keep, f)
	add("far apart", unsafe.Pointer(&f[0]), words...)
}

type spread struct {
	p *int64
	n uintptr
}

// acrossArenas is longer than the 64 MiB of a heapArena, and only there if an argument asks for it.
// It holds something from where the second of its arenas begins.
func acrossArenas() {
	const arena = 64 << 20
	s := make([]spread, 4600000)
	base := uintptr(unsafe.Pointer(&s[0]))
	first := int(((base+arena-1)&^(arena-1) - base) / unsafe.Sizeof(s[0]))
	var words []unsafe.Pointer
	for i := first; i < first+10000; i++ {
		s[i].p = number()
		s[i].n = uintptr(unsafe.Pointer(numbers))
		words = append(words, unsafe.Pointer(&s[i].p))
	}
	keep = append(keep, s)
	add("across arenas", unsafe.Pointer(&s[0]), words...)
}

// What reuses memory may find the marks of pointers that were there: an object's own end where its
// type's pointers end.
type smallTail struct {
	p *int64
	n [255]uintptr
}

type largeTail struct {
	p *int64
	n [99999]uintptr
}

//go:noinline
func fillAndForget() {
	for i := 0; i < 200; i++ {
		s := make([]*int64, 256)
		for j := range s {
			s[j] = &numbers[0]
		}
		forgotten = s
	}
	for i := 0; i < 6; i++ {
		s := make([]*int64, 100000)
		for j := range s {
			s[j] = &numbers[0]
		}
		forgotten = s
	}
	forgotten = nil
}

var (
	numbers   = new([3]int64)
	forgotten []*int64
)

func reused() {
	fillAndForget()
	runtime.GC()
	for i := 0; i < 200; i++ {
		t := &smallTail{p: number()}
		for j := range t.n {
			t.n[j] = uintptr(unsafe.Pointer(numbers))
		}
		keep = append(keep, t)
		add("reused", unsafe.Pointer(t), unsafe.Pointer(&t.p))
	}
	for i := 0; i < 6; i++ {
		t := &largeTail{p: number()}
		for j := range t.n {
			t.n[j] = uintptr(unsafe.Pointer(numbers))
		}
		keep = append(keep, t)
		add("reused large", unsafe.Pointer(t), unsafe.Pointer(&t.p))
	}
}

const queued = 4

var never = make(chan bool)

// The first of these runs for ever, the others wait.
//
//go:noinline
func finalizers(at func(name string, p unsafe.Pointer)) {
	for i := 0; i < queued; i++ {
		f := &withCleanup{p: number()}
		runtime.SetFinalizer(f, func(*withCleanup) { <-never })
		at(fmt.Sprintf("queued object %d", i), unsafe.Pointer(f))
	}
}

func specials() {
	result.Addresses = map[string]uintptr{}
	at := func(name string, p unsafe.Pointer) { result.Addresses[name] = uintptr(p) }

	f := &withCleanup{p: number()}
	captured := number()
	runtime.SetFinalizer(f, func(*withCleanup) { *captured++ })
	at("finalizer object", unsafe.Pointer(f))
	at("finalizer referent", unsafe.Pointer(f.p))
	at("finalizer captured", unsafe.Pointer(captured))

	keep = append(keep, f)
	for _, more := range moreSpecials {
		more(at)
	}
}

func main() {
	debug.SetGCPercent(-1)
	runtime.MemProfileRate = 2048
	lists()
	pointerSlice("small slice", 20)
	pointerSlice("header slice", 500)
	structSlice("small structs", 10)
	structSlice("header structs", 300)
	structs()
	large()
	if len(os.Args) > 1 && os.Args[1] == "across arenas" {
		acrossArenas()
	}
	reused()
	specials()
	finalizers(func(name string, p unsafe.Pointer) { result.Addresses[name] = uintptr(p) })
	runtime.GC()
	runtime.GC()
	runtime.MemProfile(nil, true) // without a use of it the linker turns the profile off
	handshake.Truth(result)
	for {
		handshake.Ready()
	}
}
