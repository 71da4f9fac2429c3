package main

import (
	"reflect"
	"unsafe"
)

type objects [20]*payload

//go:noinline
func take(all objects) { sink += len(all) }

//go:noinline
func forgotten() objects {
	var all objects
	for i := range all {
		all[i] = new(payload)
		truth.Forgotten = append(truth.Forgotten, address(unsafe.Pointer(all[i])))
	}
	return all
}

// made blocks before it has any results.
var made = reflect.MakeFunc(reflect.TypeOf(func() (r objects) { return }),
	func([]reflect.Value) []reflect.Value {
		block()
		return nil
	}).Interface().(func() objects)

// callMade leaves arguments where the next call has its results.
//
//go:noinline
func callMade() {
	take(forgotten())
	all := made()
	sink += len(all)
}

func startForgetting() { callMade() }
