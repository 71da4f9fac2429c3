#include "analysis/extents.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "snapshot/span_finder.h"

namespace seep::analysis {
namespace {

using graph::DominatorTree;
using graph::NodeId;
using graph::ObjectGraph;
using snapshot::GcRoot;
using snapshot::GoType;
using snapshot::Heap;
using snapshot::ObjectId;
using snapshot::ReferenceTable;
using snapshot::RootId;
using snapshot::RootReference;
using snapshot::Snapshot;
using snapshot::Span;
using snapshot::TypeId;
using snapshot::TypeKind;
using snapshot::Window;

// A text or a row of plain values of which more is seen is of no interest: appending leaves as
// much.
constexpr std::uint64_t kUsedPart = 3;
// What the allocator adds to a size above 64 bytes is less than this part of the whole.
constexpr std::uint64_t kRoundedPart = 4;
constexpr std::uint64_t kManyElements = 4;
constexpr std::uint64_t kFarthest = 0xffffffff;

// 0 stands for what cannot be.
std::uint32_t element_size(std::uint64_t bytes) {
  return bytes > kFarthest ? 0 : static_cast<std::uint32_t>(bytes);
}

class Measurement {
 public:
  Measurement(const DominatorTree& dominators, const graph::TypeAssignment& types)
      : dominators_(dominators),
        graph_(dominators.graph()),
        snapshot_(graph_.snapshot()),
        heap_(snapshot_.heap),
        types_(types),
        spans_(heap_),
        slots_(snapshot_.types),
        whole_(std::size_t{heap_.slot_count} + 1) {}

  Extents run() {
    Extents extents;
    extents.known = snapshot_.windows_read;
    if (!extents.known) return extents;
    look_from_roots();
    for (const Span& span : heap_.spans)
      if (!span.pointer_free) look_from(span);
    extents.views = by_target();
    views_ = {};
    return extents;
  }

 private:
  void look_from_roots();
  void look_from(const Span& span);
  void look_from(ObjectId source);
  void look(PartView view, const Window& window, TypeId leaf);
  void understand(PartView& view, const Window& window, TypeId leaf) const;
  void guess(PartView& view, const Window& window, const Span& target, std::uint64_t room) const;
  bool shows_part(const PartView& view, const Span& target) const;
  std::uint64_t end_of_references(ObjectId object) const;
  std::vector<PartView> by_target() const;

