package main

import (
	"handshake"
	"os"
	"runtime/pprof"
	"time"
)

// profilePoint stands where the toolchain's own test programs write their goroutineleak profile
// (tests/integration/goroutineleak_profile_test.cc puts it there): a test looks first, then the
// runtime does. The pause lets the goroutines come to where they hang.
func profilePoint(profile *pprof.Profile) {
	time.Sleep(50 * time.Millisecond)
	handshake.Ready()
	profile.WriteTo(os.Stdout, 2)
	handshake.Ready()
	os.Exit(0)
}
