package main

import "time"

func init() { twins["tick"] = tick }

const ticks = 300

// tick asks for a tick where it wanted a timeout: the ticker behind it can never be stopped.
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
	return known("time-tick", ticks, "time.Tick")
}
