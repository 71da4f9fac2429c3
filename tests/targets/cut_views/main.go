// cut_views keeps parts of large texts and arrays in every sort of place that can hold a string or
// a slice. Its truth is the name of each place with what it keeps in vain.
package main

import (
	"fmt"
	"handshake"
	"runtime"
	"strings"
	"time"
)

const (
	pieces     = 100
	pieceBytes = 32768 // a size class: what is counted is what the allocator spends
	cutBytes   = 24
)

// cut is the middle of a large text that nobody else keeps.
func cut(i int) string {
	text := strings.Repeat(string(rune('a'+i%26)), pieceBytes)
	return text[1000 : 1000+cutBytes]
}

func cutInts(i int) []int64 {
	row := make([]int64, pieceBytes/8)
	row[0] = int64(i)
	return row[100 : 100+cutBytes/8 : 100+cutBytes/8]
}

type record struct {
	next  *record
	value int64
}

func cutRecords(i int) []record {
	row := make([]record, pieceBytes/16)
	row[0].value = int64(i)
	return row[100:102:102]
}

type nested struct {
	count int
	inner struct {
		parts [2]struct {
			used bool
			text string
		}
	}
}

type namer interface{ name() string }

type named string

func (n named) name() string { return string(n) }

var (
	cutKeys     = map[string]int{}
	cutValues   = map[int]string{}
	cutElements []string
	cutBoxes    []interface{}
	cutNamers   []namer
	cutClosures []func() int
	cutChannel  = make(chan string, pieces)
	cutNested   []*nested
	cutArray    [pieces]string
	cutNumbers  []([]int64)
	cutRows     []([]record)
)

func main() {
	for i := 0; i < pieces; i++ {
		text := strings.Repeat(string(rune('a'+i%26)), pieceBytes/2) + fmt.Sprintf("%08d", i) + strings.Repeat("z", pieceBytes/2-8)
		cutKeys[text[pieceBytes/2:pieceBytes/2+cutBytes]] = i
		cutValues[i] = cut(i)
		cutElements = append(cutElements, cut(i))
		cutBoxes = append(cutBoxes, cut(i))
		cutNamers = append(cutNamers, named(cut(i)))
		captured := cut(i)
		cutClosures = append(cutClosures, func() int { return len(captured) })
		cutChannel <- cut(i)
		n := &nested{count: i}
		n.inner.parts[1].text = cut(i)
		cutNested = append(cutNested, n)
		cutArray[i] = cut(i)
		cutNumbers = append(cutNumbers, cutInts(i))
		cutRows = append(cutRows, cutRecords(i))
		go wait(cut(i))
	}
	for i := 0; i < 3; i++ {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	const wasted = pieces * (pieceBytes - cutBytes)
	handshake.Truth(map[string]uint64{
		"cutKeys": wasted, "cutValues": wasted, "cutElements": wasted, "cutBoxes": wasted,
		"cutNamers": wasted, "cutClosures": wasted, "cutChannel": wasted, "text": wasted,
		"cutArray": wasted, "kept": wasted, "cutNumbers": wasted, "cutRows": pieces * (pieceBytes - 32),
	})
	for {
		handshake.Ready()
	}
}

var released = make(chan bool)

// wait keeps its argument as long as nobody releases it.
//
//go:noinline
func wait(kept string) {
	<-released
	fmt.Println(kept)
}
