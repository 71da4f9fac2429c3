// Package prometheus has the types in which the real package of this name keeps the series of a
// metric with labels.
package prometheus

import (
	"hash/fnv"
	"sync"
)

// Counter counts.
type Counter interface {
	Inc()
}

type labelPair struct {
	name, value *string
}

type counter struct {
	bits       uint64
	mutex      sync.Mutex
	labelPairs []*labelPair
}

func (c *counter) Inc() {
	c.mutex.Lock()
	c.bits++
	c.mutex.Unlock()
}

type metricWithLabelValues struct {
	values []string
	metric Counter
}

type metricMap struct {
	mtx       sync.RWMutex
	metrics   map[uint64][]metricWithLabelValues
	newMetric func(values ...string) Counter
}

// MetricVec is a metric with labels.
type MetricVec struct {
	*metricMap
	labels []string
}

// CounterVec is a counter with labels.
type CounterVec struct {
	*MetricVec
}

// NewCounterVec makes a counter with labels.
func NewCounterVec(labels []string) *CounterVec {
	newMetric := func(values ...string) Counter {
		made := &counter{}
		for i := range values {
			name, value := labels[i], values[i]
			made.labelPairs = append(made.labelPairs, &labelPair{&name, &value})
		}
		return made
	}
	metrics := &metricMap{metrics: map[uint64][]metricWithLabelValues{}, newMetric: newMetric}
	return &CounterVec{&MetricVec{metricMap: metrics, labels: labels}}
}

// WithLabelValues is the series with these values of the labels.
func (v *CounterVec) WithLabelValues(values ...string) Counter {
	hash := fnv.New64a()
	for _, value := range values {
		hash.Write([]byte(value))
		hash.Write([]byte{255})
	}
	v.mtx.Lock()
	defer v.mtx.Unlock()
	key := hash.Sum64()
	if found := v.metrics[key]; len(found) > 0 {
		return found[0].metric
	}
	made := v.newMetric(values...)
	v.metrics[key] = append(v.metrics[key], metricWithLabelValues{values: values, metric: made})
	return made
}
