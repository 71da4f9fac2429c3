//go:build !go1.18
// +build !go1.18

package main

func waitInGeneric(done func()) { waitFor(make(chan map[string]int), done) }

func waitFor(c chan map[string]int, d func()) { d(); <-c }
