package main

import (
	"io/ioutil"
	"os"
	"runtime/debug"
	"syscall"
	"unsafe"
)

// mappedFile is a file of zeros, all of it mapped and read. RESIDENT_DIRECTORY is where it lies; it
// has no name any more.
func mappedFile(size int) func() truth {
	return mapping(os.Getenv("RESIDENT_DIRECTORY"), size, "mapped files", func(memory []byte) {
		for i := 0; i < len(memory); i += 4096 {
			sum += int(memory[i])
		}
	})
}

// memoryFile is a file that is nowhere but in memory.
func memoryFile(size int) func() truth {
	return mapping("/dev/shm", size, "shared memory", touch)
}

var sum int

func mapping(directory string, size int, account string, use func([]byte)) func() truth {
	file, err := ioutil.TempFile(directory, "seep-resident")
	if err != nil {
		return refused(err)
	}
	defer file.Close()
	defer os.Remove(file.Name())
	if err := file.Truncate(int64(size) * mib); err != nil {
		return refused(err)
	}
	memory, err := syscall.Mmap(int(file.Fd()), 0, size*mib, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return refused(err)
	}
	use(memory)
	return func() truth { return truth{Account: account, Bytes: uint64(len(memory))} }
}

// ownMapping is anonymous memory past Go's heap.
func ownMapping(size int) func() truth {
	memory, err := syscall.Mmap(-1, 0, size*mib, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return refused(err)
	}
	touch(memory)
	return func() truth { return truth{Account: "mapped by the program itself", Bytes: uint64(len(memory))} }
}

func refused(err error) func() truth {
	return func() truth { return truth{Refused: err.Error()} }
}

const (
	hugePageBytes = 2 << 20
	madvHugePage  = 14 // MADV_HUGEPAGE: Go up to 1.20 has advised against them here
	madvCollapse  = 25 // MADV_COLLAPSE, Linux 6.1
)

// hugePages has given most of its heap back, and then the system makes huge pages of what is left,
// as khugepaged does: what was given back is resident again.
func hugePages(size int) func() truth {
	stop()
	all := blocks(size, 64<<10)
	low, high := ^uintptr(0), uintptr(0)
	for i, block := range all {
		address := uintptr(unsafe.Pointer(&block[0]))
		if address < low {
			low = address
		}
		if address > high {
			high = address
		}
		if i%32 == 0 { // one in 2 MiB
			kept = append(kept, block)
		}
	}
	all = nil
	collect()
	debug.FreeOSMemory()
	low = (low + hugePageBytes - 1) &^ (hugePageBytes - 1)
	high &^= hugePageBytes - 1
	before := resident()
	for _, advice := range []uintptr{madvHugePage, madvCollapse} {
		if _, _, err := syscall.Syscall(syscall.SYS_MADVISE, low, high-low, advice); err != 0 {
			return refused(err)
		}
	}
	came := resident() - before
	return func() truth { return truth{Account: "huge pages over given back", Bytes: came} }
}

// resident is RSS by /proc/self/statm, in bytes.
func resident() uint64 {
	text, err := ioutil.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	var pages uint64
	field := 0
	for _, letter := range text {
		if letter == ' ' {
			field++
		} else if field == 1 {
			pages = pages*10 + uint64(letter-'0')
		}
	}
	return pages * 4096
}
