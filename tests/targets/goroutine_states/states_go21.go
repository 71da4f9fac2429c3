//go:build go1.21
// +build go1.21

package main

import "context"

func init() {
	states = append(states, func() {
		ctx, cancel := context.WithCancel(context.Background())
		context.AfterFunc(ctx, func() { <-never })
		cancel()
	})
}
