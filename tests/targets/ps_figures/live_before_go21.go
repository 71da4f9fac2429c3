//go:build !go1.21
// +build !go1.21

package main

import (
	"runtime"
	"runtime/debug"
)

// liveBytes is what the last collection found alive. These releases do not say so, but tell the goal
// that they make of it: live + (live + stacks and globals) * GOGC / 100, the latter since Go 1.18.
func liveBytes() uint64 {
	for {
		before, first := goalAt(200)
		after, second := goalAt(1000)
		debug.SetGCPercent(100)
		if before == after {
			return (5*first - second) / 4
		}
	}
}

func goalAt(percent int) (collections uint32, goal uint64) {
	var stats runtime.MemStats
	debug.SetGCPercent(percent)
	runtime.ReadMemStats(&stats)
	return stats.NumGC, stats.NextGC
}
