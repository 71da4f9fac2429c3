#include "graph/heap_trace.h"

#include <string_view>

namespace seep::graph {

using snapshot::ClaimSource;
using snapshot::GcRoot;
using snapshot::ObjectId;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::Snapshot;

namespace {

// FNV-1a, 64 bits.
constexpr std::uint64_t kBasis = 0xcbf29ce484222325u;

std::uint64_t mixed(std::uint64_t state, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) state = (state ^ ((value >> (8 * i)) & 0xff)) * 0x100000001b3u;
  return state;
}

std::uint64_t mixed(std::uint64_t state, std::string_view text) {
  for (char c : text) state = (state ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
  return mixed(state, text.size());
}

}  // namespace

std::uint64_t root_identity(const Snapshot& snapshot, RootId id) {
  const GcRoot& root = snapshot.roots[id];
  std::uint64_t state = mixed(kBasis, static_cast<std::uint64_t>(root.kind));
  switch (root.kind) {
    case RootKind::kGoroutine:
      return mixed(state, root.goroutine < snapshot.goroutines.size()
                              ? snapshot.goroutines[root.goroutine].id
                              : 0);
    case RootKind::kFinalizer:
    case RootKind::kCleanup:
    case RootKind::kWeakHandle:
      return mixed(state,
                   root.subject.is_none() ? 0 : snapshot.heap.address_of(root.subject).value());
    default:
      return mixed(mixed(state, snapshot.strings.text(root.name)), root.address.value());
  }
}

std::uint16_t type_mark(const Snapshot& snapshot, ObjectId object) {
  if (object.value >= snapshot.heap.claims.size()) return 0;
  snapshot::TypeClaim claim = snapshot.heap.claims[object.value];
  if (claim.source() != ClaimSource::kHeader) return 0;
  // Ids of types are the snapshot's own; sizes and names are the program's.
  const snapshot::GoType& type = snapshot.types[claim.type()];
  std::uint64_t hash = mixed(mixed(kBasis, std::string_view(type.name)), type.size);
  return static_cast<std::uint16_t>(hash % 0xffff + 1);
}

HeapTrace::HeapTrace(const DominatorTree& tree) {
  const ObjectGraph& graph = tree.graph();
  const Snapshot& snapshot = graph.snapshot();
  slot_count_ = graph.slot_count();
  spans_.reserve(snapshot.heap.spans.size());
  for (const snapshot::Span& span : snapshot.heap.spans)
    spans_.push_back({span.start, span.slot_bytes, span.slot_count, span.first.value});

  dominators_.assign(std::size_t{graph.node_count()} + 1, kUnreachable);
  dominators_[0] = 0;
  for (std::uint32_t node = 1; node <= graph.node_count(); ++node)
    if (tree.is_reachable(NodeId{node})) dominators_[node] = tree.dominator(NodeId{node}).value;

  // Names are looked at once a type, not once an object.
  std::vector<std::uint16_t> mark_of_type(snapshot.types.size(), 0);
  marks_.assign(std::size_t{slot_count_} + 1, 0);
  for (std::uint32_t slot = 1; slot <= slot_count_ && slot < snapshot.heap.claims.size(); ++slot) {
    snapshot::TypeClaim claim = snapshot.heap.claims[slot];
    if (claim.source() != ClaimSource::kHeader || claim.type().value >= mark_of_type.size())
      continue;
    std::uint16_t& mark = mark_of_type[claim.type().value];
    if (mark == 0) mark = type_mark(snapshot, ObjectId{slot});
    marks_[slot] = mark;
  }
  roots_.resize(std::size_t{graph.roots().count()} + 1);
  for (std::uint32_t root = 1; root <= graph.roots().count(); ++root)
    roots_[root] = root_identity(snapshot, RootId{root});
}

}  // namespace seep::graph
