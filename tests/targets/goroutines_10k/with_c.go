//go:build cgo
// +build cgo

package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <unistd.h>

extern void goWaits(void);

static void wait_in_c(void) {
	for (;;) pause();
}

static void call_go(void) { goWaits(); }

static void *thread_that_calls_go(void *unused) {
	goWaits();
	return unused;
}

static int start_thread_that_calls_go(void) {
	pthread_t thread;
	return pthread_create(&thread, 0, thread_that_calls_go, 0);
}
*/
import "C"

func init() { rare = append(rare, inC, throughC, fromThread) }

// inC waits in a function of C.
func inC(n int, done func()) {
	done()
	C.wait_in_c()
}

// throughC waits in Go, called from C, called from Go.
func throughC(n int, done func()) {
	calledByGoroutine <- done
	C.call_go()
}

// fromThread waits beside a thread of C that called Go and waits there.
func fromThread(n int, done func()) {
	if C.start_thread_that_calls_go() != 0 {
		panic("no thread of C")
	}
	<-calledByThread
	done()
	<-never
}
