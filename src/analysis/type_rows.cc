// Rows by type. What a type retains is what would go with all of its objects at once as far as the
// dominator tree knows: the sum over those that no other object of the type dominates.
#include <algorithm>
#include <map>

#include "analysis/heap_rows.h"
#include "graph/group_retained.h"
#include "graph/reference_path.h"

namespace seep::analysis {
namespace {

using snapshot::ObjectId;

// Types of a heap by dense index: a type and the array of it are two rows.
class RowTypes {
 public:
  explicit RowTypes(const Evidence& evidence)
      : evidence_(evidence), slots_(evidence.snapshot.types.size() * 2) {}

  std::uint32_t of(ObjectId id) const {
    bool array = id.value < evidence_.types.arrays.size() && evidence_.types.arrays.test(id.value);
    std::uint32_t type = evidence_.types.of(id).value;
    return type < slots_ / 2 ? type * 2 + (array ? 1 : 0) : 0;
  }
  std::size_t count() const { return slots_; }

 private:
  const Evidence& evidence_;
  std::size_t slots_;
};

}  // namespace

std::vector<HeapRow> rows_by_type(const Evidence& evidence, const graph::Reachability& reachable,
                                  bool garbage) {
  RowTypes types(evidence);
  std::vector<HeapRow> rows(types.count());
  for (const snapshot::Span& span : evidence.snapshot.heap.spans)
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      ObjectId id{span.first.value + slot};
      if (!evidence.snapshot.heap.is_object(id) || reachable.reached(id) == garbage) continue;
      HeapRow& row = rows[types.of(id)];
      if (row.count++ == 0)
        row.name = graph::object_type_name(evidence.snapshot.types, evidence.types, id);
      row.shallow += ByteSize(span.slot_bytes);
    }
  if (!garbage) {
    std::vector<graph::Extent> retained = graph::retained_by_group(
        evidence.dominators, types.count(), [&](ObjectId id) { return types.of(id); });
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].retained = retained[i].bytes;
  }
  // Types of one name (of different modules, or a map's parts) are one row.
  std::map<std::string, HeapRow> by_name;
  for (HeapRow& row : rows) {
    if (row.count == 0) continue;
    if (row.name == "?") row.name = "(type not known)";
    HeapRow& sum = by_name[row.name];
    sum.name = row.name;
    sum.count += row.count;
    sum.shallow += row.shallow;
    sum.retained += garbage ? row.shallow : row.retained;
  }
  std::vector<HeapRow> result;
  for (auto& [name, row] : by_name) result.push_back(std::move(row));
  std::sort(result.begin(), result.end(), [](const HeapRow& a, const HeapRow& b) {
    if (a.shallow != b.shallow) return b.shallow < a.shallow;
    return a.name < b.name;
  });
  return result;
}

}  // namespace seep::analysis
