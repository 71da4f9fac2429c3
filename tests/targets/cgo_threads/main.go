// cgo_threads is as mixed with C as a program can be: threads that C started wait inside Go,
// goroutines wait inside C and inside Go that C called, C frames lie between Go's.
//
//	cgo_threads DUMPFILE STACKFILE
package main

/*
#cgo LDFLAGS: -lpthread
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

extern void goWaits(int depth);
extern void goSays(int which);

static int never[2];

static void prepare(void) {
	if (pipe(never) != 0) abort();
}

// A deep C stack under which something waits.
__attribute__((noinline)) static int descend(int depth, int which) {
	volatile char frame[512];
	frame[depth % 512] = (char)depth;
	int result;
	if (depth > 0) {
		result = descend(depth - 1, which);
	} else if (which < 0) {
		char byte;
		goSays(which);
		result = (int)read(never[0], &byte, 1);
	} else {
		goWaits(which);
		result = 0;
	}
	return result + frame[depth % 512];
}

static int blockInC(int depth) { return descend(depth, -1); }
static int callBack(int depth, int which) { return descend(depth, which); }

static void *thread(void *which) {
	descend(20, (int)(intptr_t)which);
	return 0;
}

static int startThread(int which) {
	pthread_t id;
	return pthread_create(&id, 0, thread, (void *)(intptr_t)which);
}

// Looks like a heap of its own: none of Go's business.
static void *fillMemory(size_t bytes) {
	char *memory = malloc(bytes);
	for (size_t i = 0; i < bytes; i += 64) memory[i] = 1;
	return memory;
}
*/
import "C"

import (
	"fmt"
	"oracle"
	"os"
	"unsafe"
)

type record struct {
	next *record
	name string
	data []byte
}

var (
	arrived = make(chan int, 100)
	hold    = make(chan *record)
	kept    []*record
	memory  unsafe.Pointer
)

//export goWaits
func goWaits(which C.int) {
	mine := &record{name: fmt.Sprint("of C ", which), data: make([]byte, 1000)}
	arrived <- int(which)
	other := <-hold
	mine.next = other
	kept = append(kept, mine)
}

//export goSays
func goSays(which C.int) { arrived <- int(which) }

// nested waits in Go that C called, which Go called.
func nested(which int) {
	mine := &record{name: "caller"}
	C.callBack(15, C.int(which))
	kept = append(kept, mine)
}

func inC() {
	mine := &record{name: "in C", data: make([]byte, 100)}
	C.blockInC(30)
	kept = append(kept, mine)
}

func inGo() { <-hold }

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: cgo_threads DUMPFILE STACKFILE")
		os.Exit(2)
	}
	C.prepare()
	memory = C.fillMemory(8 << 20)
	for i := 0; i < 1000; i++ {
		kept = append(kept, &record{name: fmt.Sprint("record ", i), data: make([]byte, i%200)})
	}
	waiting := 0
	for i := 0; i < 6; i++ {
		if C.startThread(C.int(i)) != 0 {
			os.Exit(1)
		}
		go nested(100 + i)
		go inC()
		waiting += 3
	}
	for i := 0; i < 4; i++ {
		go inGo()
	}
	for i := 0; i < waiting; i++ {
		<-arrived
	}
	oracle.Serve(os.Args[1], os.Args[2])
}
