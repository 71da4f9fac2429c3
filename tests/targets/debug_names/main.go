// debug_names has variables, types, frames and closures of every kind that debug information
// describes, and tells where it really has them.
package main

import (
	"handshake"
	"io"
	"os"
	"runtime"
	"unsafe"

	names "example.test/names.v2"
)

type Base struct {
	id int32
}

type Node struct {
	Base
	next   *Node
	label  string
	bytes  []byte
	index  map[string]*Node
	queue  chan Node
	act    func(int) string
	any    interface{}
	out    io.Writer
	grid   [3][2]int16
	raw    unsafe.Pointer
	ratio  complex128
	on     bool
	_      int64
	tagged struct {
		inner int `json:"100%20"`
	}
}

type Celsius float64

var (
	first   = Node{label: "first"}
	pointer = &first
	table   = map[string]*Node{}
	signals = make(chan int, 3)
	words   []string
	degrees Celsius   = 3
	writer  io.Writer = os.Stdout
	hook              = func(n int) int { return n + 1 }
	generic           = names.Shared
)

type Place struct {
	Address uintptr `json:"address"`
	Size    uintptr `json:"size"`
}

type Truth struct {
	Variables map[string]Place   `json:"variables"`
	Offsets   map[string]uintptr `json:"offsets"`
	Locals    map[string]uintptr `json:"locals"`
	LocalsPC  uintptr            `json:"locals_pc"`
	Closure   uintptr            `json:"closure"`
}

var truth = Truth{
	Variables: map[string]Place{},
	Offsets:   map[string]uintptr{},
	Locals:    map[string]uintptr{},
}

// hide keeps a local variable in its frame: the compiler does not see its address escape.
//
//go:noinline
func hide(p unsafe.Pointer) uintptr { return uintptr(p) }

//go:noinline
func pcOfCaller() uintptr {
	pcs := make([]uintptr, 1)
	runtime.Callers(2, pcs)
	return pcs[0]
}

//go:noinline
func frame(start int, text string) int {
	var local, other Node
	local.id = int32(start)
	other.label = text
	truth.Locals["local"] = hide(unsafe.Pointer(&local))
	truth.Locals["other"] = hide(unsafe.Pointer(&other))
	truth.LocalsPC = pcOfCaller()
	return int(local.id) + len(other.label)
}

//go:noinline
func closure(step int, name string) func() int {
	count := 0
	return func() int {
		count += step
		return count + len(name)
	}
}

func place(p unsafe.Pointer, size uintptr) Place { return Place{uintptr(p), size} }

func main() {
	truth.Variables["main.first"] = place(unsafe.Pointer(&first), unsafe.Sizeof(first))
	truth.Variables["main.pointer"] = place(unsafe.Pointer(&pointer), unsafe.Sizeof(pointer))
	truth.Variables["main.table"] = place(unsafe.Pointer(&table), unsafe.Sizeof(table))
	truth.Variables["main.signals"] = place(unsafe.Pointer(&signals), unsafe.Sizeof(signals))
	truth.Variables["main.words"] = place(unsafe.Pointer(&words), unsafe.Sizeof(words))
	truth.Variables["main.degrees"] = place(unsafe.Pointer(&degrees), unsafe.Sizeof(degrees))
	truth.Variables["main.writer"] = place(unsafe.Pointer(&writer), unsafe.Sizeof(writer))
	truth.Variables["main.hook"] = place(unsafe.Pointer(&hook), unsafe.Sizeof(hook))
	truth.Variables["main.generic"] = place(unsafe.Pointer(&generic), unsafe.Sizeof(generic))
	truth.Variables["example.test/names.v2.Shared"] =
		place(unsafe.Pointer(&names.Shared), unsafe.Sizeof(names.Shared))
	truth.Offsets["Base"] = unsafe.Offsetof(first.Base)
	truth.Offsets["next"] = unsafe.Offsetof(first.next)
	truth.Offsets["label"] = unsafe.Offsetof(first.label)
	truth.Offsets["bytes"] = unsafe.Offsetof(first.bytes)
	truth.Offsets["index"] = unsafe.Offsetof(first.index)
	truth.Offsets["queue"] = unsafe.Offsetof(first.queue)
	truth.Offsets["act"] = unsafe.Offsetof(first.act)
	truth.Offsets["any"] = unsafe.Offsetof(first.any)
	truth.Offsets["out"] = unsafe.Offsetof(first.out)
	truth.Offsets["grid"] = unsafe.Offsetof(first.grid)
	truth.Offsets["raw"] = unsafe.Offsetof(first.raw)
	truth.Offsets["ratio"] = unsafe.Offsetof(first.ratio)
	truth.Offsets["on"] = unsafe.Offsetof(first.on)
	truth.Offsets["tagged"] = unsafe.Offsetof(first.tagged)
	frame(1, "text")
	counter := closure(len(os.Args), os.Args[0])
	counter()
	truth.Closure = **(**uintptr)(unsafe.Pointer(&counter))
	handshake.Truth(truth)
	for {
		handshake.Ready()
		runtime.KeepAlive(counter)
	}
}
