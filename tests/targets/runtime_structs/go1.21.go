//go:build go1.21
// +build go1.21

package main

import "runtime"

func init() {
	extras = append(extras, func() {
		var pinner runtime.Pinner
		pinner.Pin(&thing{})
		pinner.Pin(&thing{})
		pinner.Unpin()
	})
}
