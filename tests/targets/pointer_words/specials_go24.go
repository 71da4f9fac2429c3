//go:build go1.24
// +build go1.24

package main

import (
	"fmt"
	"runtime"
	"unsafe"
	"weak"
)

var handle weak.Pointer[link]

func init() { moreSpecials = append(moreSpecials, cleanups) }

func cleanups(at func(name string, p unsafe.Pointer)) {
	c := &withCleanup{p: number()}
	argument := number()
	runtime.AddCleanup(c, func(p *int64) { *p++ }, argument)
	at("cleanup object", unsafe.Pointer(c))
	at("cleanup argument", unsafe.Pointer(argument))

	w := &link{}
	handle = weak.Make(w)
	at("weak object", unsafe.Pointer(w))
	at("weak handle", *(*unsafe.Pointer)(unsafe.Pointer(&handle)))
	keep = append(keep, c, w)
	queuedCleanups(at)
}

//go:noinline
func queuedCleanups(at func(name string, p unsafe.Pointer)) {
	for i := 0; i < queued; i++ {
		argument := number()
		runtime.AddCleanup(&withCleanup{p: number()}, func(*int64) { <-never }, argument)
		at(fmt.Sprintf("queued argument %d", i), unsafe.Pointer(argument))
	}
}
