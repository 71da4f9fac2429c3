#include "goruntime/heap/allocation_bits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <span>

#include "goruntime/heap/special_list.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {

namespace {

constexpr std::uint64_t kPageBytes = 8192;

// Bits of the slots of one span, slot 0 in the lowest bit of word 0. Zero past the last slot.
struct SlotBits {
  std::array<std::uint64_t, 8192 / 64> words{};

  bool test(std::uint32_t slot) const { return (words[slot / 64] >> (slot % 64)) & 1; }
  void set(std::uint32_t slot) { words[slot / 64] |= std::uint64_t{1} << (slot % 64); }
  void add(const SlotBits& others) {
    for (std::size_t i = 0; i < words.size(); ++i) words[i] |= others.words[i];
  }
  void set_below(std::uint32_t end) {
    for (std::uint32_t word = 0; word < end / 64; ++word) words[word] = ~std::uint64_t{0};
    if (end % 64 != 0) words[end / 64] |= (std::uint64_t{1} << (end % 64)) - 1;
  }
  std::uint32_t count() const {
    int total = 0;
    for (std::uint64_t word : words) total += std::popcount(word);
    return static_cast<std::uint32_t>(total);
  }
  void clear_from(std::uint32_t slots) {
    std::uint32_t word = slots / 64;
    if (slots % 64 != 0) words[word++] &= (std::uint64_t{1} << (slots % 64)) - 1;
    std::fill(words.begin() + word, words.end(), 0);
  }
};

std::uint32_t word_count(std::uint32_t slots) { return (slots + 63) / 64; }

// Puts the bits of a span into the bitmap of all slots.
void place(Bitmap& bitmap, std::uint32_t first, const SlotBits& bits, std::uint32_t slots) {
  std::vector<std::uint64_t>& words = bitmap.words();
  for (std::uint32_t i = 0; i < word_count(slots); ++i) {
    if (bits.words[i] == 0) continue;
    std::size_t at = first + std::size_t{i} * 64;
    words[at / 64] |= bits.words[i] << (at % 64);
    if (at % 64 != 0 && at / 64 + 1 < words.size()) {
      words[at / 64 + 1] |= bits.words[i] >> (64 - at % 64);
    }
  }
}

class BitsReader {
 public:
  BitsReader(BlockCache& cache, const RuntimeLayout& layout, HeapSpans& spans,
             Diagnostics& diagnostics)
      : cache_(cache), layout_(layout), spans_(spans), diagnostics_(diagnostics) {}

  void read(std::size_t index, const AllocationBits& where) {
    const snapshot::Span& span = spans_.heap.spans[index];
    SpanDetail& detail = spans_.details[index];
    SlotBits allocated;
    read_bits(where.alloc_bits, span.slot_count, allocated);
    std::uint32_t last = where.free_index - 1;
    bool maybe_unpublished = where.last_slot_maybe_unpublished && !allocated.test(last);
    detail.marks_asked = detail.unswept || maybe_unpublished;
    if (maybe_unpublished && !is_marked(span, where, last)) detail.unpublished_slot = last;
    std::uint32_t old_slots = allocated.count();
    allocated.set_below(where.free_index);
    SlotBits marks;
    bool marks_known = detail.unswept && read_marks(span, where, marks);
    // sweepLocked.sweep (mgcsweep.go) sets allocCount to the number of marks, then freeindex to
    // zero, then makes the marks the allocation bits.
    if (marks_known && detail.being_swept) {
      if (allocated.count() != detail.alloc_count && marks.count() == detail.alloc_count) {
        allocated = marks;
        old_slots = detail.alloc_count;
      }
      // The numbers may agree by chance.
      allocated.add(marks);
    }
    if (!detail.unswept) detail.new_slots = allocated.count() - old_slots;
    place(spans_.heap.allocated, span.first.value, allocated, span.slot_count);
    if (!marks_known) return;
    // Then it installs clear mark bits, and only then says that the span is swept: in between,
    // nothing is dead any more.
    if (detail.being_swept && where.free_index == 0 && marks.count() == 0) return;
    keep_finalizable(index, marks);
    SlotBits dead;
    for (std::uint32_t i = 0; i < word_count(span.slot_count); ++i) {
      dead.words[i] = allocated.words[i] & ~marks.words[i];
    }
    place(spans_.heap.dead_unswept, span.first.value, dead, span.slot_count);
  }

 private:
  // False if they are not readable.
  bool read_bits(Address address, std::uint32_t slots, SlotBits& bits) {
    if (address.is_null()) return true;
    std::span<std::byte> bytes = std::as_writable_bytes(std::span(bits.words));
    if (!cache_.read(address, bytes.first((slots + 7) / 8))) {
      diagnostics_.count("spans whose allocation bits are not readable");
      bits.words.fill(0);
      return false;
    }
    bits.clear_from(slots);
    return true;
  }

  // While the collector marks, what is allocated is marked at once and does not move
  // freeIndexForScan, which stays behind until the span is swept (malloc.go, gcmarknewobject).
  bool is_marked(const snapshot::Span& span, const AllocationBits& where, std::uint32_t slot) {
    SlotBits marks;
    return read_marks(span, where, marks) && marks.test(slot);
  }

  bool read_marks(const snapshot::Span& span, const AllocationBits& where, SlotBits& marks) {
    if (!read_bits(where.mark_bits, span.slot_count, marks)) return false;
    if (!where.inline_marks) return true;
    SlotBits inline_marks;
    Address block = span.start + (kPageBytes - layout_.inline_mark_bytes);
    if (!read_bits(block + layout_.inline_marks_offset, span.slot_count, inline_marks)) {
      return false;
    }
    for (std::uint32_t i = 0; i < word_count(span.slot_count); ++i) {
      marks.words[i] |= inline_marks.words[i];
    }
    return true;
  }

  // The sweeper will find an unmarked object with a finalizer, and bring it back to life for it.
  void keep_finalizable(std::size_t index, SlotBits& marks) {
    const snapshot::Span& span = spans_.heap.spans[index];
    Address first = spans_.details[index].specials;
    if (first.is_null()) return;
    for_each_special(cache_, layout_, first, span, diagnostics_, [&](const Special& special) {
      if (special.kind == layout_.special_kind.finalizer) marks.set(special.slot);
    });
  }

  BlockCache& cache_;
  const RuntimeLayout& layout_;
  HeapSpans& spans_;
  Diagnostics& diagnostics_;
};

}  // namespace

void read_allocation_bits(BlockCache& cache, const RuntimeLayout& layout,
                          const std::vector<AllocationBits>& bits, HeapSpans& spans,
                          Diagnostics& diagnostics) {
  spans.heap.allocated = Bitmap(std::size_t{spans.heap.slot_count} + 1);
  spans.heap.dead_unswept = Bitmap(std::size_t{spans.heap.slot_count} + 1);
  // Neighbouring spans have their bits far apart (they are laid down in the order of sweeping), but
  // neighbouring bits share a block: read in the order of the bits.
  std::vector<std::uint32_t> order(bits.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return bits[a].alloc_bits < bits[b].alloc_bits;
  });
  BitsReader reader(cache, layout, spans, diagnostics);
  for (std::uint32_t index : order) reader.read(index, bits[index]);
}

}  // namespace seep::goruntime
