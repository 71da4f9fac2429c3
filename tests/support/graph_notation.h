// Object graphs as drawings, so that a test of the graph or of an analysis is read at a glance:
//
//   root global main.cache:map[string]int -> a:map[string]int[48]
//   a.buckets -> b:[]byte[4096]
//   retained a = 4144
//
// One statement a line; `#` begins a comment. OBJECT is a name, or where it occurs first (or to
// state it again) `name:TYPE[BYTES]`; BYTES is the size of its slot. Object ids are given out in
// the order of the drawing, from 1.
//
//   type main.node[24] { key string @0; next *main.node @16 }
//       Fields of a struct with their offsets. A struct that has no such line takes its size from
//       its first object and gets its fields as they are used, one after the other.
//   object OBJECT
//       Only declares: an object that nobody refers to.
//   SOURCE -> TARGET, TARGET ...
//       SOURCE: `a` (its next free word), `a.field`, `a[2]`, `a[2].field.inner`, `a@16` (offset).
//       TARGET: an OBJECT, or `b+16`: a pointer to byte 16 of b. `b~3` and `b+16~3/8`: the words
//       behind the pointer are 3, or 3 and 8, as of a string and a slice (snapshot::Window). A
//       reference through an interface goes through its second word.
//   root global NAME[:TYPE] -> TARGET, ...
//   root finalizer|cleanup|weak of OBJECT -> TARGET, ...
//   root queue|cleanup-queue|in-hand -> TARGET, ...
//   root timer NUMBER -> TARGET, ...
//   goroutine ID STATE [ATTRIBUTE ...] [-> TARGET, local=TARGET, ...]
//       STATE: running, runnable, syscall, idle, dead, or `waiting KIND [WHAT, WHAT ...]` with
//       KIND chan, send, select, mutex, cond, waitgroup (WHAT: an OBJECT, `m+4` or `outside`:
//       something that is not in the heap), never, sleep, io. Where WHAT is missing it is unknown.
//       ATTRIBUTE: `in FUNCTION[@FILE:LINE]` (again for the next outer frame), `by FUNCTION` (the
//       go statement), `parent ID`, `for 300s` (wait time), `stack BYTES`, `system`, `cut` (the
//       stack was not unwound to its end).
//   sample OBJECT in FUNCTION[@FILE:LINE] [in ...]
//       The runtime's heap profile sampled the object; the first frame is the innermost.
//   dead OBJECT
//       Marked as dead but not yet swept.
//   QUANTITY SUBJECT = VALUE
//       Expected: handed out as it stands, for the test to check.
//
// An object drawn as []T repeats T; one drawn as a map, channel, string or func is the header or
// bytes of it (a synthetic type of that name); everything else is one value of its type. All
// objects claim their type with certainty (ClaimSource::kHeader) except those drawn with type `?`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "snapshot/snapshot.h"

namespace seep::test {

struct Expectation {
  std::string quantity;  ///< "retained"
  std::string subject;   ///< "a", "main.cache", "goroutine 17"
  std::string value;     ///< "4136"
};

struct Drawing {
  snapshot::Snapshot snapshot;
  std::map<std::string, snapshot::ObjectId, std::less<>> objects;
  std::map<std::string, snapshot::RootId, std::less<>> roots;  ///< "main.cache", "goroutine 17",
                                                               ///< "finalizer of x", "queue",
                                                               ///< "timer 1"
  std::map<std::string, snapshot::TypeId, std::less<>> type_names;  ///< of values and variables
  std::vector<snapshot::TypeId> types;                              ///< of objects as drawn, by id
  std::vector<Expectation> expectations;

  /// None for a name that is not in the drawing.
  snapshot::ObjectId object(std::string_view name) const;
  snapshot::RootId root(std::string_view name) const;
  snapshot::TypeId type(std::string_view name) const;
};

/// The message of an error tells the line.
Result<Drawing> parse_drawing(std::string_view text);

/// For tests: an error in the drawing ends the test program with its message.
Drawing draw(std::string_view text);

/// The same notation from a snapshot: objects are called o1, o2 ... by their ids. `types` may be
/// empty. Parsing what is printed gives the same objects, references and roots.
std::string print_drawing(const snapshot::Snapshot& snapshot,
                          const std::vector<snapshot::TypeId>& types);

}  // namespace seep::test
