// c_shared is Go inside a program of C: a shared library (or an archive) that host.c calls.
package main

import "C"

import (
	"fmt"
	"oracle"
)

type item struct {
	next *item
	name string
	tags map[string]int
}

var (
	head  *item
	index = map[string]*item{}
	wait  = make(chan *item)
)

func hold(ready chan<- bool) {
	mine := &item{name: "of a goroutine"}
	ready <- true
	mine.next = <-wait
	index[mine.name] = mine
}

//export Fill
func Fill(count C.int) {
	for i := 0; i < int(count); i++ {
		head = &item{head, fmt.Sprint("item ", i), map[string]int{"number": i}}
		index[head.name] = head
	}
	ready := make(chan bool)
	for i := 0; i < 5; i++ {
		go hold(ready)
		<-ready
	}
}

//export Serve
func Serve(dump, stacks *C.char) {
	oracle.Serve(C.GoString(dump), C.GoString(stacks))
}

func main() {}
