//go:build go1.18
// +build go1.18

package names

type Pair[T any] struct {
	First  *T
	Second T
}

var Shared = &Pair[string]{Second: "shared"}
