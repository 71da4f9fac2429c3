package main

import "time"

//go:noinline
func sendResult(results chan<- []byte, parked func()) {
	body := make([]byte, 4096)
	parked()
	results <- body
}

// The reader took the first answer and went away.
func leakySend(parked func()) interface{} {
	for i := 0; i < many; i++ {
		go sendResult(make(chan []byte), parked)
	}
	return nil
}

// A package variable still reaches the channel: someone may read it.
func healthySend(parked func()) interface{} {
	results := make(chan []byte)
	for i := 0; i < many; i++ {
		go sendResult(results, parked)
	}
	global = results
	return nil
}

//go:noinline
func receiveJob(jobs <-chan int, parked func()) int {
	parked()
	return <-jobs
}

func leakyReceive(parked func()) interface{} {
	for i := 0; i < many; i++ {
		jobs := make(chan int, 4)
		go receiveJob(jobs, parked)
	}
	return nil
}

// Only main's frame reaches the channel, and main can run.
func healthyReceive(parked func()) interface{} {
	jobs := make(chan int)
	for i := 0; i < many; i++ {
		go receiveJob(jobs, parked)
	}
	return jobs
}

//go:noinline
func selectEither(a <-chan int, b chan<- string, parked func()) {
	parked()
	select {
	case <-a:
	case b <- "text":
	}
}

func leakySelect(parked func()) interface{} {
	for i := 0; i < many; i++ {
		go selectEither(make(chan int), make(chan string), parked)
	}
	return nil
}

// One of the two channels is enough.
func healthySelect(parked func()) interface{} {
	reachable := make(chan string)
	for i := 0; i < many; i++ {
		go selectEither(make(chan int), reachable, parked)
	}
	return reachable
}

//go:noinline
func receiveNil(jobs chan int, parked func()) {
	parked()
	<-jobs
}

func leakyNil(parked func()) interface{} {
	for i := 0; i < many; i++ {
		go receiveNil(nil, parked)
	}
	return nil
}

func healthyNil(parked func()) interface{} {
	jobs := make(chan int)
	for i := 0; i < many; i++ {
		go receiveNil(jobs, parked)
	}
	return jobs
}

//go:noinline
func waitForTick(ticks <-chan time.Time, parked func()) {
	parked()
	<-ticks
}

// The timer is stopped and forgotten: its channel will never be written.
func leakyTimer(parked func()) interface{} {
	for i := 0; i < many; i++ {
		timer := time.NewTimer(time.Hour)
		timer.Stop()
		go waitForTick(timer.C, parked)
	}
	return nil
}

// The timer is set: it will write.
func healthyTimer(parked func()) interface{} {
	for i := 0; i < many; i++ {
		go waitForTick(time.After(time.Hour), parked)
	}
	return nil
}
