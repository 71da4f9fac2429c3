package main

import (
	"bufio"
	"io"
	"strings"
)

func init() {
	twins["scanner"] = scanner
	twins["scanner-pipe"] = scannerPipe
}

const scanners = 80

// scanner reads lines in a goroutine and hands them over; who wanted them leaves after the first.
func scanner(leaky bool) truth {
	for i := 0; i < scanners; i++ {
		lines := make(chan string)
		scanLines(strings.NewReader("first\nsecond\nthird\n"), lines)
		for range lines {
			if leaky {
				break
			}
		}
	}
	return known("scanner-abandoned", scanners, "main.(*lineReader).run", "bufio.Scanner")
}

// lineReader is what programs make of it: a scanner and where its lines go.
type lineReader struct {
	scanner *bufio.Scanner
	lines   chan<- string
}

func scanLines(from io.Reader, lines chan<- string) {
	reader := &lineReader{scanner: bufio.NewScanner(from), lines: lines}
	reader.scanner.Buffer(make([]byte, 16384), 16384)
	go reader.run()
}

func (r *lineReader) run() {
	defer close(r.lines)
	for r.scanner.Scan() {
		r.lines <- r.scanner.Text()
	}
}

// scannerPipe reads from pipes that nobody writes to or closes any more.
func scannerPipe(leaky bool) truth {
	for i := 0; i < scanners; i++ {
		reader, writer := io.Pipe()
		lines := make(chan string, 4)
		scanLines(reader, lines)
		io.WriteString(writer, "first\n")
		<-lines
		if !leaky {
			writer.Close()
			for range lines {
			}
		}
	}
	return known("scanner-abandoned", scanners, "main.(*lineReader).run", "bufio.Scanner")
}
