package main

import "runtime"

// userID is a key that no other map here has: without debug information, maps of the same layout
// cannot be told apart.
type userID [3]int

var users map[userID]session

// mapNotShrunk fills a map and deletes nearly all of it; the healthy twin makes a new one.
func mapNotShrunk(leaky bool) truth {
	users = nil
	before := heapAfterCollection()
	users = map[userID]session{}
	for i := 0; i < 10*entries; i++ {
		users[userID{i}] = session{}
	}
	for i := 100; i < 10*entries; i++ {
		delete(users, userID{i})
	}
	shrunk := heapAfterCollection()
	small := make(map[userID]session, len(users))
	for key, value := range users {
		small[key] = value
	}
	both := heapAfterCollection()
	runtime.KeepAlive(small)
	if !leaky {
		users = small
	}
	return truth{Scenario: "map-not-shrunk", Bytes: (shrunk - before) - (both - shrunk), Count: 1,
		Variables: []string{"main.users"}, Type: "map[main.userID]main.session"}
}
