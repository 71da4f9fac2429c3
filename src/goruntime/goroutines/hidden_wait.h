// What a goroutine waits for, where neither its wait reason nor its own list says so. Up to Go 1.19
// every wait for a semaphore has the reason "semacquire", up to 1.23 that of a WaitGroup
// (runtime/sema.go); which one it is, the table of semaphores tells, and the stack what it is for.
// Up to Go 1.25 nothing leads from a goroutine to the sync.Cond it waits for; but the frame of Wait
// holds it.
#pragma once

#include <span>

#include "goruntime/goroutines/stack_walker.h"
#include "goruntime/goroutines/wait_reader.h"
#include "snapshot/goroutine.h"
#include "snapshot/string_table.h"

namespace seep::goruntime {

/// Completes wait_kind and waits_for of a waiting goroutine. `frames` are those of `stack`.
void find_hidden_wait(snapshot::Goroutine& goroutine, std::span<const WalkedFrame> frames,
                      const StackMemory& stack, const snapshot::StringTable& strings,
                      WaitReader& waits);

}  // namespace seep::goruntime
