#include "goruntime/heap/reference_scanner.h"

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "goruntime/types/itab_table.h"

namespace seep::goruntime {

namespace {

using snapshot::ReferenceTable;

// Hands out pieces to the scanning threads and their results, in order, to the caller. A thread
// waits when it is too far ahead of the caller.
class PieceQueue {
 public:
  explicit PieceQueue(std::size_t pieces) : pieces_(pieces), done_(kAhead) {}

  /// False when there is nothing more to do.
  bool next_piece(std::size_t& piece, std::unique_ptr<ScannedPiece>& result) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return next_ >= pieces_ || next_ < taken_ + kAhead; });
    if (next_ >= pieces_) return false;
    piece = next_++;
    if (free_.empty()) {
      result = std::make_unique<ScannedPiece>();
    } else {
      result = std::move(free_.back());
      free_.pop_back();
    }
    return true;
  }

  void finish(std::size_t piece, std::unique_ptr<ScannedPiece> result) {
    std::lock_guard lock(mutex_);
    done_[piece % kAhead] = std::move(result);
    changed_.notify_all();
  }

  std::unique_ptr<ScannedPiece> take(std::size_t piece) {
    std::unique_lock lock(mutex_);
    std::unique_ptr<ScannedPiece>& place = done_[piece % kAhead];
    changed_.wait(lock, [&] { return place != nullptr; });
    return std::move(place);
  }

  void give_back(std::unique_ptr<ScannedPiece> result) {
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(result));
    ++taken_;
    changed_.notify_all();
  }

  void stop() {
    std::lock_guard lock(mutex_);
    next_ = pieces_;
    changed_.notify_all();
  }

 private:
  static constexpr std::size_t kAhead = 8;

  std::size_t pieces_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t next_ = 0;
  std::size_t taken_ = 0;
  std::vector<std::unique_ptr<ScannedPiece>> done_;
  std::vector<std::unique_ptr<ScannedPiece>> free_;
};

// Puts the references of the pieces one behind the other.
class TableBuilder {
 public:
  TableBuilder(HeapSpans& spans, const std::vector<Piece>& pieces)
      : spans_(spans), table_(spans.heap.references), windows_(spans.heap.windows) {
    for (const Piece& piece : pieces) all_bytes_ += piece.read_bytes;
    grow(std::min<std::uint64_t>(all_bytes_ / 8, kFirstEntries));
  }

  Result<void> append(const Piece& piece, const ScannedPiece& scanned) {
    std::uint64_t base = table_.targets.size();
    done_bytes_ += piece.read_bytes;
    if (base + scanned.count > std::numeric_limits<std::uint32_t>::max() - kMaxFillers) {
      return fail(ErrorKind::kUnsupported, "the heap has more than four thousand million pointers");
    }
    make_room(scanned.count);
    bool is_part = piece.part_bytes != 0;
    if (is_part) {
      append_part(piece, scanned);
    } else {
      append_all(scanned, 0);
    }
    // An entry keeps its distance from the last one of the piece.
    std::uint64_t shift = table_.targets.size() - scanned.count;
    for (snapshot::Window window : scanned.windows) {
      window.reference += static_cast<std::uint32_t>(shift);
      windows_.push_back(window);
    }
    const snapshot::Span& first = spans_.heap.spans[piece.first_span];
    const snapshot::Span& last = spans_.heap.spans[piece.end_span - 1];
    if (is_part) {
      table_.first[first.first.value + 1] = static_cast<std::uint32_t>(table_.targets.size());
      return {};
    }
    std::uint32_t* begin = table_.first.data() + first.first.value + 1;
    std::uint32_t* end = table_.first.data() + last.first.value + last.slot_count + 1;
    for (std::uint32_t* slot = begin; slot != end; ++slot) {
      *slot += static_cast<std::uint32_t>(base);
    }
    return {};
  }

 private:
  static constexpr std::uint64_t kFirstEntries = std::uint64_t{16} << 20;
  static constexpr std::uint64_t kMaxFillers = std::uint64_t{1} << 30;

  // The words that earlier parts of the same object left behind their last entry come before the
  // first entry of this one.
  void append_part(const Piece& piece, const ScannedPiece& scanned) {
    if (piece.part_offset == 0) carried_words_ = 0;
    if (scanned.count == 0) {
      carried_words_ += scanned.trailing_words;
      return;
    }
    std::uint64_t gap = (scanned.steps[0] & ReferenceTable::kMaxStep) + carried_words_;
    std::uint64_t fillers = (gap - 1) / ReferenceTable::kMaxStep;
    make_room(fillers + scanned.count);
    table_.targets.insert(table_.targets.end(), fillers, 0);
    table_.steps.insert(table_.steps.end(), fillers, ReferenceTable::kMaxStep);
    std::uint64_t rest = gap - fillers * ReferenceTable::kMaxStep;
    table_.targets.push_back(scanned.targets[0]);
    table_.steps.push_back(
        static_cast<std::uint16_t>(rest | (scanned.steps[0] & ReferenceTable::kInterior)));
    append_all(scanned, 1);
    carried_words_ = scanned.trailing_words;
  }

  void append_all(const ScannedPiece& scanned, std::size_t from) {
    table_.targets.insert(table_.targets.end(), scanned.targets.begin() + from,
                          scanned.targets.begin() + scanned.count);
    table_.steps.insert(table_.steps.end(), scanned.steps.begin() + from,
                        scanned.steps.begin() + scanned.count);
  }

