#include "support/notation_heap.h"

#include <algorithm>
#include <utility>

namespace seep::test {

using snapshot::Goroutine;
using snapshot::ObjectId;
using snapshot::ReferenceTable;
using snapshot::Snapshot;
using snapshot::Span;
using snapshot::WaitObject;

namespace {

constexpr std::uint64_t kPage = 8192;
constexpr std::uint64_t kHeapStart = 0x3d703c00000;

void build_references(std::size_t objects, std::vector<DrawnReference> references,
                      ReferenceTable& table, std::vector<snapshot::Window>& windows) {
  std::sort(references.begin(), references.end(), [](const auto& a, const auto& b) {
    return std::pair(a.source, a.offset) < std::pair(b.source, b.offset);
  });
  table.first.assign(objects + 1, 0);
  std::size_t next = 0;
  for (std::uint32_t source = 0; source < objects; ++source) {
    table.first[source] = static_cast<std::uint32_t>(table.targets.size());
    std::uint64_t word = ~std::uint64_t{0};
    for (; next < references.size() && references[next].source == source; ++next) {
      std::uint64_t gap = references[next].offset / 8 - word;
      for (; gap > ReferenceTable::kMaxStep; gap -= ReferenceTable::kMaxStep) {
        table.targets.push_back(0);
        table.steps.push_back(ReferenceTable::kMaxStep);
      }
      if (references[next].window) {
        windows.push_back(*references[next].window);
        windows.back().reference = static_cast<std::uint32_t>(table.targets.size());
      }
      table.targets.push_back(references[next].target);
      table.steps.push_back(static_cast<std::uint16_t>(
          gap | (references[next].interior ? ReferenceTable::kInterior : 0)));
      word = references[next].offset / 8;
    }
  }
  table.first.back() = static_cast<std::uint32_t>(table.targets.size());
}

}  // namespace

void build_heap(const std::vector<DrawnObject>& objects, std::vector<DrawnReference> references,
                const std::vector<ObjectId>& dead, Snapshot& snapshot) {
  snapshot::Heap& heap = snapshot.heap;
  heap.slot_count = static_cast<std::uint32_t>(objects.size() - 1);
  heap.allocated = Bitmap(objects.size());
  heap.dead_unswept = Bitmap(objects.size());
  heap.claims.resize(objects.size());
  Bitmap has_references(objects.size());
  for (const DrawnReference& reference : references) has_references.set(reference.source);
  std::uint64_t next = kHeapStart;
  for (std::uint32_t i = 1; i < objects.size(); ++i) {
    const DrawnObject& drawn = objects[i];
    Span span;
    span.start = Address(next);
    span.slot_bytes = drawn.bytes;
    span.bytes = (drawn.bytes + kPage - 1) / kPage * kPage;
    span.slot_count = 1;
    span.first = ObjectId{i};
    span.pointer_free =
        drawn.type && snapshot.types[drawn.type].pointer_bytes == 0 && !has_references.test(i);
    heap.spans.push_back(span);
    next += span.bytes;
    heap.allocated.set(i);
    if (drawn.type)
      heap.claims[i] = snapshot::TypeClaim(drawn.type, snapshot::ClaimSource::kHeader);
  }
  for (ObjectId id : dead) heap.dead_unswept.set(id.value);
  std::sort(heap.samples.begin(), heap.samples.end(),
            [](const auto& a, const auto& b) { return a.object < b.object; });
  for (Goroutine& goroutine : snapshot.goroutines) {
    for (WaitObject& wait : goroutine.waits_for)
      if (wait.object) wait.address = heap.address_of(wait.object) + wait.address.value();
  }
  build_references(objects.size(), std::move(references), heap.references, heap.windows);
}

}  // namespace seep::test
