//go:build go1.24
// +build go1.24

package main

import (
	"runtime"
	"strings"
	"sync/atomic"
	"unique"
	"weak"
)

var (
	cleaned      []*session
	weakNodes    []weak.Pointer[node]
	weakStrong   *node
	unsharedText unique.Handle[string]
)

func init() { newer = append(newer, makeNewSpecials) }

// makeNewSpecials sets cleanups and weak handles on objects that live and that do not.
func makeNewSpecials(int) {
	for i := 0; i < 50; i++ {
		kept := finalized[i]
		owner := &session{buf: make([]byte, 100), parent: &session{}}
		runtime.AddCleanup(owner, func(n *node) { atomic.AddInt64(&finalizersRun, 1) },
			&node{name: "cleanup argument"})
		cleaned = append(cleaned, owner)
		if i%2 == 0 {
			weakNodes = append(weakNodes, weak.Make(kept))
		}
		weakNodes = append(weakNodes, weak.Make(&node{name: "only weakly held"}))
	}
	weakStrong = &node{name: "both"}
	weakNodes = append(weakNodes, weak.Make(weakStrong), weak.Make(weakStrong))
	unsharedText = unique.Make(strings.Repeat("unique", 3))
}
