// The pointers that a goroutine's stack holds: live words of its frames, and of local variables
// whose address was taken as far as something live points at them (runtime/mgcmark.go, scanstack).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"
#include "goruntime/code/frame_variables.h"
#include "goruntime/goroutines/stack_walker.h"
#include "goruntime/heap/view_windows.h"
#include "snapshot/gc_root.h"
#include "snapshot/heap.h"
#include "snapshot/object_index.h"

namespace seep::goruntime {

struct StackRootCounts {
  std::uint64_t frames = 0;
  std::uint64_t frames_without_map = 0;  ///< not where the collector reads conservatively, too
  std::uint64_t exact_to_free_slots = 0;
  std::uint64_t conservative_references = 0;
};

class StackRoots {
 public:
  /// All outlive this. If `heap.allocated` is filled, pointers to free slots are left out.
  StackRoots(const RuntimeLayout& layout, const snapshot::ObjectIndex& index,
             const snapshot::Heap& heap, PagedMemory& memory, snapshot::Roots& roots,
             StackRootCounts& counts)
      : reflect_result_flag_(layout.function_flags ? 32 : 24),
        index_(&index),
        heap_(&heap),
        memory_(&memory),
        references_(&roots.references),
        windows_(&roots.windows),
        counts_(&counts),
        view_windows_(heap.spans) {}

  /// Starts with a goroutine. `shown_as` says for each frame under which number its words are
  /// listed. Both are used until finish().
  void begin(const StackMemory& stack, std::span<const std::uint32_t> shown_as);

  /// What the goroutine waits with, known without debug information: the value that it sends or
  /// receives lies in `words`, in a slot without a name as a rule, and pointers to `channel` lead
  /// to a channel of that type.
  void know_transfer(Address channel, AddressRange words, const ChannelTypes& types);

  void add_frames(std::span<const WalkedFrame> frames);
  /// A pointer that belongs to the goroutine without being in a frame: of a deferred call, of its
  /// saved context.
  void add_word(std::uint64_t value, std::uint32_t shown_as, bool conservative);
  /// Any of these words may be a pointer.
  void add_conservative(AddressRange range, std::uint32_t shown_as);
  /// Follows the pointers into stack variables. To be called once, last.
  void finish();

 private:
  struct Object {
    Address begin;
    const PlannedObject* plan = nullptr;
    Address cfa;
    std::uint32_t shown_as = 0;
    bool done = false;
  };
  struct StackPointer {
    Address target;
    bool conservative = false;
  };

  struct KnownTransfer {
    Address channel;
    AddressRange words;
    ChannelTypes types;
  };

  /// `at` is where on the stack the word lies; null if it does not.
  void add_slot(std::uint64_t value, Address at, const PlannedSlot& slot, std::uint32_t shown_as,
                bool conservative);
  void note_window(std::uint64_t value, Address at, const PlannedSlot& slot);
  void improve(snapshot::RootReference& reference, std::uint64_t value, Address at) const;
  void add_reflect_arguments(const WalkedFrame& frame, std::uint32_t shown_as);
  Object* find_object(Address address);

  std::uint64_t reflect_result_flag_;  ///< see add_reflect_arguments
  const snapshot::ObjectIndex* index_;
  const snapshot::Heap* heap_;
  PagedMemory* memory_;
  std::vector<snapshot::RootReference>* references_;
  std::vector<snapshot::Window>* windows_;
  StackRootCounts* counts_;
  ViewWindows view_windows_;
  const StackMemory* stack_ = nullptr;
  std::span<const std::uint32_t> shown_as_;
  std::vector<Object> objects_;
  std::vector<StackPointer> pending_;
  std::vector<KnownTransfer> transfers_;
};

}  // namespace seep::goruntime
