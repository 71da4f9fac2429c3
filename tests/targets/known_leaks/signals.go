package main

import (
	"os"
	"os/signal"
	"syscall"
)

func init() { twins["signal"] = signalNotify }

const notified = 50

var asked = make(chan os.Signal, 1)

// signalNotify asks for a signal at each start of something and never says that it has enough.
func signalNotify(leaky bool) truth {
	signal.Notify(asked, syscall.SIGUSR1)
	for i := 0; i < notified; i++ {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGUSR2)
		if !leaky {
			signal.Stop(signals)
		}
	}
	return known("signal-notify", notified, "os/signal.Notify", "signal.Stop")
}
