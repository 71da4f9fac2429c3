// block does nothing but wait: the smallest Go program that a test can look at.
package main

import (
	"handshake"
	"os"
)

func main() {
	handshake.Truth(map[string]int{"pid": os.Getpid()})
	for {
		handshake.Ready()
	}
}
