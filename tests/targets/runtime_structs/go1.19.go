//go:build go1.19
// +build go1.19

package main

import "runtime/debug"

func init() {
	extras = append(extras, func() { debug.SetMemoryLimit(1 << 40) })
}
