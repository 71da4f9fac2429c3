//go:build go1.18
// +build go1.18

package main

import (
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
)

func init() { twins["otel"] = otelAttributes }

var requestCounter = metric.NewInt64Counter()

// otelAttributes counts requests by user.
func otelAttributes(leaky bool) truth {
	for i := 0; i < users; i++ {
		user := "somebody"
		if leaky {
			user = "user-" + strconv.Itoa(i)
		}
		requestCounter.Add(1, attribute.NewSet(attribute.String("method", "GET"), attribute.String("user", user)))
	}
	return known("otel-attribute-cardinality", users, "View")
}
