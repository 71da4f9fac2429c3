//go:build cgo
// +build cgo

package handshake

// A program that is built with cgo is linked with C, runs C when it starts, and has a thread that Go
// knows nothing of.

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static void *wait_for_ever(void *unused) {
	for (;;) pause();
	return unused;
}

static int start_thread(void) {
	sigset_t all, before;
	pthread_t thread;
	int error;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, 0, wait_for_ever, 0);
	pthread_sigmask(SIG_SETMASK, &before, 0);
	return error;
}
*/
import "C"

func init() {
	if C.start_thread() != 0 {
		panic("no thread of C")
	}
}
