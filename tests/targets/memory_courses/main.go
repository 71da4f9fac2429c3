// memory_courses NAME SECONDS: one course that memory takes over time, played on a real heap in so
// many seconds; what a day or a week would show, in a minute. Half of the courses leak. It is what
// bench/verdicts/record records. Ends by itself, or when stdin closes.
package main

import (
	"fmt"
	"math"
	"math/rand"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

const mib = 1 << 20

// pile holds a number of MiB in blocks of 16 KiB.
type pile struct {
	blocks [][]byte
}

func (p *pile) resize(size float64) {
	want := int(size * mib / (16 << 10))
	for len(p.blocks) < want {
		block := make([]byte, 16<<10)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		p.blocks = append(p.blocks, block)
	}
	for len(p.blocks) > want {
		last := len(p.blocks) - 1
		p.blocks[last] = nil
		p.blocks = p.blocks[:last]
	}
}

var (
	working pile // what the program needs
	leaked  pile // what it never lets go
	sink    []byte
	files   []*os.File
	outside float64 // MiB mapped beside the heap
)

// requests makes garbage as serving does: so many MiB now, in small pieces.
func requests(size float64) {
	for left := int(size * mib); left > 0; left -= 2048 {
		sink = make([]byte, 2048)
	}
}

func wave(share float64) float64 { return math.Sin(2 * math.Pi * share * 4) }

func leakFile() {
	file, err := os.Open("/dev/null")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	files = append(files, file)
}

// mapOutside maps and touches memory that no collector knows of, as C code does.
func mapOutside(size float64) {
	for ; outside < size; outside++ {
		pages, err := syscall.Mmap(-1, 0, mib, syscall.PROT_READ|syscall.PROT_WRITE,
			syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		for i := 0; i < len(pages); i += 4096 {
			pages[i] = 1
		}
	}
}

func wait() { time.Sleep(time.Hour) }

var started int

func goroutines(count int) {
	for ; started < count; started++ {
		go wait()
	}
}

var spikes = rand.New(rand.NewSource(1))

// A course is told its share of the time, 0 to 1, fifty times a second.
var courses = map[string]func(share float64){
	// Courses that end or come back.
	"flat":    func(share float64) { working.resize(30) },
	"warm-up": func(share float64) { working.resize(20 + 80*(1-math.Exp(-share*7))) },
	"bound":   func(share float64) { working.resize(20 + 80*math.Min(1, share/0.4)) },
	"wave":    func(share float64) { working.resize(50 + 15*wave(share)) },
	"batch": func(share float64) {
		working.resize(30)
		if math.Mod(share*6, 1) < 0.3 {
			working.resize(80)
		}
	},
	"step": func(share float64) {
		working.resize(40)
		if share > 0.55 {
			working.resize(75)
		}
	},
	"flush": func(share float64) {
		since := share
		if share > 0.35 {
			since = share - 0.35
		}
		working.resize(20 + 70*(1-math.Exp(-since*20)))
	},
	"peak-at-start": func(share float64) {
		working.resize(40)
		if share < 0.1 {
			working.resize(40 + 1000*share)
		}
	},
	"goal": func(share float64) {
		working.resize(40)
		debug.SetGCPercent(40 + int(160*math.Min(1, share/0.4)))
	},
	"bursts": func(share float64) {
		working.resize(35)
		if spikes.Intn(150) == 0 {
			requests(60)
		}
	},
	// Courses that do not.
	"leak":            func(share float64) { working.resize(30); leaked.resize(60 * share) },
	"slow-leak":       func(share float64) { working.resize(80); leaked.resize(14 * share) },
	"leak-in-wave":    func(share float64) { working.resize(50 + 10*wave(share)); leaked.resize(50 * share) },
	"leak-by-job":     func(share float64) { working.resize(40); leaked.resize(4 * math.Floor(share*18)) },
	"leak-late":       func(share float64) { working.resize(40); leaked.resize(70 * math.Max(0, share-0.4)) },
	"leak-warm-up":    func(share float64) { working.resize(20 + 40*(1-math.Exp(-share*40))); leaked.resize(50 * share) },
	"leak-files":      func(share float64) { working.resize(20); leakFile() },
	"leak-outside":    func(share float64) { working.resize(30); mapOutside(60 * share) },
	"leak-goroutines": func(share float64) { working.resize(20); goroutines(int(20000 * share)) },
}

func main() {
	if len(os.Args) != 3 || courses[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: memory_courses NAME SECONDS")
		os.Exit(2)
	}
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	go func() {
		var end [1]byte
		for {
			if n, err := os.Stdin.Read(end[:]); n == 0 || err != nil {
				os.Exit(0)
			}
		}
	}()
	course := courses[os.Args[1]]
	begin := time.Now()
	for {
		share := time.Since(begin).Seconds() / seconds
		if share > 1 {
			return
		}
		course(share)
		requests(0.3 + 0.2*rand.Float64())
		time.Sleep(20 * time.Millisecond)
	}
}
