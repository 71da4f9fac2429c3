// A pool is an array of sync.poolLocal, one for each processor; each refers to values or to a queue
// of them (sync/pool.go, poolqueue.go). In the dominator tree the values of a pool are what lies
// directly below these.
#include "analysis/pooled_values.h"

#include <algorithm>
#include <map>

#include "base/bitmap.h"

namespace seep::analysis {
namespace {

using graph::NodeId;
using snapshot::ObjectId;

constexpr std::size_t kFewest = 4;       // values of which something is usual
constexpr std::uint64_t kFarAbove = 16;  // times the median
constexpr ByteSize kLarge{64 << 10};     // below that nobody minds
constexpr int kLevels = 4096;            // of parts of a queue

struct Value {
  ByteSize bytes;
  NodeId node;
};

class Shelves {
 public:
  Shelves(const Evidence& evidence, const std::vector<ObjectId>& shelves)
      : evidence_(evidence), is_shelf_(std::size_t{evidence.graph.slot_count()} + 1) {
    for (ObjectId shelf : shelves)
      if (!is_plain_list(shelf)) is_shelf_.set(shelf.value);
    // Up to Go 1.12 queues are slices of values, of a type that others use as well.
    for (ObjectId shelf : shelves)
      if (is_plain_list(shelf) && is_shelf(evidence.dominators.dominator(node(shelf))))
        lists_.push_back(shelf);
    for (ObjectId list : lists_) is_shelf_.set(list.value);
  }

  bool is_shelf(NodeId node) const {
    return evidence_.graph.is_object(node) && is_shelf_.test(node.value);
  }
  NodeId pool_of(NodeId shelf) const {
    for (int level = 0; level < kLevels; ++level) {
      NodeId above = evidence_.dominators.dominator(shelf);
      if (!is_shelf(above)) break;
      shelf = above;
    }
    return shelf;
  }

 private:
  static NodeId node(ObjectId object) { return graph::ObjectGraph::node(object); }
  bool is_plain_list(ObjectId object) const {
    return evidence_.snapshot.types[evidence_.types.of(object)].name == "interface {}";
  }

  const Evidence& evidence_;
  Bitmap is_shelf_;
  std::vector<ObjectId> lists_;
};

PooledValues summary_of(std::vector<Value>& values, const Evidence& evidence) {
  std::sort(values.begin(), values.end(),
            [](const Value& a, const Value& b) { return a.bytes < b.bytes; });
  PooledValues pool;
  pool.values = values.size();
  pool.median = values[values.size() / 2].bytes;
  pool.example = evidence.graph.object(values.back().node);
  ByteSize far_above(std::max(kLarge.bytes(), pool.median.bytes() * kFarAbove));
  for (const Value& value : values) {
    pool.bytes += value.bytes;
    if (value.bytes < far_above) continue;
    pool.large.bytes += value.bytes;
    ++pool.large.objects;
  }
  return pool;
}

}  // namespace

std::vector<PooledValues> unequal_pools(const Evidence& evidence,
                                        const std::vector<ObjectId>& shelves) {
  Shelves known(evidence, shelves);
  std::map<std::uint32_t, std::vector<Value>> pools;
  for (ObjectId object : shelves) {
    NodeId shelf = graph::ObjectGraph::node(object);
    if (!known.is_shelf(shelf)) continue;
    std::vector<Value>& values = pools[known.pool_of(shelf).value];
    evidence.dominators.for_each_dominated(shelf, [&](NodeId value) {
      if (!known.is_shelf(value))
        values.push_back({evidence.dominators.retained(value).bytes, value});
    });
  }
  std::vector<PooledValues> unequal;
  for (auto& [pool, values] : pools) {
    if (values.size() < kFewest) continue;
    PooledValues summary = summary_of(values, evidence);
    if (summary.large.objects > 0 && summary.large.bytes.bytes() * 2 > summary.bytes.bytes())
      unequal.push_back(summary);
  }
  return unequal;
}

}  // namespace seep::analysis
