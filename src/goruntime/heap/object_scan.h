// The inner loop of reading a heap: the pointer words of every live object, looked up and written
// down as references.
//
// The spans, in order of address, are cut into pieces of a few MiB. A piece is read in runs of
// neighbouring spans through one small buffer that stays in the processor's cache, and becomes a
// ScannedPiece; pieces are independent of each other, reference_scanner.cc puts them together.
// Pointer-free spans are never read.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "goruntime/heap/scan_pieces.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/heap/view_windows.h"
#include "goruntime/types/mask_numbers.h"
#include "goruntime/types/type_mask.h"
#include "snapshot/heap.h"
#include "snapshot/object_index.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// What the scan saw of pointer words, for the invariants and for Diagnostics.
struct ScanCounts {
  std::uint64_t references = 0;        ///< pointer words that lead to an allocated object
  std::uint64_t to_free_slots = 0;     ///< into an in-use span, but to no object
  std::uint64_t to_manual_spans = 0;   ///< to a stack or another span without objects
  std::uint64_t to_no_span = 0;        ///< between the lowest and the highest span, in none
  std::uint64_t untyped_objects = 0;   ///< no usable type where the runtime keeps one: not scanned
  std::uint64_t unreadable_bytes = 0;  ///< taken as zero
  std::uint64_t read_bytes = 0;

  ScanCounts& operator+=(const ScanCounts& other);
};

/// Evidence for the type of an object as it lies in memory, not yet understood.
struct RawClaim {
  enum Kind : std::uint8_t {
    kHeader,     ///< `word` is the type that the runtime keeps for the object
    kInterface,  ///< `word` stands before a pointer to the object, and may be a type or an itab
    kClosure,    ///< `word` is the object's first, and may be the entry of a function
    kChannel,    ///< `word` stands where a channel has the type of its elements
  };
  std::uint64_t word = 0;
  std::uint32_t object = 0;
  std::uint16_t slot_bytes = 0;  ///< of the object; 0 if its span says more
  Kind kind = kHeader;
};

/// Values from `low` up to but without low + width.
struct WordRange {
  std::uint64_t low = 0;
  std::uint64_t width = 0;

  bool contains(std::uint64_t word) const { return word - low < width; }
};

/// By what a channel is known: its size, and which of its words is the type of the elements.
struct ChannelShape {
  std::uint64_t bytes = 0;  ///< 0: not wanted
  std::uint64_t type_word = 0;
};

struct ScannedPiece {
  std::size_t count = 0;  ///< entries of `targets` and `steps` that are filled in
  std::vector<std::uint32_t> targets;
  std::vector<std::uint16_t> steps;
  std::vector<snapshot::Window> windows;  ///< with indices into `targets`
  std::vector<RawClaim> claims;
  ScanCounts counts;
  std::uint64_t trailing_words = 0;  ///< of a part: words after its last entry
};

/// The same for all pieces. Everything referred to outlives the scan.
struct ScanContext {
  const target::MemoryReader& memory;
  const HeapSpans& spans;
  const snapshot::ObjectIndex& index;
  TypeMaskCache& masks;
  WordRange heap;                ///< from the lowest to the highest span
  WordRange types, other_itabs;  ///< where type words of interfaces point to
  WordRange text;
  std::vector<AddressRange> not_references;  ///< ascending; words in them are passed over
  std::span<std::uint32_t> first;            ///< of the reference table, see PieceScanner::scan
  MaskNumbers* mask_numbers = nullptr;       ///< null: masks are not wanted
  std::span<std::uint16_t> object_masks;     ///< where they go, by object id
  ChannelShape channel;
};

/// One per thread.
class PieceScanner {
 public:
  explicit PieceScanner(const ScanContext& context);

  /// Fills `out`, and first[id + 1] for all slots of the piece's spans with the number of the
  /// piece's entries up to the end of that slot. A part of an object leaves `first` alone, and its
  /// first step counts from the start of the part.
  void scan(const Piece& piece, ScannedPiece& out);

 private:
  void scan_part(const Piece& piece);
  void scan_run(std::uint32_t begin, std::uint32_t end);
  void fetch(Address start, std::uint64_t bytes);
  void scan_bitmap_span(std::uint32_t span, const std::byte* bytes);
  void scan_header_span(std::uint32_t span, const std::byte* bytes);
  void scan_large_span(std::uint32_t span, const std::byte* bytes);
  void scan_arena_span(std::uint32_t span, const std::byte* bytes);
  void scan_arena_part(const Piece& piece);
  void scan_arena_words(const std::uint64_t* words, std::uint64_t first_bit, std::uint64_t first,
                        std::uint64_t end);
  void scan_masked(const std::uint64_t* words, std::uint64_t first, std::uint64_t end,
                   const TypeMask& mask);
  /// A bit for each word that is not followed by one, or by two, that hold no pointers and belong
  /// to the same value.
  struct Ahead {
    std::uint64_t no_word = 0, no_two_words = 0;

    Ahead(std::uint64_t bits, std::uint64_t words_left, std::uint64_t next_two);
    Ahead& operator>>=(std::uint64_t words);
  };
  template <bool kLong>
  void scan_words(const std::uint64_t* words, std::uint64_t bits, std::uint64_t before, Ahead ahead,
                  std::uint64_t base);
  void claim(RawClaim::Kind kind, std::uint64_t word, std::uint32_t object,
             std::uint64_t slot_bytes);
  bool may_be_channel(const snapshot::Span& span) const;
  void claim_channel(const snapshot::Span& span, std::uint32_t slot, std::uint64_t pointers,
                     const std::uint64_t* words);
  void miss(std::uint64_t word);
  void bridge(std::uint64_t gap);
  void reserve(std::size_t more);
  void skip_slots(const snapshot::Span& span);
  std::uint64_t live_slots(const snapshot::Span& span, const SpanDetail& detail,
                           std::uint32_t first_slot) const;
  const TypeMask* mask_of(std::uint64_t type, std::uint64_t object_bytes);

  struct KnownMask {
    const TypeMask* mask = nullptr;
    std::uint64_t object_bytes = 0;
  };

  const ScanContext& context_;
  std::vector<std::uint64_t> buffer_;
  ArenaBits arena_bits_;
  MaskMemo mask_memo_;
  ViewWindows view_windows_;
  std::unordered_map<std::uint64_t, KnownMask> known_masks_;
  ScannedPiece* out_ = nullptr;
  std::uint64_t last_word_ = 0;  ///< of the object at hand: where its last entry was
};

}  // namespace seep::goruntime
