//go:build go1.21
// +build go1.21

package main

import (
	"context"
	"math/rand"
	"time"
)

func init() {
	keepers = append(keepers,
		keeper{"function after a context", func(random *rand.Rand, wake func()) {
			ctx, cancel := context.WithCancel(context.Background())
			context.AfterFunc(ctx, wake)
			shelvesLock.Lock()
			shelves[random.Intn(len(shelves))].put(cancel)
			shelvesLock.Unlock()
		}},
		keeper{"function after a deadline", func(random *rand.Rand, wake func()) {
			pause := time.Duration(random.Intn(1000)) * time.Millisecond
			ctx, cancel := context.WithTimeout(context.Background(), pause)
			context.AfterFunc(ctx, wake)
			if random.Intn(2) == 0 {
				go cancel()
			}
		}})
}
