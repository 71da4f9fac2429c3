// Package names has an import path whose last element holds a dot, which symbols escape.
package names

type Pair[T any] struct {
	First  *T
	Second T
}

var Shared = &Pair[string]{Second: "shared"}
