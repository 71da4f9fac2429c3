package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

// outcome is what the driver counts.
type outcome struct {
	requests, failed int
	slowest          time.Duration
}

func (o *outcome) ask(client *http.Client, url string) {
	started := time.Now()
	response, err := client.Get(url)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %d", response.StatusCode)
		}
	}
	o.requests++
	if err != nil {
		o.failed++
	}
	if took := time.Since(started); took > o.slowest {
		o.slowest = took
	}
}

// drive sends requests one after the other, spread evenly over each second.
func drive(url, rate string) {
	perSecond, err := strconv.Atoi(rate)
	if err != nil || perSecond < 1 {
		fmt.Fprintln(os.Stderr, "not a rate:", rate)
		os.Exit(2)
	}
	done := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(done)
	}()
	client := &http.Client{Timeout: 10 * time.Second}
	ticker := time.NewTicker(time.Second / time.Duration(perSecond))
	defer ticker.Stop()
	var all outcome
	fmt.Println("READY")
	for {
		select {
		case <-done:
			fmt.Printf("%d requests, %d failed, slowest answer %d ms\n", all.requests, all.failed,
				all.slowest.Milliseconds())
			return
		case <-ticker.C:
			if all.requests%3 == 0 {
				all.ask(client, fmt.Sprintf("%s/search?q=leaks", url))
			} else {
				all.ask(client, fmt.Sprintf("%s/login?user=visitor%d", url, all.requests))
			}
		}
	}
}
