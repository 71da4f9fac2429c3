package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// session is what the service remembers of a visitor.
type session struct {
	user    string
	started time.Time
	buf     []byte
	history []string
}

// answer is what a backend finds.
type answer struct {
	backend string
	body    []byte
}

var (
	sessionsLock sync.Mutex
	sessions     = map[string]*session{}
)

func login(w http.ResponseWriter, r *http.Request) {
	user := r.URL.Query().Get("user")
	made := &session{user: user, started: time.Now(), buf: make([]byte, 16<<10)}
	for i := range made.buf {
		made.buf[i] = byte(i)
	}
	sessionsLock.Lock()
	defer sessionsLock.Unlock()
	made.history = append(made.history, "login "+user)
	sessions[fmt.Sprintf("%s-%d", user, len(sessions))] = made
	fmt.Fprintf(w, "hello %s\n", user)
}

func search(w http.ResponseWriter, r *http.Request) {
	first := askBackends("q=" + r.URL.Query().Get("q"))
	fmt.Fprintf(w, "%s found %d bytes\n", first.backend, len(first.body))
}

// askBackends returns the faster answer. The slower backend's send is never received.
func askBackends(query string) answer {
	answers := make(chan answer)
	for _, backend := range []string{"east", "west"} {
		go askBackend(backend, query, answers)
	}
	return <-answers
}

func askBackend(backend, query string, answers chan<- answer) {
	body := make([]byte, 8<<10)
	for i := range body {
		body[i] = query[i%len(query)]
	}
	answers <- answer{backend, body}
}

func serve() {
	http.HandleFunc("/login", login)
	http.HandleFunc("/search", search)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Printf("READY http://%s\n", listener.Addr())
	fmt.Fprintln(os.Stderr, http.Serve(listener, nil))
	os.Exit(1)
}
