#include "goruntime/heap/object_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace seep::goruntime {

namespace {

using snapshot::ReferenceTable;

constexpr std::uint64_t kPageBytes = 4096;
// The bits of a slot are fetched as two words of its span's bitmap, the second of which may lie
// past the span.
constexpr std::size_t kPaddingWords = 8;

// 64 bits of a bitmap from any bit on; zeros past its end.
std::uint64_t bits_from(const Bitmap& bitmap, std::size_t at) {
  const std::vector<std::uint64_t>& words = bitmap.words();
  std::size_t index = at / 64;
  unsigned shift = at % 64;
  std::uint64_t low = index < words.size() ? words[index] >> shift : 0;
  std::uint64_t high = index + 1 < words.size() ? (words[index + 1] << 1) << (63 - shift) : 0;
  return low | high;
}

}  // namespace

ScanCounts& ScanCounts::operator+=(const ScanCounts& other) {
  references += other.references;
  to_free_slots += other.to_free_slots;
  to_manual_spans += other.to_manual_spans;
  to_no_span += other.to_no_span;
  untyped_objects += other.untyped_objects;
  unreadable_bytes += other.unreadable_bytes;
  read_bytes += other.read_bytes;
  return *this;
}

PieceScanner::PieceScanner(const ScanContext& context)
    : context_(context),
      buffer_(kRunBytes / 8 + kPaddingWords),
      mask_memo_(context.mask_numbers),
      view_windows_(context.spans.heap.spans) {}

void PieceScanner::scan(const Piece& piece, ScannedPiece& out) {
  out_ = &out;
  out.count = 0;
  out.windows.clear();
  out.claims.clear();
  out.counts = {};
  out.trailing_words = 0;
  if (piece.part_bytes != 0) {
    scan_part(piece);
    return;
  }
  const std::vector<snapshot::Span>& spans = context_.spans.heap.spans;
  for (std::uint32_t i = piece.first_span; i < piece.end_span;) {
    if (!has_words_to_read(spans[i], context_.spans.details[i])) {
      skip_slots(spans[i]);
      ++i;
      continue;
    }
    std::uint32_t end = i + 1;
    std::uint64_t bytes = spans[i].bytes;
    while (end < piece.end_span && spans[end].start == spans[end - 1].end() &&
           has_words_to_read(spans[end], context_.spans.details[end]) &&
           bytes + spans[end].bytes <= kRunBytes) {
      bytes += spans[end++].bytes;
    }
    fetch(spans[i].start, bytes);
    scan_run(i, end);
    i = end;
  }
}

void PieceScanner::scan_run(std::uint32_t begin, std::uint32_t end) {
  const std::byte* at = reinterpret_cast<const std::byte*>(buffer_.data());
  for (std::uint32_t i = begin; i < end; ++i) {
    switch (context_.spans.details[i].pointers) {
      case PointerSource::kSpanBitmap:
        scan_bitmap_span(i, at);
        break;
      case PointerSource::kSlotHeader:
        scan_header_span(i, at);
        break;
      case PointerSource::kLargeType:
        scan_large_span(i, at);
        break;
      case PointerSource::kArenaBits:
        scan_arena_span(i, at);
        break;
      case PointerSource::kNone:
        skip_slots(context_.spans.heap.spans[i]);
        break;
    }
    at += context_.spans.heap.spans[i].bytes;
  }
}

// Reads into the buffer. Pages that are not there count as zero, and so do words that the caller
// wants passed over.
void PieceScanner::fetch(Address start, std::uint64_t bytes) {
  std::byte* to = reinterpret_cast<std::byte*>(buffer_.data());
  out_->counts.read_bytes += bytes;
  for (std::uint64_t done = 0; done < bytes;) {
    done += context_.memory.read_some(start + done, {to + done, bytes - done});
    if (done >= bytes) break;
    std::uint64_t page_end = (start + done).aligned_down(kPageBytes) + kPageBytes - start;
    std::uint64_t missing = std::min(page_end, bytes) - done;
    std::memset(to + done, 0, missing);
    out_->counts.unreadable_bytes += missing;
    done += missing;
  }
  AddressRange run{start, start + bytes};
  auto skipped =
      std::partition_point(context_.not_references.begin(), context_.not_references.end(),
                           [&](const AddressRange& range) { return range.end <= run.begin; });
  for (; skipped != context_.not_references.end() && skipped->begin < run.end; ++skipped) {
    Address from = std::max(skipped->begin, run.begin);
    std::memset(to + (from - run.begin), 0, std::min(skipped->end, run.end) - from);
  }
}

