#include "goruntime/heap/span_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "goruntime/block_cache.h"
#include "goruntime/heap/allocation_bits.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {

namespace {

constexpr std::uint64_t kPageBytes = 8192;
constexpr std::uint64_t kMaxSpans = std::uint64_t{1} << 28;
constexpr std::uint64_t kMaxMspanBytes = 4096;
constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;
constexpr std::uint64_t kMaxSmallSpanPages = 16;
constexpr std::uint64_t kMaxSlotsOfASpan = 8192;
constexpr std::uint64_t kMaxUncheckedBytes = std::uint64_t{64} << 20;
// runtime.mSpanInUse and mSpanManual (mheap.go), unchanged since Go 1.9.
constexpr std::uint64_t kStateInUse = 1;
constexpr std::uint64_t kStateManual = 2;
constexpr std::uint64_t kStateFree = 3;  // Go 1.12-1.13
// gc.MinSizeForMallocHeader (Go 1.22+): up to here the span ends with a bit per word.
constexpr std::uint64_t kMaxBytesWithBitmap = 512;
// gcUsesSpanInlineMarkBits (mgcmark_greenteagc.go, Go 1.25+).
constexpr std::uint64_t kMinBytesWithInlineMarks = 16;
constexpr std::uint64_t kMallocHeaderBytes = 8;
constexpr std::uint64_t kWordBytes = 8;

struct RawSpan {
  snapshot::Span span;
  SpanDetail detail;
  AllocationBits bits;
};

class SpanReader {
 public:
  SpanReader(const target::MemoryReader& memory, const RuntimeLayout& layout,
             const RuntimeVariables& variables, Diagnostics& diagnostics)
      : memory_(memory),
        layout_(layout),
        variables_(variables),
        diagnostics_(diagnostics),
        cache_(memory) {}

  Result<HeapSpans> read() {
    TRY(read_phase());
    result_.bitmaps = TRY(ArenaBitmaps::find(memory_, layout_, variables_));
    result_.masks_on_demand = layout_.masks_on_demand;
    TRY(read_all());
    sort_and_check();
    TRY(number_slots());
    read_allocation_bits(cache_, layout_, bits_, result_, diagnostics_);
    return std::move(result_);
  }

 private:
  Result<void> read_phase() {
    Address sweepgen = variables_.mheap + layout_.mheap.sweepgen.offset;
    sweepgen_ = TRY(memory_.read_value<std::uint32_t>(sweepgen));
    result_.collected = sweepgen_ != 0;
    if (!variables_.gcphase.is_null()) {
      result_.collecting = TRY(memory_.read_value<std::uint32_t>(variables_.gcphase)) != 0;
    }
    return {};
  }

  Result<void> read_all() {
    Address slice = variables_.mheap + layout_.mheap.allspans.offset;
    Address array = TRY(memory_.read_address(slice));
    std::uint64_t count = TRY(memory_.read_value<std::uint64_t>(slice + 8));
    if (count > kMaxSpans) {
      return fail(ErrorKind::kCorrupt, "the list of spans is too long to be one", slice);
    }
    if (layout_.mspan.bytes == 0 || layout_.mspan.bytes > kMaxMspanBytes) {
      return fail(ErrorKind::kUnsupported, "the size of runtime.mspan is unknown");
    }
    std::array<std::uint64_t, 8192> piece;
    for (std::uint64_t done = 0; done < count;) {
      std::uint64_t wanted = std::min<std::uint64_t>(piece.size(), count - done);
      TRY(memory_.read(array + done * 8, std::as_writable_bytes(std::span(piece).first(wanted))));
      for (std::uint64_t i = 0; i < wanted; ++i) read_one(Address(piece[i]));
      done += wanted;
    }
    return {};
  }

