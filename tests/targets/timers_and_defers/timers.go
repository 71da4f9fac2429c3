package main

import (
	"os"
	"time"
	"unsafe"
)

const hour = time.Hour

// What the program keeps.
var (
	tickers  []*time.Ticker
	timers   []*time.Timer
	channels []<-chan time.Time
	pipes    []*os.File
	quick    *time.Ticker

	later, stopped *time.Timer
	stoppedTicker  *time.Ticker
)

func note(what timer, after, period time.Duration) {
	what.Due = after.Seconds()
	what.Period = period.Seconds()
	if what.Count == 0 {
		what.Count = 1
	}
	truth.Timers = append(truth.Timers, what)
}

func ticker(name string, period time.Duration, what timer) *time.Ticker {
	t := time.NewTicker(period)
	tickers = append(tickers, t)
	what.Name, what.Kind = name, "channel"
	what.Object, what.Channel = address(unsafe.Pointer(t)), channelOf(t.C)
	note(what, period, period)
	return t
}

func newTimer(name string, after time.Duration, what timer) *time.Timer {
	t := time.NewTimer(after)
	timers = append(timers, t)
	what.Name, what.Kind = name, "channel"
	what.Object, what.Channel = address(unsafe.Pointer(t)), channelOf(t.C)
	note(what, after, 0)
	return t
}

func callback() { os.Exit(3) }

func receiveTick(c <-chan time.Time) { <-c }
func receiveEither(c, other <-chan time.Time) {
	select {
	case <-c:
	case <-other:
	}
}
func sleeper()                       { time.Sleep(5 * hour) }
func readWithDeadline(file *os.File) { file.Read(make([]byte, 1)) }

// startTimers returns how many goroutines are going to block.
func startTimers() int {
	ticker("idle ticker", hour, timer{})
	watched := ticker("ticker with receivers", 2*hour, timer{Waiting: 3})
	selected := newTimer("timer in a select", 3*hour, timer{Waiting: 1})
	go receiveTick(watched.C)
	go receiveTick(watched.C)
	go receiveEither(watched.C, selected.C)

	quick = ticker("ticker nobody reads", time.Millisecond, timer{})
	truth.OnDemand = cap(quick.C) == 0

	newTimer("earlier", 8*hour, timer{}).Reset(6 * hour)
	truth.Timers[len(truth.Timers)-1].Due = (6 * hour).Seconds()
	later = newTimer("later", hour, timer{})
	truth.Timers[len(truth.Timers)-1].Due = (7 * hour).Seconds()
	stoppedTicker = ticker("stopped ticker", 4*hour, timer{Stopped: true})
	stopped = newTimer("stopped timer", 4*hour, timer{Stopped: true})
	restarted := newTimer("restarted", 9*hour, timer{})
	restarted.Stop()
	restarted.Reset(9 * hour)

	for i := 0; i < 10; i++ {
		time.After(10 * hour)
	}
	note(timer{Name: "time.After in a loop", Kind: "channel", Count: 10, Garbage: true}, 10*hour, 0)

	for i := 0; i < 5; i++ {
		time.AfterFunc(11*hour, callback)
	}
	note(timer{Name: "AfterFunc", Kind: "function", Count: 5, Function: "main.callback"}, 11*hour, 0)
	text := make([]byte, 1000)
	time.AfterFunc(12*hour, func() { os.Stdout.Write(text) })
	note(timer{Name: "AfterFunc with a closure", Kind: "function", Function: "main.startTimers.func1"},
		12*hour, 0)

	const sleepers = 3
	for i := 0; i < sleepers; i++ {
		go sleeper()
	}
	note(timer{Name: "sleep", Kind: "sleep", Count: sleepers}, 5*hour, 0)

	read, write, err := os.Pipe()
	if err == nil {
		err = read.SetReadDeadline(time.Now().Add(13 * hour))
	}
	if err != nil {
		panic(err)
	}
	pipes = append(pipes, read, write)
	go readWithDeadline(read)
	note(timer{Name: "deadline", Kind: "deadline"}, 13*hour, 0)
	return 3 + sleepers + 1
}

// change makes changes that the runtime notes at the timer and carries out in its list some time
// later.
func change() {
	later.Reset(7 * hour)
	stoppedTicker.Stop()
	stopped.Stop()
}

// filled tells whether the quick ticker has had its time. Where channels are filled only when
// somebody looks (Go 1.23, unless GODEBUG says otherwise), they seem to have no buffer.
func filled() bool { return truth.OnDemand || len(quick.C) == 1 }
