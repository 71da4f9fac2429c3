// demo_service is a small HTTP service with two bugs that many real ones have had.
//
//  1. /login remembers a session with its upload buffer in a package variable and never forgets it.
//  2. /search asks two backends at once and takes the first answer; the other goroutine hangs for
//     ever on the unbuffered channel that nobody reads any more, with its answer in its hands.
//
// demo_service serve        prints "READY http://127.0.0.1:PORT" and serves until stdin closes
// demo_service drive URL N  sends N requests a second until stdin closes, then says how many failed
package main

import (
	"fmt"
	"os"
)

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "serve":
		serve()
	case len(os.Args) == 4 && os.Args[1] == "drive":
		drive(os.Args[2], os.Args[3])
	default:
		fmt.Fprintln(os.Stderr, "usage: demo_service serve | demo_service drive URL REQUESTS_PER_SECOND")
		os.Exit(2)
	}
}