void PieceScanner::skip_slots(const snapshot::Span& span) {
  std::fill_n(context_.first.begin() + span.first.value + 1, span.slot_count,
              static_cast<std::uint32_t>(out_->count));
}

// The slots from `first_slot` on whose words count, a bit each.
std::uint64_t PieceScanner::live_slots(const snapshot::Span& span, const SpanDetail& detail,
                                       std::uint32_t first_slot) const {
  std::size_t at = std::size_t{span.first.value} + first_slot;
  std::uint64_t live = bits_from(context_.spans.heap.allocated, at);
  if (detail.unswept) live &= ~bits_from(context_.spans.heap.dead_unswept, at);
  if (detail.unpublished_slot - first_slot < 64) {
    live &= ~(std::uint64_t{1} << (detail.unpublished_slot - first_slot));
  }
  return live;
}

void PieceScanner::scan_bitmap_span(std::uint32_t span_index, const std::byte* bytes) {
  const snapshot::Span& span = context_.spans.heap.spans[span_index];
  const SpanDetail& detail = context_.spans.details[span_index];
  const std::uint64_t* words = reinterpret_cast<const std::uint64_t*>(bytes);
  const std::uint64_t* bitmap = words + detail.bitmap_offset / 8;
  std::uint32_t slot_words = static_cast<std::uint32_t>(span.slot_bytes / 8);
  std::uint64_t slot_mask = ~std::uint64_t{0} >> (64 - slot_words);
  bool channels = may_be_channel(span);
  std::uint32_t* ends = context_.first.data() + span.first.value + 1;
  reserve(std::size_t{span.slot_count} * slot_words);

  std::uint64_t live = 0;
  for (std::uint32_t slot = 0; slot < span.slot_count; ++slot, live >>= 1) {
    if (slot % 64 == 0) live = live_slots(span, detail, slot);
    if ((live & 1) != 0) {
      std::uint32_t word = slot * slot_words;
      unsigned shift = word % 64;
      std::uint64_t bits =
          (bitmap[word / 64] >> shift) | ((bitmap[word / 64 + 1] << 1) << (63 - shift));
      bits &= slot_mask;
      if (mask_memo_.wanted()) {
        context_.object_masks[span.first.value + slot] = mask_memo_.number_of(bits);
      }
      if (channels) claim_channel(span, slot, bits, words + word);
      last_word_ = ~std::uint64_t{0};
      if ((bits & 1) == 0 && context_.text.contains(words[word])) {
        claim(RawClaim::kClosure, words[word], span.first.value + slot, span.slot_bytes);
      }
      scan_words<false>(words + word, bits, (bits << 1) | 1, Ahead(bits, slot_words, 0), 0);
    }
    ends[slot] = static_cast<std::uint32_t>(out_->count);
  }
}

void PieceScanner::scan_header_span(std::uint32_t span_index, const std::byte* bytes) {
  const snapshot::Span& span = context_.spans.heap.spans[span_index];
  const SpanDetail& detail = context_.spans.details[span_index];
  std::uint32_t* ends = context_.first.data() + span.first.value + 1;
  std::uint64_t data_bytes = span.slot_bytes - span.data_offset;
  std::uint64_t live = 0;
  for (std::uint32_t slot = 0; slot < span.slot_count; ++slot, live >>= 1) {
    if (slot % 64 == 0) live = live_slots(span, detail, slot);
    if ((live & 1) != 0) {
      const std::uint64_t* words =
          reinterpret_cast<const std::uint64_t*>(bytes + slot * span.slot_bytes);
      if (const TypeMask* mask = mask_of(words[0], data_bytes)) {
        claim(RawClaim::kHeader, words[0], span.first.value + slot, span.slot_bytes);
        last_word_ = ~std::uint64_t{0};
        scan_masked(words + 1, 0, data_bytes / 8, *mask);
      } else {
        ++out_->counts.untyped_objects;
      }
    }
    ends[slot] = static_cast<std::uint32_t>(out_->count);
  }
}

void PieceScanner::scan_large_span(std::uint32_t span_index, const std::byte* bytes) {
  const snapshot::Span& span = context_.spans.heap.spans[span_index];
  const SpanDetail& detail = context_.spans.details[span_index];
  if ((live_slots(span, detail, 0) & 1) != 0) {
    std::uint64_t type = detail.large_type.value();
    if (const TypeMask* mask = mask_of(type, span.slot_bytes)) {
      claim(RawClaim::kHeader, type, span.first.value, 0);
      last_word_ = ~std::uint64_t{0};
      scan_masked(reinterpret_cast<const std::uint64_t*>(bytes), 0, span.slot_bytes / 8, *mask);
    } else {
      ++out_->counts.untyped_objects;
    }
  }
  skip_slots(span);
}

