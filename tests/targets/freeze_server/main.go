// freeze_server is a program that is easily hurt: an HTTP server that asks itself questions all the
// time, more running threads than cores, threads in system calls, threads that start and end, a busy
// collector, memory that is checked for changes, and commands run as children. It counts what goes
// wrong and prints the counts whenever it is told to go on.
//
// Arguments: number of threads in read calls, number of short-lived threads at a time, 1 to run
// commands.
package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"handshake"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

type counts struct {
	Requests  int64
	Failures  int64
	Wrong     int64
	Threads   int64
	Commands  int64
	Collected int64
	Sleeps    int64
	Signals   int64
	Detail    string
}

var (
	now    counts
	detail atomic.Value
)

func failed(counter *int64, what string, err error) {
	atomic.AddInt64(counter, 1)
	detail.Store(fmt.Sprint(what, ": ", err))
}

func serve() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sum := sha256.Sum256(body)
		fmt.Fprintf(w, "%x", sum)
	})
	go http.Serve(listener, nil)
	return "http://" + listener.Addr().String() + "/echo"
}

func ask(url string, seed int) {
	client := &http.Client{Timeout: 20 * time.Second}
	for i := 0; ; i++ {
		body := bytes.Repeat([]byte{byte(seed), byte(i)}, 3000)
		answer, err := client.Post(url, "text/plain", bytes.NewReader(body))
		if err != nil {
			failed(&now.Failures, "request", err)
			continue
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			failed(&now.Failures, "answer", err)
		} else if string(text) != fmt.Sprintf("%x", sha256.Sum256(body)) {
			failed(&now.Wrong, "answer", fmt.Errorf("%q", text))
		}
		atomic.AddInt64(&now.Requests, 1)
		time.Sleep(time.Millisecond)
	}
}

// A thread in a read call that another thread answers now and then.
func readForever() {
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		panic(err)
	}
	go func() {
		for i := 0; ; i++ {
			time.Sleep(300 * time.Millisecond)
			syscall.Write(pipe[1], []byte{byte(i)})
		}
	}()
	var one [1]byte
	for i := 0; ; i++ {
		n, err := syscall.Read(pipe[0], one[:])
		if n != 1 || one[0] != byte(i) {
			failed(&now.Wrong, "read", fmt.Errorf("%d %v", n, err))
		}
	}
}

// A thread that ends with its goroutine.
func shortThreads() {
	for {
		done := make(chan bool)
		go func() {
			runtime.LockOSThread()
			atomic.AddInt64(&now.Threads, 1)
			close(done)
		}()
		<-done
	}
}

// Floating point and vector registers are in use all the time.
func compute() {
	for {
		x := 1.0
		for i := 1; i < 200000; i++ {
			x = x*0.999999 + float64(i)*1e-9
		}
		if x < 0.8 || x > 21 {
			failed(&now.Wrong, "sum", fmt.Errorf("%v", x))
		}
		time.Sleep(time.Microsecond)
	}
}

type node struct {
	next  *node
	value int
	rest  [5]int
}

func collect() {
	for {
		var list *node
		for i := 0; i < 20000; i++ {
			list = &node{next: list, value: i}
		}
		n := 20000
		for at := list; at != nil; at = at.next {
			n--
			if at.value != n {
				failed(&now.Wrong, "list", fmt.Errorf("%d is %d", n, at.value))
				break
			}
		}
		runtime.GC()
		atomic.AddInt64(&now.Collected, 1)
	}
}

func commands() {
	for {
		out, err := exec.Command("/bin/echo", "well").Output()
		if err != nil || string(out) != "well\n" {
			failed(&now.Failures, "command", fmt.Errorf("%q %v", out, err))
		}
		atomic.AddInt64(&now.Commands, 1)
		time.Sleep(5 * time.Millisecond)
	}
}

// Sleeps in the kernel by its own call: nanosleep must not end early.
func sleepInKernel() {
	for {
		start := time.Now()
		wait := syscall.NsecToTimespec(int64(40 * time.Millisecond))
		var left syscall.Timespec
		err := syscall.Nanosleep(&wait, &left)
		if err == syscall.EINTR {
			continue // the runtime's own signals do that
		}
		if err != nil || time.Since(start) < 39*time.Millisecond {
			failed(&now.Wrong, "sleep", fmt.Errorf("%v after %v", err, time.Since(start)))
		}
		atomic.AddInt64(&now.Sleeps, 1)
	}
}

func signals() {
	channel := make(chan os.Signal, 1000)
	signal.Notify(channel, syscall.SIGUSR1)
	go func() {
		for range channel {
			atomic.AddInt64(&now.Signals, 1)
		}
	}()
}

func main() {
	number := func(i int) int {
		if len(os.Args) <= i {
			return 0
		}
		value, _ := strconv.Atoi(os.Args[i])
		return value
	}
	url := serve()
	signals()
	for i := 0; i < 8; i++ {
		go ask(url, i)
	}
	for i := 0; i < number(1); i++ {
		go readForever()
	}
	for i := 0; i < number(2); i++ {
		go shortThreads()
	}
	if number(3) != 0 {
		go commands()
	}
	go compute()
	go collect()
	go sleepInKernel()
	for {
		copied := counts{
			Requests: atomic.LoadInt64(&now.Requests), Failures: atomic.LoadInt64(&now.Failures),
			Wrong: atomic.LoadInt64(&now.Wrong), Threads: atomic.LoadInt64(&now.Threads),
			Commands: atomic.LoadInt64(&now.Commands), Collected: atomic.LoadInt64(&now.Collected),
			Sleeps: atomic.LoadInt64(&now.Sleeps), Signals: atomic.LoadInt64(&now.Signals),
		}
		if text, ok := detail.Load().(string); ok {
			copied.Detail = text
		}
		handshake.Truth(copied)
		handshake.Ready()
	}
}
