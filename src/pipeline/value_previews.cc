#include "pipeline/value_previews.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "graph/type_inference.h"

namespace seep::pipeline {

namespace {

constexpr std::uint64_t kPreviewBytes = 64;
constexpr std::size_t kMaxPreviews = 1'000'000;
constexpr std::uint64_t kMaxSpanRead = 128 * 1024;  // Go's spans of several slots are smaller

bool is_bytes(const snapshot::GoType& type) {
  return type.kind == snapshot::TypeKind::kScalar && type.size == 1;
}

/// Slots are zeroed before use and texts rarely end in zeros: what follows the text is left out.
std::string without_trailing_zeros(const char* begin, std::uint64_t bytes) {
  std::string text(begin, bytes);
  text.erase(text.find_last_not_of('\0') + 1);
  return text;
}

}  // namespace

void add_value_previews(const target::MemoryReader& memory, snapshot::Snapshot& snapshot) {
  graph::TypeAssignment types = graph::infer_types(snapshot);
  std::vector<std::byte> buffer;
  for (const snapshot::Span& span : snapshot.heap.spans) {
    if (!span.pointer_free) continue;
    bool fetched = false;
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      snapshot::ObjectId id{span.first.value + slot};
      if (!snapshot.heap.is_object(id) || !is_bytes(snapshot.types[types.of(id)])) continue;
      if (snapshot.values.size() == kMaxPreviews) {
        snapshot.diagnostics.count("previews of values left out: there are too many");
        return;
      }
      if (!fetched) {
        buffer.resize(span.slot_count == 1 ? std::min(span.slot_bytes, kPreviewBytes)
                                           : std::min(span.bytes, kMaxSpanRead));
        buffer.resize(memory.read_some(span.start, buffer));
        fetched = true;
      }
      std::uint64_t offset = slot * span.slot_bytes;
      if (offset >= buffer.size()) {
        snapshot.diagnostics.count("previews of values not readable");
        continue;
      }
      std::uint64_t bytes = std::min({kPreviewBytes, span.slot_bytes, buffer.size() - offset});
      snapshot.values.push_back(
          {id,
           without_trailing_zeros(reinterpret_cast<const char*>(buffer.data()) + offset, bytes)});
    }
  }
}

}  // namespace seep::pipeline
