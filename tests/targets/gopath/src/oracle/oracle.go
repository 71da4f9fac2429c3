// Package oracle lets a test program say what the runtime itself knows of its heap and its
// goroutines, at one point at which nothing changes: WriteHeapDump, MemStats, runtime.Stack.
package oracle

import (
	"fmt"
	"handshake"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

var (
	stats  runtime.MemStats
	truth  [4096]byte
	stacks = make([]byte, 4<<20)
)

// Serve collects, comes to rest, writes runtime.Stack(all) to stackPath, prints MemStats and READY.
// The command "dump" writes runtime/debug.WriteHeapDump to dumpPath; every command goes round.
// Whatever else the program wants to happen is to be over or blocked.
func Serve(dumpPath, stackPath string) {
	dump := create(dumpPath)
	text := create(stackPath)
	settle()
	debug.SetGCPercent(-1)
	rest()
	for {
		rewind(text)
		writeAll(text, stacks[:runtime.Stack(stacks, true)])
		printTruth()
		if string(handshake.Ready()) == "dump" {
			rewind(dump)
			debug.WriteHeapDump(uintptr(dump))
		}
	}
}

func create(path string) int {
	fd, err := syscall.Open(path, syscall.O_RDWR|syscall.O_CREAT|syscall.O_TRUNC, 0644)
	if err != nil {
		fmt.Fprintln(os.Stderr, path, err)
		os.Exit(1)
	}
	return fd
}

func settle() {
	for i := 0; i < 4; i++ {
		runtime.GC()
		time.Sleep(20 * time.Millisecond)
	}
	runtime.GC()
}

// rest waits until nothing allocates any more.
func rest() {
	for {
		runtime.ReadMemStats(&stats)
		before := stats.Mallocs
		time.Sleep(20 * time.Millisecond)
		runtime.ReadMemStats(&stats)
		if stats.Mallocs == before {
			return
		}
	}
}

func printTruth() {
	runtime.ReadMemStats(&stats)
	line := truth[:0]
	line = append(line, `{"heap_alloc":`...)
	line = strconv.AppendUint(line, stats.HeapAlloc, 10)
	line = append(line, `,"mallocs":`...)
	line = strconv.AppendUint(line, stats.Mallocs, 10)
	line = append(line, `,"heap_objects":`...)
	line = strconv.AppendUint(line, stats.HeapObjects, 10)
	line = append(line, `,"heap_inuse":`...)
	line = strconv.AppendUint(line, stats.HeapInuse, 10)
	line = append(line, "}\n"...)
	handshake.Write(line)
}

func rewind(fd int) {
	if _, err := syscall.Seek(fd, 0, 0); err != nil {
		syscall.Exit(1)
	}
	if err := syscall.Ftruncate(fd, 0); err != nil {
		syscall.Exit(1)
	}
}

func writeAll(fd int, text []byte) {
	for len(text) > 0 {
		n, err := syscall.Write(fd, text)
		if err != nil && err != syscall.EINTR {
			syscall.Exit(1)
		}
		if n > 0 {
			text = text[n:]
		}
	}
}