  void read_one(Address mspan) {
    std::array<std::byte, kMaxMspanBytes> buffer;
    std::span<std::byte> bytes = std::span(buffer).first(layout_.mspan.bytes);
    if (!cache_.read(mspan, bytes)) {
      diagnostics_.count("spans that are not readable");
      return;
    }
    std::uint64_t state = load_member(bytes, layout_.mspan.state);
    bool is_free = state == kStateFree && layout_.mspan.scavenged.exists();
    if (state != kStateInUse && state != kStateManual && !is_free) return;
    snapshot::Span span;
    span.start = load_address(bytes, layout_.mspan.startAddr);
    std::uint64_t pages = load_member(bytes, layout_.mspan.npages);
    bool in_space = span.start.is_aligned(kPageBytes) && !span.start.is_null() && pages != 0 &&
                    pages <= kAddressSpace / kPageBytes && span.start.value() < kAddressSpace &&
                    pages * kPageBytes <= kAddressSpace - span.start.value();
    if (!in_space) {
      diagnostics_.count("spans that contradict themselves");
      return;
    }
    span.bytes = pages * kPageBytes;
    AddressRange range{span.start, span.end()};
    if (is_free) {
      result_.free_spans.push_back({range, load_member(bytes, layout_.mspan.scavenged) != 0});
      return;
    }
    if (state == kStateManual) {
      result_.manual_spans.push_back(range);
      // Only the stack allocator sets it (stackpoolalloc and stackalloc, stack.go); a span begins
      // with zero (mspan.init, mheap.go).
      if (load_member(bytes, layout_.mspan.elemsize) == 0) result_.buffer_spans.push_back(range);
      result_.manual_bytes += span.bytes;
      return;
    }
    std::optional<RawSpan> raw = decode(mspan, span, bytes);
    if (!raw) {
      diagnostics_.count("spans that contradict themselves");
      return;
    }
    raw_.push_back(*raw);
  }

  std::optional<RawSpan> decode(Address mspan, snapshot::Span span,
                                std::span<const std::byte> bytes) const {
    const auto& fields = layout_.mspan;
    std::uint64_t span_class = load_member(bytes, fields.spanclass);
    std::uint64_t slots = load_member(bytes, fields.nelems);
    std::uint64_t free_index = load_member(bytes, fields.freeindex);
    bool large = span_class >> 1 == 0;
    span.slot_bytes = load_member(bytes, fields.elemsize);
    span.pointer_free = (span_class & 1) != 0;
    // All size classes are whole words (sizeclasses.go), large objects whole pages.
    bool fits = span.slot_bytes != 0 && span.slot_bytes % kWordBytes == 0 && slots != 0 &&
                slots <= kMaxSlotsOfASpan && slots <= span.bytes / span.slot_bytes &&
                free_index <= slots &&
                (large ? slots == 1 : span.bytes <= kMaxSmallSpanPages * kPageBytes);
    if (!fits) return std::nullopt;
    if (span.bytes > kMaxUncheckedBytes && !is_mapped(span)) return std::nullopt;
    span.slot_count = static_cast<std::uint32_t>(slots);

    RawSpan raw;
    raw.detail.mspan = mspan;
    raw.detail.specials = load_address(bytes, fields.specials);
    raw.detail.alloc_count = static_cast<std::uint32_t>(load_member(bytes, fields.allocCount));
    set_pointer_source(span, raw.detail, large, bytes);
    if (raw.detail.pointers == PointerSource::kSpanBitmap && span.bytes != kPageBytes) {
      return std::nullopt;
    }
    set_sweep_state(raw, static_cast<std::uint32_t>(load_member(bytes, fields.sweepgen)));
    raw.bits.span_start = span.start;
    raw.bits.alloc_bits = load_address(bytes, fields.allocBits);
    raw.bits.mark_bits = load_address(bytes, fields.gcmarkBits);
    raw.bits.free_index = static_cast<std::uint32_t>(free_index);
    raw.bits.inline_marks = layout_.inline_mark_bits && !large &&
                            span.slot_bytes >= kMinBytesWithInlineMarks &&
                            span.slot_bytes <= kMaxBytesWithBitmap;
    // Go >= 1.18.9 counts up freeIndexForScan when an allocated slot's words are set (malloc.go).
    raw.bits.last_slot_maybe_unpublished = fields.freeIndexForScan.exists() &&
                                           !result_.collecting &&
                                           load_member(bytes, fields.freeIndexForScan) < free_index;
    raw.span = span;
    return raw;
  }

  // Tables as large as the span are made for it, so its size is not taken on trust.
  bool is_mapped(const snapshot::Span& span) const {
    std::array<std::byte, 1> byte;
    return memory_.read_some(span.start, byte) == 1 && memory_.read_some(span.end() - 1, byte) == 1;
  }