  // Grows at once to what the whole heap will need if it goes on like this: memory that is never
  // touched costs nothing, moving the tables does.
  void make_room(std::uint64_t more) {
    std::uint64_t needed = table_.targets.size() + more;
    if (needed <= table_.targets.capacity()) return;
    double done = static_cast<double>(std::max<std::uint64_t>(done_bytes_, 1));
    double projected = static_cast<double>(needed) * static_cast<double>(all_bytes_) / done * 1.2;
    double most = static_cast<double>(needed) + static_cast<double>(all_bytes_ / 8);
    grow(std::max(needed + needed / 4, static_cast<std::uint64_t>(std::min(projected, most))));
  }

  void grow(std::uint64_t entries) {
    table_.targets.reserve(entries);
    table_.steps.reserve(entries);
  }

  const HeapSpans& spans_;
  ReferenceTable& table_;
  std::vector<snapshot::Window>& windows_;
  std::uint64_t all_bytes_ = 0;
  std::uint64_t done_bytes_ = 0;
  std::uint64_t carried_words_ = 0;
};

void widen(WordRange& range, AddressRange more) {
  if (more.size() == 0) return;
  std::uint64_t end = std::max(range.low + range.width, more.end.value());
  range.low = range.width == 0 ? more.begin.value() : std::min(range.low, more.begin.value());
  range.width = end - range.low;
}

// Rising and apart from each other, whatever the program's lists say.
std::vector<AddressRange> in_order(std::vector<AddressRange> ranges) {
  std::sort(ranges.begin(), ranges.end());
  Address end;
  std::erase_if(ranges, [&end](AddressRange& range) {
    range.begin = std::max(range.begin, end);
    end = std::max(end, range.end);
    return range.size() == 0;
  });
  return ranges;
}

ScanContext make_context(ScanInput& input, HeapSpans& spans, TypeMaskCache& masks) {
  ScanContext context{.memory = input.memory,
                      .spans = spans,
                      .index = input.index,
                      .masks = masks,
                      .heap = {},
                      .types = {},
                      .other_itabs = {},
                      .text = {},
                      .not_references = in_order(std::move(input.not_references)),
                      .first = spans.heap.references.first,
                      .mask_numbers = nullptr,
                      .object_masks = {},
                      .channel = {}};
  if (!spans.heap.spans.empty()) {
    widen(context.heap, {spans.heap.spans.front().start, spans.heap.spans.back().end()});
  }
  for (const ModuleData& module : input.modules) {
    widen(context.types, module.types);
    widen(context.types, module.itabs);
    widen(context.text, module.text);
  }
  widen(context.other_itabs, itabs_made_at_run_time(input.memory, input.itab_table, input.modules));
  return context;
}

void report(const ScanCounts& counts, Diagnostics& diagnostics) {
  diagnostics.count("pointers to free slots", counts.to_free_slots);
  diagnostics.count("pointers into the heap that hit no object", counts.to_no_span);
  diagnostics.count("objects without a usable type, not scanned", counts.untyped_objects);
  diagnostics.count("heap bytes not readable", counts.unreadable_bytes);
}

}  // namespace

Result<ScanCounts> scan_references(ScanInput input, HeapSpans& spans, Diagnostics& diagnostics) {
  snapshot::Heap& heap = spans.heap;
  heap.references = {};
  heap.windows.clear();
  heap.references.first.assign(std::size_t{heap.slot_count} + 2, 0);
  heap.claims.assign(std::size_t{heap.slot_count} + 1, {});
  TypeMaskCache masks(input.memory, spans.masks_on_demand);
  MaskNumbers mask_numbers;
  if (input.want_masks) heap.masks.assign(std::size_t{heap.slot_count} + 1, 0);
  ScanContext context = make_context(input, spans, masks);
  context.mask_numbers = input.want_masks ? &mask_numbers : nullptr;
  context.object_masks = heap.masks;
  if (input.channel.type_word < 64) context.channel = input.channel;
  std::vector<Piece> pieces = plan_pieces(spans);
  PieceQueue queue(pieces.size());

  auto scan = [&] {
    PieceScanner scanner(context);
    std::size_t piece = 0;
    std::unique_ptr<ScannedPiece> result;
    while (queue.next_piece(piece, result)) {
      scanner.scan(pieces[piece], *result);
      queue.finish(piece, std::move(result));
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::clamp(input.threads, 1u, 64u); ++i) threads.emplace_back(scan);

  TableBuilder table(spans, pieces);
  ClaimMerger claims(input.resolvers, input.types, heap, diagnostics);
  ScanCounts counts;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::unique_ptr<ScannedPiece> scanned = queue.take(i);
    Result<void> appended = table.append(pieces[i], *scanned);
    if (!appended) {
      queue.stop();
      return std::unexpected(std::move(appended).error().in_context("reading the references"));
    }
    for (const RawClaim& claim : scanned->claims) claims.add(claim);
    counts += scanned->counts;
    queue.give_back(std::move(scanned));
  }
  if (input.want_masks) mask_numbers.finish(heap);
  report(counts, diagnostics);
  return counts;
}

}  // namespace seep::goruntime
