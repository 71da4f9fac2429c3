// GC roots: what keeps objects alive. Each is a node of the object graph of its own, so that
// "retained by goroutine 17" and "retained by main.cache" are retained sizes like any other.
#pragma once

#include <cstdint>
#include <vector>

#include "snapshot/go_type.h"
#include "snapshot/heap.h"
#include "snapshot/string_table.h"

namespace seep::snapshot {

using RootId = StrongId<struct RootTag>;

enum class RootKind : std::uint8_t {
  kNone,
  kGlobal,        ///< a package variable (or, without symbols, a run of words of a data section)
  kGoroutine,     ///< its frames, deferred calls and its g
  kFinalizer,     ///< SetFinalizer: keeps the function and all that the object refers to, not the
                  ///< object
  kCleanup,       ///< AddCleanup: keeps function and argument
  kWeakHandle,    ///< keeps the handle, not the object
  kQueue,         ///< finalizers that are waiting to run, and cleanups where they share the queue
  kTimer,         ///< a timer that the runtime has in its lists
  kCleanupQueue,  ///< cleanups that are waiting to run
  kInHand,        ///< what the runtime was working on: about to wake a goroutine, to run a function
};

/// One pointer word of a root.
struct RootReference {
  ObjectId target;
  bool interior = false;      ///< does not point to the first data byte of the target
  bool conservative = false;  ///< a word that may be a pointer: there was no map for it
  TypeId type;                ///< of the variable that the word lies in; none if unknown
  std::uint64_t offset = 0;   ///< bytes from the start of that variable
  /// What the target consists of, as far as something beside the variable tells: the type word of
  /// an interface, or the target itself if it is a channel that somebody waits for.
  TypeId boxed{};
  StringId name;  ///< of a local variable or parameter; empty for globals and unknown slots
  std::uint32_t frame = 0;  ///< kGoroutine: index into the frames of its stack, innermost 0
  bool deferred = false;    ///< kGoroutine: held for calls that the frame has deferred

  bool operator==(const RootReference&) const = default;
};

struct GcRoot {
  RootKind kind = RootKind::kNone;
  /// kGlobal: "net/http.DefaultServeMux" with the full import path; kTimer: the function that it
  /// calls if that is the program's own; kFinalizer, kCleanup: the function that is to run, empty
  /// if unknown.
  StringId name;
  TypeId type;                  ///< kGlobal: type of the variable
  Address address;              ///< kGlobal: of the variable; kGoroutine: of the g; kTimer: of it
  std::uint32_t goroutine = 0;  ///< kGoroutine: index into Snapshot::goroutines
  ObjectId subject;             ///< kFinalizer, kCleanup, kWeakHandle: the object that it is set on
  std::uint32_t first_reference = 0;  ///< range in Roots::references
  std::uint32_t reference_count = 0;

  bool operator==(const GcRoot&) const = default;
};

struct Roots {
  std::vector<GcRoot> roots;  ///< index 0 is a placeholder: RootId 0 is none
  std::vector<RootReference> references;
  std::vector<Window> windows;  ///< of `references`, by rising index

  Roots() { roots.emplace_back(); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(roots.size() - 1); }
  const GcRoot& operator[](RootId id) const { return roots[id.value]; }

  bool operator==(const Roots&) const = default;
};

}  // namespace seep::snapshot
