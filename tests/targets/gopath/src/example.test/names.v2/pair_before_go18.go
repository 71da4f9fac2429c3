//go:build !go1.18
// +build !go1.18

package names

type Pair struct {
	First  *string
	Second string
}

var Shared = &Pair{Second: "shared"}
