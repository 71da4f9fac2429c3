package main

import "time"

func init() { twins["tick"] = tick }

const ticks = 300

// tick asks for a tick where it wanted a timeout: the ticker behind it can never be stopped. The
// runtime does not remember which function made a ticker, so that the finding is that of a ticker.
func tick(leaky bool) truth {
	messages := make(chan int, 1)
	for i := 0; i < ticks; i++ {
		messages <- i
		if leaky {
			select {
			case <-messages:
			case <-time.Tick(time.Hour):
			}
			continue
		}
		ticker := time.NewTicker(time.Hour)
		select {
		case <-messages:
		case <-ticker.C:
		}
		ticker.Stop()
	}
	// From Go 1.23 on channels of timers show no buffer, and what nobody refers to is freed.
	return truth{Scenario: "ticker", Count: ticks, Names: []string{"time.Tick"},
		Collected: cap(time.NewTimer(time.Hour).C) == 0}
}
