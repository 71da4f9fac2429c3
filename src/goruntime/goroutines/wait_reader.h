// What blocked goroutines wait for: their wait reasons, and the channels and semaphores in the
// sudogs that they wait with (runtime/chan.go, select.go, sema.go).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/paged_memory.h"
#include "snapshot/goroutine.h"
#include "snapshot/object_index.h"

namespace seep::goruntime {

/// By the text of the reason: its number changes with every other release, its words do not.
snapshot::WaitKind wait_kind_of(std::string_view reason);

class WaitReader {
 public:
  /// All outlive this.
  WaitReader(PagedMemory& memory, const RuntimeLayout& layout, const snapshot::ObjectIndex& index,
             Diagnostics& diagnostics)
      : memory_(&memory), layout_(&layout), index_(&index), diagnostics_(&diagnostics) {}

  /// What the goroutine `g`, whose list of sudogs begins at `waiting`, waits for.
  std::vector<snapshot::WaitObject> read(Address g, Address waiting, snapshot::WaitKind kind);
  /// Of the goroutine last asked about: where, on its stack or elsewhere, the value lies that it
  /// sends to a channel or receives.
  struct Transfer {
    Address channel, element;
  };
  const std::vector<Transfer>& transfers() const { return transfers_; }
  /// Whether one of its sudogs, with which it waits for channels, is in no channel's queue any
  /// more.
  bool taken_from_queue() const { return taken_from_queue_; }
  /// Finds the sudogs of all who wait for semaphores. To be called first.
  void read_semaphores(Address semtable);
  /// The semaphore that `g` waits for, where only the table of semaphores says so (Go 1.12-1.25);
  /// none if it waits for none.
  std::vector<snapshot::WaitObject> semaphore_of(Address g) const;
  /// The condition that `g` waits for: its list of waiters, if that lies at this address.
  std::vector<snapshot::WaitObject> condition_of(Address g, Address notify_list);

  /// The words of all sudogs met that tell what a goroutine waits for, ascending. The runtime's
  /// tables keep sudogs alive; were these words references, nothing waited for could be
  /// unreachable.
  std::vector<AddressRange> words() const;

 private:
  struct Sudog {
    Address at, g, next, prev, wait_link, element, channel;
  };

  std::optional<Sudog> sudog_at(Address address);
  bool is_in_queue(const Sudog& sudog);
  snapshot::WaitObject object_at(Address address) const;

  PagedMemory* memory_;
  const RuntimeLayout* layout_;
  const snapshot::ObjectIndex* index_;
  Diagnostics* diagnostics_;
  std::unordered_set<std::uint64_t> sudogs_;
  std::unordered_map<std::uint64_t, Address> semaphores_, conditions_;  ///< by waiting g
  std::unordered_set<std::uint64_t> lists_seen_;
  std::vector<std::byte> buffer_;
  std::vector<Transfer> transfers_;
  bool taken_from_queue_ = false;
};

}  // namespace seep::goruntime