  // Go 1.22+: heapBitsInSpan, typePointersOfUnchecked and spanHeapBitsRange (mbitmap.go).
  void set_pointer_source(snapshot::Span& span, SpanDetail& detail, bool large,
                          std::span<const std::byte> bytes) const {
    if (span.pointer_free) return;
    if (layout_.bitmap != BitmapShape::kSpanAndHeaders) {
      detail.pointers = PointerSource::kArenaBits;
    } else if (large) {
      detail.pointers = PointerSource::kLargeType;
      detail.large_type = load_address(bytes, layout_.mspan.largeType);
    } else if (span.slot_bytes <= kMaxBytesWithBitmap) {
      detail.pointers = PointerSource::kSpanBitmap;
      std::uint64_t tail = kPageBytes / 64;
      if (layout_.inline_mark_bits && span.slot_bytes >= kMinBytesWithInlineMarks) {
        tail += layout_.inline_mark_bytes;
      }
      detail.bitmap_offset = static_cast<std::uint32_t>(kPageBytes - std::min(tail, kPageBytes));
    } else {
      detail.pointers = PointerSource::kSlotHeader;
      span.data_offset = kMallocHeaderBytes;
    }
  }

  // "sweep generation" in the comment of runtime.mspan: h-2 needs sweeping, h-1 is being swept, h
  // is swept, h+1 was cached before the sweep and needs sweeping, h+3 is swept and cached.
  void set_sweep_state(RawSpan& raw, std::uint32_t span_generation) const {
    std::uint32_t ahead = span_generation - sweepgen_;
    raw.detail.cached = ahead == 1 || ahead == 3;
    raw.detail.being_swept = ahead == std::uint32_t(-1);
    raw.detail.unswept = ahead == std::uint32_t(-2) || raw.detail.being_swept || ahead == 1;
  }

  void sort_and_check() {
    std::sort(raw_.begin(), raw_.end(), [](const RawSpan& a, const RawSpan& b) {
      return std::pair(a.span.start, a.detail.mspan) < std::pair(b.span.start, b.detail.mspan);
    });
    std::sort(result_.manual_spans.begin(), result_.manual_spans.end());
    std::sort(result_.buffer_spans.begin(), result_.buffer_spans.end());
    Address previous_end;
    std::erase_if(raw_, [&](const RawSpan& raw) {
      if (raw.span.start < previous_end) {
        diagnostics_.count("spans that overlap another");
        return true;
      }
      previous_end = raw.span.end();
      return false;
    });
  }

  Result<void> number_slots() {
    std::uint64_t next = 1;
    result_.heap.spans.reserve(raw_.size());
    result_.details.reserve(raw_.size());
    bits_.reserve(raw_.size());
    for (RawSpan& raw : raw_) {
      if (next + raw.span.slot_count > std::numeric_limits<std::uint32_t>::max() - 1) {
        return fail(ErrorKind::kUnsupported, "the heap has more than four thousand million slots");
      }
      raw.span.first = snapshot::ObjectId{static_cast<std::uint32_t>(next)};
      next += raw.span.slot_count;
      result_.in_use_bytes += raw.span.bytes;
      result_.heap.spans.push_back(raw.span);
      result_.details.push_back(raw.detail);
      bits_.push_back(raw.bits);
    }
    result_.heap.slot_count = static_cast<std::uint32_t>(next - 1);
    raw_ = std::vector<RawSpan>();
    return {};
  }

  const target::MemoryReader& memory_;
  const RuntimeLayout& layout_;
  const RuntimeVariables& variables_;
  Diagnostics& diagnostics_;
  BlockCache cache_;
  std::uint32_t sweepgen_ = 0;
  std::vector<RawSpan> raw_;
  std::vector<AllocationBits> bits_;
  HeapSpans result_;
};

}  // namespace

Result<HeapSpans> read_spans(const target::MemoryReader& memory, const RuntimeLayout& layout,
                             const RuntimeVariables& variables, Diagnostics& diagnostics) {
  Result<HeapSpans> spans = SpanReader(memory, layout, variables, diagnostics).read();
  if (!spans) return std::unexpected(std::move(spans).error().in_context("reading the spans"));
  return spans;
}

std::vector<AddressRange> pointer_free_ranges(const HeapSpans& spans) {
  std::vector<AddressRange> ranges;
  for (std::size_t i = 0; i < spans.heap.spans.size(); ++i) {
    const snapshot::Span& span = spans.heap.spans[i];
    if (!span.pointer_free) continue;
    // The mark bits at its end are wanted.
    if (spans.details[i].marks_asked && span.slot_bytes <= kMaxBytesWithBitmap) continue;
    if (!ranges.empty() && ranges.back().end == span.start) {
      ranges.back().end = span.end();
    } else {
      ranges.push_back({span.start, span.end()});
    }
  }
  return ranges;
}

}  // namespace seep::goruntime
