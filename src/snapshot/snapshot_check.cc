#include "snapshot/snapshot_check.h"

#include <limits>

#include "snapshot/object_index.h"

namespace seep::snapshot {

namespace {

Result<void> broken(const char* what) { return fail(ErrorKind::kCorrupt, what); }

class Checker {
 public:
  explicit Checker(const Snapshot& snapshot) : snapshot_(snapshot), heap_(snapshot.heap) {}

  Result<void> run() const {
    TRY(spans());
    TRY(tables_by_object());
    TRY(references());
    TRY(types());
    TRY(stacks());
    TRY(roots());
    TRY(windows(heap_.windows, heap_.references.targets.size()));
    TRY(windows(snapshot_.roots.windows, snapshot_.roots.references.size()));
    TRY(goroutines());
    TRY(timers());
    TRY(resident());
    return samples();
  }

 private:
  bool valid(ObjectId id) const { return id.value <= heap_.slot_count; }
  bool valid(TypeId id) const { return id.value < snapshot_.types.size(); }
  bool valid(StringId id) const { return id.value < snapshot_.strings.size(); }
  bool valid(StackId id) const { return id.value < snapshot_.stacks.stacks.size(); }
  bool valid(RootId id) const { return id.value <= snapshot_.roots.count(); }
  bool valid(const StackFrame& frame) const { return valid(frame.function) && valid(frame.file); }

  Result<void> spans() const {
    std::uint64_t next = 1;
    for (const Span& span : heap_.spans) {
      if (span.first.value != next) return broken("the spans do not number their slots in order");
      next += span.slot_count;
      if (span.data_offset >= span.slot_bytes) return broken("a slot is all header");
    }
    if (next != std::uint64_t{heap_.slot_count} + 1)
      return broken("the spans have not as many slots as the heap");
    // Roots are nodes of the graph after the slots.
    if (next + snapshot_.roots.roots.size() >= std::numeric_limits<std::uint32_t>::max())
      return broken("there are more objects than seep can number");
    return ObjectIndex::check(heap_.spans);
  }

  static bool fits(const Bitmap& bits, std::size_t size) {
    if (bits.size() != size || bits.words().size() != (size + 63) / 64) return false;
    return size % 64 == 0 || (bits.words().back() >> (size % 64)) == 0;
  }

  Result<void> tables_by_object() const {
    std::size_t size = std::size_t{heap_.slot_count} + 1;
    if (!fits(heap_.allocated, size) || !fits(heap_.dead_unswept, size))
      return broken("a bitmap of objects has not as many bits as there are slots");
    if (heap_.allocated.test(0)) return broken("the object that is none is allocated");
    if (heap_.claims.size() != size) return broken("there are not as many type claims as slots");
    for (TypeClaim claim : heap_.claims)
      if (!valid(claim.type())) return broken("a type claim names a type that is not there");
    return shapes();
  }

  Result<void> shapes() const {
    std::size_t size = std::size_t{heap_.slot_count} + 1;
    if (!heap_.masks.empty() && heap_.masks.size() != size)
      return broken("there are not as many pointer masks as slots");
    for (std::uint16_t mask : heap_.masks)
      if (mask != 0 && mask >= heap_.mask_table.size())
        return broken("an object has a pointer mask that is not there");
    for (const RowLength& row : heap_.row_lengths)
      if (!valid(row.object)) return broken("a slice of a variable is an object that is not there");
    ObjectId before;
    for (const MapSize& map : heap_.maps) {
      if (map.object <= before || !valid(map.object)) return broken("the maps are not in order");
      before = map.object;
    }
    for (const HeapType& type : snapshot_.heap_types)
      if (!valid(type.type) || !valid(type.layout)) return broken("a type of objects is not there");
    return {};
  }

  Result<void> references() const {
    const ReferenceTable& table = heap_.references;
    if (table.first.size() != std::size_t{heap_.slot_count} + 2 || table.first[0] != 0 ||
        table.first[1] != 0 || table.first.back() != table.targets.size() ||
        table.targets.size() != table.steps.size())
      return broken("the table of references has the wrong size");
    for (const Span& span : heap_.spans) {
      std::uint64_t words = (span.slot_bytes - span.data_offset) / 8;
      for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
        std::uint32_t begin = table.first[span.first.value + slot];
        std::uint32_t end = table.first[span.first.value + slot + 1];
        if (begin > end || end > table.targets.size())
          return broken("the table of references is not in order");
        std::uint64_t past = 0;  // words up to and with the one of the reference
        for (std::uint32_t i = begin; i < end; ++i) {
          if (table.targets[i] > heap_.slot_count)
            return broken("a reference leads to an object that is not there");
          past += table.steps[i] & ReferenceTable::kMaxStep;
          if (table.targets[i] != 0 && (past == 0 || past > words))
            return broken("a reference lies outside its object");
        }
      }
    }
    return {};
  }