// Go 1.12-1.21.
void PieceScanner::scan_arena_span(std::uint32_t span_index, const std::byte* bytes) {
  const snapshot::Span& span = context_.spans.heap.spans[span_index];
  const SpanDetail& detail = context_.spans.details[span_index];
  const std::uint64_t* words = reinterpret_cast<const std::uint64_t*>(bytes);
  std::uint64_t slot_words = span.slot_bytes / 8;
  bool channels = may_be_channel(span);
  std::uint32_t* ends = context_.first.data() + span.first.value + 1;
  if (!arena_bits_.fetch(context_.memory, context_.spans.bitmaps, {span.start, span.end()})) {
    out_->counts.untyped_objects += detail.alloc_count;
  }
  std::uint64_t live = 0;
  for (std::uint32_t slot = 0; slot < span.slot_count; ++slot, live >>= 1) {
    if (slot % 64 == 0) live = live_slots(span, detail, slot);
    if ((live & 1) != 0) {
      std::uint64_t first = slot * slot_words;
      if (mask_memo_.wanted()) {
        context_.object_masks[span.first.value + slot] =
            mask_memo_.number_of(arena_bits_.pointers(), first, slot_words);
      }
      if (channels) {
        std::uint64_t at = first + context_.channel.type_word;
        std::uint64_t bit = (arena_bits_.pointers()[at / 64] >> (at % 64)) & 1;
        claim_channel(span, slot, bit << context_.channel.type_word, words + first);
      }
      bool begins_with_pointer = ((arena_bits_.pointers()[first / 64] >> (first % 64)) & 1) != 0;
      if (!begins_with_pointer && context_.text.contains(words[first])) {
        claim(RawClaim::kClosure, words[first], span.first.value + slot, span.slot_bytes);
      }
      last_word_ = ~std::uint64_t{0};
      scan_arena_words(words + first, first, 0, slot_words);
    }
    ends[slot] = static_cast<std::uint32_t>(out_->count);
  }
}

// Words [first, end) of an object, whose bits begin at `first_bit`. `words` is word `first`.
void PieceScanner::scan_arena_words(const std::uint64_t* words, std::uint64_t first_bit,
                                    std::uint64_t first, std::uint64_t end) {
  const std::vector<std::uint64_t>& pointers = arena_bits_.pointers();
  std::uint64_t before = 1;  // the word before the first is another's
  for (std::uint64_t at = first; at < end; at += 64) {
    std::uint64_t bit = first_bit + (at - first);
    unsigned shift = bit % 64;
    std::uint64_t bits = pointers[bit / 64] >> shift;
    if (shift != 0) bits |= pointers[bit / 64 + 1] << (64 - shift);
    if (end - at < 64) bits &= (std::uint64_t{1} << (end - at)) - 1;
    if (bits != 0) {
      reserve(64);
      std::uint64_t next_two = 0;
      if (end - at > 64) {
        next_two = pointers[bit / 64 + 1] >> shift;
        if (shift == 63) next_two |= pointers[bit / 64 + 2] << 1;
      }
      scan_words<true>(words + (at - first), bits, (bits << 1) | before,
                       Ahead(bits, end - at, next_two), at);
    }
    before = bits >> 63;
  }
}

void PieceScanner::scan_arena_part(const Piece& piece) {
  const snapshot::Span& span = context_.spans.heap.spans[piece.first_span];
  const SpanDetail& detail = context_.spans.details[piece.first_span];
  std::uint64_t first = piece.part_offset / 8;
  std::uint64_t end = first + piece.part_bytes / 8;
  last_word_ = first - 1;
  bool any = (live_slots(span, detail, 0) & 1) != 0;
  for (std::uint64_t at = first; any && at < end; at += kRunBytes / 8) {
    std::uint64_t run_end = std::min(end, at + kRunBytes / 8);
    AddressRange run{span.start + at * 8, span.start + run_end * 8};
    any = arena_bits_.fetch(context_.memory, context_.spans.bitmaps, run);
    if (!any) ++out_->counts.untyped_objects;
    fetch(run.begin, run.size());
    if (mask_memo_.wanted() && at == 0) {
      context_.object_masks[span.first.value] =
          mask_memo_.number_of(arena_bits_.pointers(), 0, span.slot_bytes / 8);
    }
    scan_arena_words(buffer_.data(), 0, at, run_end);
  }
  out_->trailing_words = end - 1 - last_word_;
}

