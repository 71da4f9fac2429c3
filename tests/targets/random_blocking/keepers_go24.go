//go:build go1.24
// +build go1.24

package main

import (
	"math/rand"
	"runtime"
	"sync"
	"time"
	"weak"
)

// Objects that weak pointers lead to, until the collector takes them. Each is used once: whoever
// comes first, a use of the pointer or the cleanup that its end starts.
type fleeting struct {
	once *sync.Once
	wake func()
}

func (f *fleeting) use() { f.once.Do(func() { go f.wake() }) }

func init() {
	keepers = append(keepers,
		keeper{"cleanup", func(random *rand.Rand, wake func()) {
			dropWithCleanup(&[4]*int{}, wake)
		}},
		keeper{"weak pointer", func(random *rand.Rand, wake func()) {
			pointer := makeFleeting(wake)
			pause := time.Duration(random.Intn(50)) * time.Millisecond
			go func() {
				time.Sleep(pause)
				// Nothing else has the object: after a collection the waiter stays for ever.
				if f := pointer.Value(); f != nil {
					f.use()
				}
			}()
		}})
}

//go:noinline
func dropWithCleanup(o *[4]*int, wake func()) {
	runtime.AddCleanup(o, func(wake func()) { go wake() }, wake)
}

//go:noinline
func makeFleeting(wake func()) weak.Pointer[fleeting] {
	return weak.Make(&fleeting{once: new(sync.Once), wake: wake})
}
