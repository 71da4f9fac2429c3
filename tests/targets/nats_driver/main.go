// nats_driver HOST:PORT keeps a NATS server busy, speaking its text protocol over plain sockets, and
// counts every answer that does not come: subscribers with patterns, requests with replies, and
// messages that are stored in memory and acknowledged one by one (JetStream).
//
// At READY the load runs. The next command stops it; the truth then says how many requests there
// were and how many failed.
package main

import (
	"fmt"
	"handshake"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	workers     = 20
	subscribers = 100
)

var requests, failed, longest atomic.Int64

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: nats_driver HOST:PORT")
		os.Exit(2)
	}
	for i := 0; i < subscribers; i++ {
		c := dial(os.Args[1])
		c.send("SUB news.%d.* 1\r\nSUB updates.> 2\r\n", i)
		go c.discard()
	}
	responder := dial(os.Args[1])
	responder.send("SUB service.echo 1\r\n")
	go responder.echo()
	admin := dial(os.Args[1])
	stream := `{"name":"KEEP","subjects":["keep.>"],"storage":"memory","retention":"limits"}`
	if _, err := admin.request("$JS.API.STREAM.CREATE.KEEP", stream); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	var stop atomic.Bool
	var running sync.WaitGroup
	for i := 0; i < workers; i++ {
		running.Add(1)
		go func() {
			defer running.Done()
			work(dial(os.Args[1]), i, &stop)
		}()
	}
	// The load runs when each worker has been answered.
	for requests.Load() < 10*workers {
		time.Sleep(time.Millisecond)
	}
	handshake.Ready()
	stop.Store(true)
	running.Wait()
	handshake.Truth(map[string]int64{"requests": requests.Load(), "failed": failed.Load(),
		"longest_ms": longest.Load()})
	handshake.Ready()
}

// work asks the echo service and stores a message in turn.
func work(c *connection, worker int, stop *atomic.Bool) {
	body := string(make([]byte, 1024))
	for n := 0; !stop.Load(); n++ {
		started := time.Now()
		var err error
		if n%2 == 0 {
			_, err = c.request("service.echo", fmt.Sprint("worker ", worker, " message ", n))
		} else {
			_, err = c.request(fmt.Sprintf("keep.%d.%d", worker, n%1000), body)
			c.send("PUB news.%d.x 5\r\nhello\r\nPUB updates.a.b 5\r\nhello\r\n", n%subscribers)
		}
		requests.Add(1)
		if err != nil {
			failed.Add(1)
			fmt.Fprintln(os.Stderr, err)
		}
		if took := time.Since(started).Milliseconds(); took > longest.Load() {
			longest.Store(took)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