void PieceScanner::scan_part(const Piece& piece) {
  const snapshot::Span& span = context_.spans.heap.spans[piece.first_span];
  const SpanDetail& detail = context_.spans.details[piece.first_span];
  if (detail.pointers == PointerSource::kArenaBits) return scan_arena_part(piece);
  std::uint64_t first = piece.part_offset / 8;
  std::uint64_t end = first + piece.part_bytes / 8;
  last_word_ = first - 1;
  const TypeMask* mask = nullptr;
  if ((live_slots(span, detail, 0) & 1) != 0) {
    std::uint64_t type = detail.large_type.value();
    mask = mask_of(type, span.slot_bytes);
    if (piece.part_offset == 0 && mask != nullptr) {
      claim(RawClaim::kHeader, type, span.first.value, 0);
    }
    if (piece.part_offset == 0 && mask == nullptr) ++out_->counts.untyped_objects;
  }
  for (std::uint64_t at = first; mask != nullptr && at < end; at += kRunBytes / 8) {
    std::uint64_t run_end = std::min(end, at + kRunBytes / 8);
    fetch(span.start + at * 8, (run_end - at) * 8);
    scan_masked(buffer_.data(), at, run_end, *mask);
  }
  out_->trailing_words = end - 1 - last_word_;
}

// Words [first, end) of an object over which `mask` repeats. `words` is word `first`.
void PieceScanner::scan_masked(const std::uint64_t* words, std::uint64_t first, std::uint64_t end,
                               const TypeMask& mask) {
  std::uint64_t tile = first / mask.tile_words * mask.tile_words;
  std::size_t chunk = (first - tile) / 64;
  for (; tile < end; tile += mask.tile_words, chunk = 0) {
    for (; chunk < mask.words.size(); ++chunk) {
      std::uint64_t base = tile + chunk * 64;
      if (base >= end) break;
      std::uint64_t bits = mask.words[chunk];
      // The word before the chunk is only looked at where it belongs to the same run and element.
      std::uint64_t before =
          (bits << 1) | (chunk == 0 || base <= first ? 1 : mask.words[chunk - 1] >> 63);
      std::uint64_t done = 0;
      if (base < first) {
        done = first - base;
        bits &= ~std::uint64_t{0} << done;
        before |= std::uint64_t{1} << done;
      }
      if (end - base < 64) bits &= (std::uint64_t{1} << (end - base)) - 1;
      if (bits == 0) continue;
      reserve(64);
      std::uint64_t left = std::min(end, tile + mask.tile_words) - base;
      Ahead ahead(bits, left, chunk + 1 < mask.words.size() ? mask.words[chunk + 1] : 0);
      ahead >>= done;
      scan_words<true>(words + (base + done - first), bits >> done, before >> done, ahead,
                       base + done);
    }
  }
}

// Of up to 64 words with these pointers, when the value has so many words left, and of what lies
// behind them the first bits are `next_two`.
inline PieceScanner::Ahead::Ahead(std::uint64_t bits, std::uint64_t words_left,
                                  std::uint64_t next_two) {
  if (words_left < 64) {
    bits |= ~std::uint64_t{0} << words_left;
    next_two = 3;
  } else if (words_left < 66) {
    next_two |= words_left == 64 ? 3 : 2;
  }
  no_word = (bits >> 1) | (next_two << 63);
  no_two_words = no_word | (bits >> 2) | (next_two << 62);
}

inline PieceScanner::Ahead& PieceScanner::Ahead::operator>>=(std::uint64_t words) {
  no_word >>= words;
  no_two_words >>= words;
  return *this;
}

