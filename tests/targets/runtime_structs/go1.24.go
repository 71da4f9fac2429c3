//go:build go1.24
// +build go1.24

package main

import (
	"runtime"
	"weak"
)

func init() {
	extras = append(extras, func() {
		object := &thing{}
		handle := weak.Make(object)
		runtime.AddCleanup(object, func(int) {}, 1)
		runtime.KeepAlive(handle.Value())
	})
}
