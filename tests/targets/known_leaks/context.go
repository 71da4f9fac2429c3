package main

import (
	"context"
	"time"
)

func init() {
	twins["context"] = contextForgotten
	twins["context-timeout"] = contextTimeout
	twins["context-parent"] = contextParent
}

const contexts = 500

type payload struct {
	bytes [32768]byte
}

type payloadKey struct{}

type service struct {
	base   context.Context
	cancel context.CancelFunc
}

var running service

func startService() {
	if running.base == nil {
		running.base, running.cancel = context.WithCancel(context.Background())
	}
}

// contextForgotten never calls the cancel function of a request's context.
func contextForgotten(leaky bool) truth {
	startService()
	for i := 0; i < contexts; i++ {
		request := context.WithValue(running.base, payloadKey{}, &payload{})
		_, cancel := context.WithCancel(request)
		if !leaky {
			cancel()
		}
	}
	told := known("context-not-cancelled", contexts, "context.cancelCtx", "cancel")
	told.Bytes = contexts * 32768
	return told
}

// contextTimeout leaves it to the deadline to cancel.
func contextTimeout(leaky bool) truth {
	startService()
	for i := 0; i < contexts; i++ {
		request := context.WithValue(running.base, payloadKey{}, &payload{})
		_, cancel := context.WithTimeout(request, time.Hour)
		if !leaky {
			cancel()
		}
	}
	told := known("context-deadline-pile", contexts, "context.timerCtx", "cancel")
	told.Bytes = contexts * 32768
	return told
}

// foreign is a context of another package, for which package context starts a goroutine a child.
type foreign struct {
	done chan struct{}
}

func (f *foreign) Deadline() (time.Time, bool)       { return time.Time{}, false }
func (f *foreign) Done() <-chan struct{}             { return f.done }
func (f *foreign) Err() error                        { return nil }
func (f *foreign) Value(key interface{}) interface{} { return nil }

var foreignBase = &foreign{done: make(chan struct{})}

func contextParent(leaky bool) truth {
	for i := 0; i < contexts; i++ {
		_, cancel := context.WithCancel(foreignBase)
		if !leaky {
			cancel()
		}
	}
	return known("context-watcher", contexts, "propagateCancel", "cancel()")
}
