// ten_leaks: ten different leaks in one program, each of another size. The truth lists them with the
// bytes that would come back if each were fixed.
package main

import (
	"bufio"
	"context"
	"handshake"
	"io"
	"runtime"
	"strings"
	"sync"
	"time"
)

type leak struct {
	Scenario string `json:"scenario"`
	Bytes    uint64 `json:"bytes"`
	Name     string `json:"name"` // somewhere in the finding
}

const megabyte = 1 << 20

func main() {
	leaks := []leak{
		keepTitles(6 * megabyte),
		keepHeaders(7 * megabyte),
		forgetJobs(8 * megabyte),
		forgetTasks(9 * megabyte),
		sendToNobody(10 * megabyte),
		waitForNobody(11 * megabyte),
		selectNothing(12 * megabyte),
		dropCancel(13 * megabyte),
		dropDeadline(14 * megabyte),
		abandonScanners(15 * megabyte),
	}
	settle()
	handshake.Truth(leaks)
	handshake.Ready()
}

const block = 32768

var titles []string

func keepTitles(bytes int) leak {
	for i := 0; i < bytes/block; i++ {
		titles = append(titles, strings.Repeat(string(rune('a'+i%26)), block)[:16])
	}
	return leak{"substring", uint64(bytes / block * (block - 16)), "string"}
}

type packet struct {
	header []byte
}

var packets []*packet

func keepHeaders(bytes int) leak {
	for i := 0; i < bytes/block; i++ {
		message := make([]byte, block)
		packets = append(packets, &packet{message[:16:16]})
	}
	return leak{"subslice", uint64(bytes / block * (block - 16)), "header"}
}

type job struct {
	payload [8192]byte
}

type queue struct {
	jobs []*job
}

var waitingJobs = &queue{}

func forgetJobs(bytes int) leak {
	lost := bytes / 8192
	for i := 0; i < lost+10; i++ {
		waitingJobs.jobs = append(waitingJobs.jobs, &job{})
	}
	waitingJobs.jobs = waitingJobs.jobs[lost:]
	return leak{"lost-elements", uint64(bytes), "main.job"}
}

type task struct {
	payload [8192]byte
}

type stack struct {
	tasks []*task
}

var openTasks = &stack{}

func forgetTasks(bytes int) leak {
	lost := bytes / 8192
	for i := 0; i < lost+10; i++ {
		openTasks.tasks = append(openTasks.tasks, &task{})
	}
	openTasks.tasks = openTasks.tasks[:10]
	return leak{"lost-elements", uint64(bytes), "main.task"}
}

const goroutines = 64

func sendToNobody(bytes int) leak {
	for i := 0; i < goroutines; i++ {
		answers := make(chan []byte)
		go func() { answers <- make([]byte, bytes/goroutines) }()
	}
	return leak{"hung-goroutine", uint64(bytes), "main.sendToNobody"}
}

func waitForNobody(bytes int) leak {
	for i := 0; i < goroutines; i++ {
		group := new(sync.WaitGroup)
		group.Add(1)
		go waitWith(group, make([]byte, bytes/goroutines))
	}
	return leak{"hung-goroutine", uint64(bytes), "main.waitWith"}
}

//go:noinline
func waitWith(group *sync.WaitGroup, buffer []byte) {
	group.Wait()
	buffer[0] = 1
}

func selectNothing(bytes int) leak {
	for i := 0; i < goroutines; i++ {
		go selectWith(make(chan int), make(chan string), make([]byte, bytes/goroutines))
	}
	return leak{"hung-goroutine", uint64(bytes), "main.selectWith"}
}

//go:noinline
func selectWith(numbers chan int, words chan string, buffer []byte) {
	select {
	case <-numbers:
	case <-words:
	}
	buffer[0] = 1
}

type service struct {
	base   context.Context
	cancel context.CancelFunc
}

var running service

type key struct{}

type payload struct {
	bytes [block]byte
}

func dropCancel(bytes int) leak {
	running.base, running.cancel = context.WithCancel(context.Background())
	for i := 0; i < bytes/block; i++ {
		context.WithCancel(context.WithValue(running.base, key{}, &payload{}))
	}
	return leak{"known-leak", uint64(bytes), "context-not-cancelled"}
}

func dropDeadline(bytes int) leak {
	for i := 0; i < bytes/block; i++ {
		context.WithTimeout(context.WithValue(running.base, key{}, &payload{}), time.Hour)
	}
	return leak{"known-leak", uint64(bytes), "context-deadline-pile"}
}

func abandonScanners(bytes int) leak {
	for i := 0; i < goroutines; i++ {
		reader, _ := io.Pipe()
		go scan(reader, make([]byte, bytes/goroutines))
	}
	return leak{"known-leak", uint64(bytes), "scanner-abandoned"}
}

//go:noinline
func scan(reader io.Reader, buffer []byte) {
	scanner := bufio.NewScanner(reader)
	scanner.Buffer(buffer, len(buffer))
	for scanner.Scan() {
	}
}

// settle returns when nothing but this goroutine runs and the collector has freed what is free.
func settle() {
	text := make([]byte, 1<<20)
	for strings.Contains(string(text[:runtime.Stack(text, true)]), "[runnable") {
		time.Sleep(5 * time.Millisecond)
	}
	text = nil
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
}
