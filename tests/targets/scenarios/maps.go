package main

import "runtime"

var users map[int]session

// mapNotShrunk fills a map and deletes nearly all of it; the healthy twin makes a new one.
func mapNotShrunk(leaky bool) truth {
	users = nil
	before := heapAfterCollection()
	users = map[int]session{}
	for i := 0; i < 10*entries; i++ {
		users[i] = session{}
	}
	for i := 100; i < 10*entries; i++ {
		delete(users, i)
	}
	shrunk := heapAfterCollection()
	small := make(map[int]session, len(users))
	for key, value := range users {
		small[key] = value
	}
	both := heapAfterCollection()
	runtime.KeepAlive(small)
	if !leaky {
		users = small
	}
	return truth{Scenario: "map-not-shrunk", Bytes: (shrunk - before) - (both - shrunk), Count: 1,
		Variables: []string{"main.users"}, Type: "map[int]main.session"}
}
