// The heap: spans, which slots are allocated, and every reference between objects.
//
// An object is a dense 32-bit id. Spans are sorted by address, each knows its first id, and *every*
// slot of a span has an id, allocated or not, so that address -> id is a table look-up and a
// multiplication and no map of objects exists. Id 0 is none; the ids of slots are 1 ... slot_count.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/bitmap.h"
#include "base/strong_id.h"
#include "snapshot/go_type.h"

namespace seep::snapshot {

using ObjectId = StrongId<struct ObjectTag>;

struct Span {
  Address start;
  std::uint64_t bytes = 0;       ///< whole pages of the span
  std::uint64_t slot_bytes = 0;  ///< Go's elemsize
  std::uint32_t slot_count = 0;  ///< Go's nelems
  ObjectId first;                ///< id of slot 0
  std::uint8_t data_offset = 0;  ///< bytes of the runtime's own header at the start of each slot
  bool pointer_free = false;     ///< Go's noscan

  Address end() const { return start + bytes; }
  bool operator==(const Span&) const = default;
};

/// Where the type of an object is known from, without looking at who points to it.
enum class ClaimSource : std::uint8_t {
  kNone,
  kInterface,  ///< an interface's type word beside a pointer to it; believed if nothing better fits
  kClosure,    ///< its first word is the entry of a function
  kHeader,     ///< the runtime wrote the type into the slot or the span: certain
};

/// The claimed type of an object: of the whole, or of the element that repeats over it.
class TypeClaim {
 public:
  constexpr TypeClaim() = default;
  constexpr TypeClaim(TypeId type, ClaimSource source)
      : bits_(type.value | (static_cast<std::uint32_t>(source) << 30)) {}

  constexpr TypeId type() const { return TypeId{bits_ & 0x3fffffffu}; }
  constexpr ClaimSource source() const { return static_cast<ClaimSource>(bits_ >> 30); }
  constexpr bool operator==(const TypeClaim&) const = default;

 private:
  std::uint32_t bits_ = 0;
};

/// All references of all objects, compressed: the references of object o are
/// [first[o], first[o + 1]) of `targets` and `steps`.
///
/// A step says how many words lie between this pointer word and the one before it (the first counts
/// from the word before the object's data, so a pointer in word 0 has step 1). kInterior is set
/// when the pointer does not point to the first data byte of its target. A gap wider than kMaxStep
/// words is bridged by entries with target none.
///
/// Words that are in the program but are no references here, because a root of its own stands for
/// them: `elem` and `c` of a waiting goroutine's sudog, and the entries of the runtime's lists of
/// all goroutines and of timers.
struct ReferenceTable {
  static constexpr std::uint16_t kInterior = 0x8000;
  static constexpr std::uint16_t kMaxStep = 0x7fff;

  std::vector<std::uint32_t> first;  ///< slot_count + 2 entries
  std::vector<std::uint32_t> targets;
  std::vector<std::uint16_t> steps;

  bool operator==(const ReferenceTable&) const = default;
};

/// What stands behind a pointer word, as far as it may be the rest of a string's or a slice's
/// header: which of them it is, or none, only the type of the word tells. There is one only where
/// the words suit the target, it is large enough to matter, and they would show less of it than
/// all: through a reference without a window the program may see the whole object.
struct Window {
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::uint64_t kLeastBytes = 64;  ///< of a target that matters

  std::uint32_t reference = 0;  ///< index into the references of objects, or of roots
  std::uint32_t offset = 0;     ///< where it leads: bytes from the first data byte of the target
  std::uint32_t length = 0;     ///< the word behind the pointer
  std::uint32_t capacity = 0;   ///< the word after; kNone if that can be none

  bool operator==(const Window&) const = default;
};

struct Reference {
  ObjectId target;
  std::uint64_t offset = 0;  ///< bytes from the first data byte of the source
  bool interior = false;
};

/// Why an object was allocated: one sampled by the runtime's own heap profile.
struct AllocationSample {
  ObjectId object;
  std::uint32_t site = 0;  ///< index into Snapshot::allocation_sites
  bool operator==(const AllocationSample&) const = default;
};

/// Which words of an object can hold pointers, whether they do or not: bit i is word i after the
/// object's own header.
struct ObjectMask {
  std::vector<std::uint64_t> bits;  ///< words of zeros at the end are left out
  bool prefix = false;              ///< the object is longer: only so much was looked at

  auto operator<=>(const ObjectMask&) const = default;
};

/// A package variable holds the object as a slice with room for so many elements.
struct RowLength {
  ObjectId object;
  std::uint64_t elements = 0;

  bool operator==(const RowLength&) const = default;
};

/// How full a large map is.
struct MapSize {
  ObjectId object;  ///< its header
  std::uint64_t entries = 0;
  std::uint64_t capacity = 0;  ///< places for entries
  std::uint64_t needed = 0;  ///< as many as a map would have that just these entries were put into
  bool held_more = false;    ///< its places show that it has been fuller

  bool operator==(const MapSize&) const = default;
};

struct Heap {
  std::vector<Span> spans;       ///< in-use object spans by rising address
  std::uint32_t slot_count = 0;  ///< highest object id
  Bitmap allocated;              ///< by object id; size slot_count + 1
  /// Dead already: in a span that the collector has marked but not yet swept, and not marked. Such
  /// objects count as allocated (as MemStats does); their words are not read.
  Bitmap dead_unswept;
  ReferenceTable references;
  std::vector<Window> windows;            ///< of `references`, by rising index
  std::vector<TypeClaim> claims;          ///< by object id; size slot_count + 1
  std::vector<AllocationSample> samples;  ///< by rising object id

  /// Only where no debug information tells the types of variables. `masks` has an index into
  /// `mask_table` by object id, 0 where it is not known; of objects with headers it never is, as
  /// those have a claim.
  std::vector<std::uint16_t> masks;
  std::vector<ObjectMask> mask_table;
  std::vector<RowLength> row_lengths;  ///< in any order

  std::vector<MapSize> maps;  ///< the large ones, by rising object id

  bool is_object(ObjectId id) const {
    return id.value != 0 && id.value <= slot_count && allocated.test(id.value);
  }

  /// The span of an object; `id` must be in 1 ... slot_count. Binary search.
  const Span& span_of(ObjectId id) const;
  /// The first byte that the program uses; what its pointers hold.
  Address address_of(ObjectId id) const;
  /// Bytes that the allocator spent: the whole slot.
  std::uint64_t size_of(ObjectId id) const { return span_of(id).slot_bytes; }
  /// The slot that an address lies in, allocated or not; none if outside every span. Binary search:
  /// for questions of people, not for loops over references.
  ObjectId find(Address address) const;

  /// Calls visit(Reference) for each reference of `id` in rising offset.
  template <typename Visit>
  void for_each_reference(ObjectId id, Visit&& visit) const {
    std::uint32_t end = references.first[id.value + 1];
    std::uint64_t word = ~std::uint64_t{0};
    for (std::uint32_t i = references.first[id.value]; i < end; ++i) {
      std::uint16_t step = references.steps[i];
      word += step & ReferenceTable::kMaxStep;
      if (references.targets[i] == 0) continue;
      visit(Reference{ObjectId{references.targets[i]}, word * 8,
                      (step & ReferenceTable::kInterior) != 0});
    }
  }

  bool operator==(const Heap&) const = default;
};

}  // namespace seep::snapshot
