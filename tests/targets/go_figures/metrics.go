//go:build go1.17
// +build go1.17

package main

import "runtime/metrics"

var samples []metrics.Sample

var wanted = map[string]string{
	"/gc/heap/live:bytes":                 "heap_marked",
	"/gc/gogc:percent":                    "gc_percent",
	"/gc/gomemlimit:bytes":                "memory_limit",
	"/gc/heap/goal:bytes":                 "heap_goal_metric",
	"/memory/classes/heap/stacks:bytes":   "stacks_metric",
	"/sched/goroutines:goroutines":        "goroutines_metric",
	"/memory/classes/heap/released:bytes": "released_metric",
}

// The first reading allocates, and so would looking a name up.
func warmUp() {
	for _, description := range metrics.All() {
		if _, is := wanted[description.Name]; is {
			samples = append(samples, metrics.Sample{Name: description.Name})
		}
	}
	metrics.Read(samples)
	tellMetrics()
}

func tellMetrics() {
	metrics.Read(samples)
	for i := range samples {
		if samples[i].Value.Kind() == metrics.KindUint64 {
			figure(wanted[samples[i].Name], samples[i].Value.Uint64())
		}
	}
}

func readOnce() {
	var own [1]metrics.Sample
	own[0].Name = "/gc/heap/objects:objects"
	metrics.Read(own[:])
}
