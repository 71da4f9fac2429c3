//go:build go1.21
// +build go1.21

package main

import "runtime/metrics"

var sample = []metrics.Sample{{Name: "/gc/heap/live:bytes"}}

// liveBytes is what the last collection found alive.
func liveBytes() uint64 {
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