  const DominatorTree& dominators_;
  const ObjectGraph& graph_;
  const Snapshot& snapshot_;
  const Heap& heap_;
  const graph::TypeAssignment& types_;
  snapshot::SpanFinder spans_;
  graph::PointerSlots slots_;
  Bitmap whole_;                 ///< by object id: something shows all of it
  std::size_t next_window_ = 0;  ///< of the heap
  std::vector<PartView> views_;
};

void Measurement::look_from_roots() {
  const snapshot::Roots& roots = snapshot_.roots;
  std::size_t next = 0;
  // The references of a root are a range; ranges of different roots do not overlap where a program
  // was read, and in a file of anybody's the windows of the later one are looked for in vain.
  for (std::uint32_t r = 1; r <= roots.count(); ++r) {
    const GcRoot& root = roots[RootId{r}];
    for (std::uint32_t i = 0; i < root.reference_count; ++i) {
      std::uint32_t index = root.first_reference + i;
      const RootReference& reference = roots.references[index];
      while (next < roots.windows.size() && roots.windows[next].reference < index) ++next;
      bool has_window = next < roots.windows.size() && roots.windows[next].reference == index;
      if (!has_window || reference.conservative) {
        whole_.set(reference.target.value);
        continue;
      }
      PartView view;
      view.target = reference.target;
      view.source = graph_.node(RootId{r});
      view.place = index;
      look(view, roots.windows[next], slots_.at(reference.type, reference.offset));
    }
  }
}

void Measurement::look_from(const Span& span) {
  for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
    ObjectId source{span.first.value + slot};
    if (heap_.references.first[source.value] == heap_.references.first[source.value + 1]) continue;
    if (dominators_.is_reachable(ObjectGraph::node(source))) look_from(source);
  }
}

void Measurement::look_from(ObjectId source) {
  const ReferenceTable& table = heap_.references;
  const std::vector<Window>& windows = heap_.windows;
  TypeId type = types_.of(source);
  std::uint32_t end = table.first[source.value + 1];
  std::uint64_t word = ~std::uint64_t{0};
  for (std::uint32_t i = table.first[source.value]; i < end; ++i) {
    word += table.steps[i] & ReferenceTable::kMaxStep;
    while (next_window_ < windows.size() && windows[next_window_].reference < i) ++next_window_;
    if (next_window_ >= windows.size() || windows[next_window_].reference != i) {
      whole_.set(table.targets[i]);
      continue;
    }
    PartView view;
    view.target = ObjectId{table.targets[i]};
    view.source = ObjectGraph::node(source);
    view.place = static_cast<std::uint32_t>(word);
    look(view, windows[next_window_], slots_.at(type, word * 8));
  }
}

// `leaf` is the type of the word, none where nothing describes it: in an object without a type, or
// among variables of a closure that debug information does not list.
void Measurement::look(PartView view, const Window& window, TypeId leaf) {
  if (!heap_.is_object(view.target) || whole_.test(view.target.value)) return;
  const Span& span = spans_.of(view.target);
  std::uint64_t room = span.slot_bytes - span.data_offset;
  if (!leaf.is_none()) {
    understand(view, window, leaf);
  } else if (window.offset <= room) {
    guess(view, window, span, room - window.offset);
  }
  std::uint64_t longest = view.string ? window.length : window.capacity;
  bool fits = view.element != 0 && window.offset <= room && window.length <= longest &&
              longest <= (std::min<std::uint64_t>(room, kFarthest) - window.offset) / view.element;
  if (fits) {
    view.begin = window.offset;
    view.length_end = window.offset + window.length * view.element;
    view.capacity_end = window.offset + static_cast<std::uint32_t>(longest) * view.element;
    fits = shows_part(view, span);
  }
  if (fits) {
    views_.push_back(view);
  } else {
    whole_.set(view.target.value);
  }
}

// An element of no bytes stands for what is neither a string nor a slice.
void Measurement::understand(PartView& view, const Window& window, TypeId leaf) const {
  const GoType& type = snapshot_.types[leaf];
  view.type = leaf;
  view.string = type.kind == TypeKind::kString;
  if (view.string) view.element = 1;
  if (type.kind == TypeKind::kSlice && window.capacity != Window::kNone)
    view.element = element_size(snapshot_.types[type.referent].size);
}

// Of words in an object, or a variable, of which nothing is known.
void Measurement::guess(PartView& view, const Window& window, const Span& target,
                        std::uint64_t room) const {
  view.sure = false;
  if (window.capacity == Window::kNone) {
    view.string = target.pointer_free;
    view.element = target.pointer_free ? 1 : 0;
    return;
  }
  // A slice of plain values may as well be a string and a number.
  if (target.pointer_free || window.capacity == 0) return;
  // As large as elements can be, so that they reach the end of the object.
  std::uint64_t words = room / window.capacity / sizeof(std::uint64_t);
  view.element = element_size(words * sizeof(std::uint64_t));
  // From the middle of the object to its very end, element by element: that is no chance.
  view.sure = window.offset != 0 && window.capacity >= kManyElements && view.element != 0 &&
              std::uint64_t{window.capacity} * view.element == room &&
              window.offset % view.element == 0;
  if (!types_.arrays.test(view.target.value)) return;
  std::uint64_t element = snapshot_.types[types_.of(view.target)].size;
  if (element == 0 || window.offset % element != 0) return;
  // What is left over is less than the allocator rounds up.
  std::uint64_t left =
      room % element +
      (room / element - std::min<std::uint64_t>(room / element, window.capacity)) * element;
  if (window.capacity > room / element || left * kRoundedPart > window.offset + room) return;
  view.element = element_size(element);
  view.sure = true;
}

bool Measurement::shows_part(const PartView& view, const Span& target) const {
  std::uint64_t room = target.slot_bytes - target.data_offset;
  bool most = (std::uint64_t{view.capacity_end} - view.begin) * kUsedPart > room;
  // Of plain values that others came before, what the length shows may be all that is wanted.
  if (target.pointer_free && view.begin != 0)
    return (std::uint64_t{view.length_end} - view.begin) * kUsedPart <= room;
  if (target.pointer_free) return !most;
  if (view.begin != 0 || !most) return true;
  // From the start, and on: what it does not say it uses may yet hold pointers.
  return end_of_references(view.target) > view.length_end;
}

// Past the last pointer word.
std::uint64_t Measurement::end_of_references(ObjectId object) const {
  const ReferenceTable& table = heap_.references;
  std::uint64_t words = 0;
  for (std::uint32_t i = table.first[object.value]; i < table.first[object.value + 1]; ++i)
    words += table.steps[i] & ReferenceTable::kMaxStep;
  return words * 8;
}

// Those of objects that nothing shows as a whole, in order. By counting: there can be millions.
std::vector<PartView> Measurement::by_target() const {
  auto counts = [this](const PartView& view) { return !whole_.test(view.target.value); };
  std::vector<std::uint32_t> next(std::size_t{heap_.slot_count} + 2);
  for (const PartView& view : views_)
    if (counts(view)) ++next[view.target.value + 1];
  for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  std::vector<PartView> sorted(next.back());
  for (const PartView& view : views_)
    if (counts(view)) sorted[next[view.target.value]++] = view;
  auto before = [](const PartView& a, const PartView& b) {
    return std::tie(a.begin, a.source, a.place) < std::tie(b.begin, b.source, b.place);
  };
  for (std::size_t begin = 0, end = 0; begin < sorted.size(); begin = end) {
    while (end < sorted.size() && sorted[end].target == sorted[begin].target) ++end;
    std::sort(sorted.begin() + static_cast<std::ptrdiff_t>(begin),
              sorted.begin() + static_cast<std::ptrdiff_t>(end), before);
  }
  return sorted;
}

}  // namespace

Extents measure_extents(const DominatorTree& dominators, const graph::TypeAssignment& types) {
  return Measurement(dominators, types).run();
}

}  // namespace seep::analysis
