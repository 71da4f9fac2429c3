// plugin_part is what plugin_host loads: a module of its own, with types, variables, goroutines and
// method tables that the program itself has not.
package main

import (
	"container/ring"
	"fmt"
)

// Shape is known to the plugin alone.
type Shape interface{ Area() float64 }

type plate struct {
	side  float64
	label string
	notes []string
}

func (p *plate) Area() float64 { return p.side * p.side }

type session struct {
	id    int
	plate *plate
	extra map[string]*plate
	shape Shape
}

var (
	sessions = map[int]*session{}
	lastOne  *session
	shapes   []Shape
	turning  *ring.Ring
	inside   = make(chan *session)
)

func hold(ready chan<- bool) {
	mine := &session{id: -1, plate: &plate{label: "of a goroutine of the plugin"}}
	ready <- true
	other := <-inside
	mine.extra = other.extra
	sessions[mine.id] = mine
}

// Fill makes what the plugin keeps.
func Fill(count int) {
	for i := 0; i < count; i++ {
		p := &plate{side: float64(i), label: fmt.Sprint("plate ", i), notes: []string{"a", "b"}}
		lastOne = &session{id: i, plate: p, extra: map[string]*plate{p.label: p}, shape: p}
		sessions[i] = lastOne
		shapes = append(shapes, p)
	}
	turning = ring.New(50)
	ready := make(chan bool)
	for i := 0; i < 5; i++ {
		go hold(ready)
		<-ready
	}
}

// Kept lets the program hold something whose type only the plugin has.
func Kept() interface{} { return &session{id: 7, plate: &plate{label: "kept by the program"}} }

func main() {}
