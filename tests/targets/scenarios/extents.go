package main

import "strings"

// Sizes are those of size classes, so that what the program counts is what the allocator spends.
const (
	documents     = 200
	documentBytes = 32768
	nameBytes     = 16
)

type document struct {
	name string
	id   int
}

var titles []*document

// substring keeps the first bytes of each of many large texts.
func substring(leaky bool) truth {
	titles = nil
	for i := 0; i < documents; i++ {
		text := strings.Repeat(string(rune('a'+i%26)), documentBytes)
		name := text[:nameBytes]
		if !leaky {
			name = string([]byte(name))
		}
		titles = append(titles, &document{name: name, id: i})
	}
	return truth{Scenario: "substring", Bytes: documents * (documentBytes - nameBytes), Count: documents,
		Names: []string{"titles", "name"}, Type: "string"}
}

type packet struct {
	header []byte
}

var packets = map[int]*packet{}

// subslice keeps the header of each of many large messages.
func subslice(leaky bool) truth {
	for i := 0; i < documents; i++ {
		message := make([]byte, documentBytes)
		message[0] = byte(i)
		header := message[:nameBytes:nameBytes]
		if !leaky {
			header = append([]byte(nil), header...)
		}
		packets[i] = &packet{header: header}
	}
	return truth{Scenario: "subslice", Bytes: documents * (documentBytes - nameBytes), Count: documents,
		Names: []string{"packets", "header"}}
}

type job struct {
	payload [8192]byte
}

type queue struct {
	jobs []*job
}

// The compiler makes a variable of its own of that value.
var pending = &queue{}

type worklist struct {
	name string
	jobs []*job
}

var open *worklist

const (
	queued = 512
	kept   = 12
)

// lostElements takes jobs from the front of a queue and leaves them in the array behind it.
func lostElements(leaky bool) truth {
	jobs := make([]*job, queued)
	for i := range jobs {
		jobs[i] = &job{}
	}
	for i := 0; i < queued-kept; i++ {
		if !leaky {
			jobs[0] = nil
		}
		jobs = jobs[1:]
	}
	pending.jobs = jobs
	return truth{Scenario: "lost-elements", Bytes: (queued - kept) * 8192, Count: queued - kept,
		Names: []string{"pending", "jobs"}, Type: "main.job"}
}

// staleTail takes jobs from the end of a list and leaves them beyond its length.
func staleTail(leaky bool) truth {
	jobs := make([]*job, queued)
	for i := range jobs {
		jobs[i] = &job{}
	}
	for len(jobs) > kept {
		if !leaky {
			jobs[len(jobs)-1] = nil
		}
		jobs = jobs[:len(jobs)-1]
	}
	open = &worklist{name: "open", jobs: jobs}
	return truth{Scenario: "lost-elements", Bytes: (queued - kept) * 8192, Count: queued - kept,
		Names: []string{"open", "jobs"}, Type: "main.job"}
}
