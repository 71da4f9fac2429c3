// Package view has the worker of the real package of this name: one starts with the package, and one
// with every meter.
package view

import "time"

// Meter measures.
type Meter interface {
	Start()
	Stop()
}

type command interface {
	handleCommand(w *worker)
}

type worker struct {
	timer      *time.Ticker
	c          chan command
	quit, done chan bool
	views      map[string]int
}

func init() {
	defaultWorker = NewMeter().(*worker)
	go defaultWorker.start()
}

var defaultWorker *worker

// NewMeter makes a meter.
func NewMeter() Meter {
	return &worker{timer: time.NewTicker(10 * time.Second), c: make(chan command, 1024), quit: make(chan bool),
		done: make(chan bool), views: map[string]int{}}
}

// Start lets the meter measure.
func (w *worker) Start() { go w.start() }

func (w *worker) start() {
	for {
		select {
		case cmd := <-w.c:
			cmd.handleCommand(w)
		case <-w.timer.C:
			w.views["reported"]++
		case <-w.quit:
			w.timer.Stop()
			close(w.c)
			w.done <- true
			return
		}
	}
}

// Stop ends the meter.
func (w *worker) Stop() {
	w.quit <- true
	<-w.done
}
