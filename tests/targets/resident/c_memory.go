//go:build cgo
// +build cgo

package main

/*
#cgo LDFLAGS: -lpthread
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t fill(size_t bytes, size_t block) {
	size_t usable = 0;
	for (size_t done = 0; done < bytes; done += block) {
		char *memory = malloc(block);
		if (memory == 0) abort();
		memset(memory, 1, block);
		usable += malloc_usable_size(memory);
	}
	return usable;
}

static sem_t ready;

struct work {
	size_t bytes, usable;
};

// In an arena of its own.
static void *fill_in_thread(void *argument) {
	struct work *work = argument;
	work->usable = fill(work->bytes, 2000);
	sem_post(&ready);
	for (;;) pause();
	return 0;
}

static void *use_stack(void *argument) {
	size_t bytes = *(size_t *)argument;
	volatile char *frame = __builtin_alloca(bytes);
	for (size_t i = 0; i < bytes; i += 64) frame[i] = 1;
	sem_post(&ready);
	for (;;) pause();
	return (void *)frame;
}

static void start(void *(*run)(void *), void *argument) {
	pthread_t thread;
	sem_init(&ready, 0, 0);
	if (pthread_create(&thread, 0, run, argument) != 0) abort();
	while (sem_wait(&ready) != 0) {
	}
}

// Small blocks in three arenas, and large ones.
static size_t fill_all(size_t bytes) {
	static struct work work[2];
	size_t usable = 0;
	for (int i = 0; i < 2; i++) {
		work[i].bytes = bytes / 5;
		start(fill_in_thread, &work[i]);
		usable += work[i].usable;
	}
	return usable + fill(bytes / 5, 2000) + fill(bytes / 5 * 2, 1 << 20);
}

static void start_threads(int count, size_t bytes) {
	static size_t each;
	each = bytes;
	for (int i = 0; i < count; i++) start(use_stack, &each);
}
*/
import "C"

func allocatedByC(size int) func() truth {
	bytes := uint64(C.fill_all(C.size_t(size * mib)))
	return func() truth { return truth{Account: "C memory", Bytes: bytes} }
}

// stacksOfC are a hundred threads with so much on their stacks.
func stacksOfC(size int) func() truth {
	const threads = 100
	C.start_threads(threads, C.size_t(size*mib/threads))
	return func() truth { return truth{Account: "thread stacks", Bytes: uint64(size * mib)} }
}
