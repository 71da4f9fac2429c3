//go:build go1.18
// +build go1.18

// Package aggregate has the types in which the real package of this name keeps the series of an
// instrument.
package aggregate

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
)

type number interface{ int64 | float64 }

type sumValue[N number] struct {
	n     N
	attrs attribute.Set
}

type valueMap[N number] struct {
	sync.Mutex
	values map[attribute.Distinct]sumValue[N]
}

func (s *valueMap[N]) measure(value N, set attribute.Set) {
	s.Lock()
	defer s.Unlock()
	v := s.values[set.Equivalent()]
	v.n += value
	v.attrs = set
	s.values[set.Equivalent()] = v
}

type sum[N number] struct {
	valueMap[N]
	monotonic bool
}

// Sum is what an instrument measures into.
func Sum() func(int64, attribute.Set) {
	s := &sum[int64]{valueMap: valueMap[int64]{values: map[attribute.Distinct]sumValue[int64]{}}}
	return s.measure
}