  Result<void> types() const {
    for (std::uint32_t i = 0; i < snapshot_.types.size(); ++i) {
      const GoType& type = snapshot_.types[TypeId{i}];
      bool ids = valid(type.element) && valid(type.key) && valid(type.referent) &&
                 valid(type.referent_if_first_word_is_pointer) &&
                 valid(type.referent_if_other_size) && valid(type.referent_if_interior) &&
                 valid(type.tail);
      for (const Field& field : type.fields) ids = ids && valid(field.type);
      if (!ids) return broken("a type is made of types that are not there");
    }
    return {};
  }

  Result<void> stacks() const {
    if (snapshot_.stacks.stacks.empty()) return broken("the empty stack is missing");
    for (const std::vector<StackFrame>& stack : snapshot_.stacks.stacks)
      for (const StackFrame& frame : stack)
        if (!valid(frame)) return broken("a stack frame names a text that is not there");
    return {};
  }

  Result<void> roots() const {
    const Roots& roots = snapshot_.roots;
    if (roots.roots.empty()) return broken("the root that is none is missing");
    for (const GcRoot& root : roots.roots) {
      if (!valid(root.name) || !valid(root.type) || !valid(root.subject))
        return broken("a root names something that is not there");
      if (std::uint64_t{root.first_reference} + root.reference_count > roots.references.size())
        return broken("a root has references that are not there");
      if (root.kind == RootKind::kGoroutine && root.goroutine >= snapshot_.goroutines.size())
        return broken("a root belongs to a goroutine that is not there");
    }
    for (const RootReference& reference : roots.references) {
      if (!valid(reference.target) || !valid(reference.type) || !valid(reference.boxed) ||
          !valid(reference.name))
        return broken("a reference of a root names something that is not there");
    }
    return {};
  }

  static Result<void> windows(const std::vector<Window>& windows, std::size_t references) {
    std::uint64_t next = 0;
    for (const Window& window : windows) {
      if (window.reference < next || window.reference >= references)
        return broken("the windows are not in the order of their references");
      if (window.length == Window::kNone) return broken("a window is without end");
      next = std::uint64_t{window.reference} + 1;
    }
    return {};
  }

  Result<void> goroutines() const {
    for (const Goroutine& goroutine : snapshot_.goroutines) {
      bool ids = valid(goroutine.wait_reason) && valid(goroutine.g_object) &&
                 valid(goroutine.root) && valid(goroutine.stack) && valid(goroutine.created_by) &&
                 valid(goroutine.start_function);
      for (const WaitObject& wait : goroutine.waits_for) ids = ids && valid(wait.object);
      for (const DeferredCalls& calls : goroutine.deferred) ids = ids && valid(calls.function);
      if (!ids) return broken("a goroutine names something that is not there");
      for (const DeferredCalls& calls : goroutine.deferred)
        if (calls.frame >= snapshot_.stacks[goroutine.stack].size())
          return broken("calls were deferred by a frame that is not there");
    }
    return {};
  }

  Result<void> timers() const {
    for (const Timer& timer : snapshot_.timers) {
      bool ids = valid(timer.object) && valid(timer.root) && valid(timer.function) &&
                 valid(timer.argument_object);
      if (!ids) return broken("a timer names something that is not there");
    }
    return {};
  }

  // Shares of the whole are at most one, and no sum of parts wraps around.
  Result<void> resident() const {
    if (!snapshot_.resident) return {};
    const ResidentMemory& memory = snapshot_.resident->memory;
    std::uint64_t left = memory.rss_bytes;
    for (std::uint64_t account : memory.accounts) {
      if (account > left) return broken("parts of the resident memory are more than the whole");
      left -= account;
    }
    if (left != 0) return broken("the resident memory is more than its parts");
    if (memory.unjudged_bytes > memory[Resident::kHeapGarbage])
      return broken("more garbage is new than there is");
    const std::optional<double>& share = snapshot_.resident->facts.collecting_share;
    if (share && !(*share >= 0 && *share <= 1))
      return broken("the collector took more time than there was");
    return {};
  }

  Result<void> samples() const {
    for (const AllocationSite& site : snapshot_.allocation_sites)
      if (!valid(site.stack)) return broken("an allocation site has a stack that is not there");
    ObjectId before;
    for (const AllocationSample& sample : heap_.samples) {
      if (!valid(sample.object) || sample.object < before ||
          sample.site >= snapshot_.allocation_sites.size())
        return broken("an allocation sample names something that is not there");
      before = sample.object;
    }
    before = {};
    for (const ValuePreview& value : snapshot_.values) {
      if (!valid(value.object) || value.object < before)
        return broken("a value belongs to an object that is not there");
      before = value.object;
    }
    return {};
  }

  const Snapshot& snapshot_;
  const Heap& heap_;
};

}  // namespace

Result<void> check_snapshot(const Snapshot& snapshot) { return Checker(snapshot).run(); }

}  // namespace seep::snapshot
