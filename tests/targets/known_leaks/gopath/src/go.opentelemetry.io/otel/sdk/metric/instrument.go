//go:build go1.18
// +build go1.18

// Package metric makes instruments.
package metric

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/internal/aggregate"
)

// Int64Counter counts.
type Int64Counter struct {
	measure func(int64, attribute.Set)
}

// NewInt64Counter makes a counter.
func NewInt64Counter() *Int64Counter { return &Int64Counter{aggregate.Sum()} }

// Add counts.
func (c *Int64Counter) Add(n int64, set attribute.Set) { c.measure(n, set) }
