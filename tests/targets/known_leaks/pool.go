package main

import (
	"bytes"
	"runtime/debug"
	"sync"
)

func init() { twins["pool"] = pool }

type encoder struct {
	buffer bytes.Buffer
}

var encoders = sync.Pool{New: func() interface{} { return &encoder{} }}

// pool gives back an encoder that has once written a very large message.
func pool(leaky bool) truth {
	collectNothing = true
	debug.SetGCPercent(-1)
	taken := make([]*encoder, 40)
	for i := range taken {
		taken[i] = encoders.Get().(*encoder)
		taken[i].buffer.Reset()
		size := 2000
		if leaky && i%10 == 0 {
			size = 8 << 20
		}
		taken[i].buffer.Write(make([]byte, size))
	}
	for _, one := range taken {
		encoders.Put(one)
	}
	told := known("pool-large-buffers", 4, "Put")
	told.Bytes = 4 * 8 << 20
	return told
}