// Up to 64 words, of which those in `bits` are pointers. `before` has a bit for each word whose
// predecessor cannot be the type word of an interface. `base` is the index of the first word in the
// object. There is room for 64 entries.
template <bool kLong>
inline void PieceScanner::scan_words(const std::uint64_t* words, std::uint64_t bits,
                                     std::uint64_t before, Ahead ahead, std::uint64_t base) {
  const Bitmap& allocated = context_.spans.heap.allocated;
  std::uint64_t last = last_word_;
  std::size_t count = out_->count;
  std::uint64_t references = 0;
  for (; bits != 0; bits &= bits - 1) {
    unsigned at = static_cast<unsigned>(std::countr_zero(bits));
    std::uint64_t word = words[at];
    if (!context_.heap.contains(word)) continue;
    snapshot::ObjectIndex::Place hit = context_.index.place_of(word);
    if (hit.object.is_none() || !allocated.test(hit.object.value)) {
      miss(word);
      continue;
    }
    std::uint64_t gap = base + at - last;
    if constexpr (kLong) {
      if (gap > ReferenceTable::kMaxStep) {
        out_->count = count;
        bridge(gap);
        count = out_->count;
        gap = (gap - 1) % ReferenceTable::kMaxStep + 1;
      }
    }
    last = base + at;
    out_->targets[count] = hit.object.value;
    out_->steps[count] =
        static_cast<std::uint16_t>(gap | (hit.offset != 0 ? ReferenceTable::kInterior : 0));
    if (((ahead.no_word >> at) & 1) == 0) {
      int plain = ((ahead.no_two_words >> at) & 1) == 0 ? 2 : 1;
      std::optional<snapshot::Window> window =
          view_windows_.behind(word, hit, words[at + 1], plain == 2 ? words[at + 2] : 0, plain);
      if (window) {
        window->reference = static_cast<std::uint32_t>(count);
        out_->windows.push_back(*window);
      }
    }
    ++count;
    ++references;
    if (((before >> at) & 1) == 0 && hit.offset == 0) {
      std::uint64_t type = words[static_cast<std::ptrdiff_t>(at) - 1];
      if (context_.types.contains(type) || context_.other_itabs.contains(type)) {
        claim(RawClaim::kInterface, type, hit.object.value, context_.index.slot_bytes_at(word));
      }
    }
  }
  out_->counts.references += references;
  out_->count = count;
  last_word_ = last;
}

// Entries without a target, until the rest of the gap fits into one step.
void PieceScanner::bridge(std::uint64_t gap) {
  std::size_t fillers = (gap - 1) / ReferenceTable::kMaxStep;
  reserve(fillers + 64);
  std::fill_n(out_->targets.begin() + out_->count, fillers, 0);
  std::fill_n(out_->steps.begin() + out_->count, fillers, ReferenceTable::kMaxStep);
  out_->count += fillers;
}

void PieceScanner::reserve(std::size_t more) {
  if (out_->count + more <= out_->targets.size()) return;
  std::size_t size = std::max(out_->count + more, out_->targets.size() * 2);
  out_->targets.resize(size);
  out_->steps.resize(size);
}

void PieceScanner::claim(RawClaim::Kind kind, std::uint64_t word, std::uint32_t object,
                         std::uint64_t slot_bytes) {
  std::uint64_t known = slot_bytes <= std::numeric_limits<std::uint16_t>::max() ? slot_bytes : 0;
  out_->claims.push_back(RawClaim{word, object, static_cast<std::uint16_t>(known), kind});
}

// A slot that a channel fills (runtime/chan.go, makechan) is of the next larger size class.
bool PieceScanner::may_be_channel(const snapshot::Span& span) const {
  constexpr std::uint64_t kMostRounded = 32;
  std::uint64_t bytes = context_.channel.bytes;
  return bytes != 0 && span.slot_bytes >= bytes && span.slot_bytes < bytes + kMostRounded;
}

void PieceScanner::claim_channel(const snapshot::Span& span, std::uint32_t slot,
                                 std::uint64_t pointers, const std::uint64_t* words) {
  std::uint64_t at = context_.channel.type_word;
  if (((pointers >> at) & 1) == 0 || !context_.types.contains(words[at])) return;
  claim(RawClaim::kChannel, words[at], span.first.value + slot, span.slot_bytes);
}

// A pointer word that leads to no object. Rare.
void PieceScanner::miss(std::uint64_t word) {
  if (!context_.index.find(word).object.is_none()) {
    ++out_->counts.to_free_slots;
    return;
  }
  const std::vector<AddressRange>& manual = context_.spans.manual_spans;
  auto found = std::partition_point(manual.begin(), manual.end(), [&](const AddressRange& range) {
    return range.end <= Address(word);
  });
  if (found != manual.end() && found->contains(Address(word))) {
    ++out_->counts.to_manual_spans;
  } else {
    ++out_->counts.to_no_span;
  }
}

const TypeMask* PieceScanner::mask_of(std::uint64_t type, std::uint64_t object_bytes) {
  KnownMask& known = known_masks_[type];
  if (known.mask == nullptr && object_bytes > known.object_bytes) {
    known = {context_.masks.find(Address(type), object_bytes), object_bytes};
  }
  return known.mask;
}

}  // namespace seep::goruntime
