//go:build !cgo
// +build !cgo

package main

import "errors"

var errNoC = errors.New("the program is built without C")

func allocatedByC(int) func() truth { return refused(errNoC) }

func stacksOfC(int) func() truth { return refused(errNoC) }
