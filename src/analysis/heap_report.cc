#include "analysis/heap_report.h"

#include <algorithm>
#include <charconv>

#include "analysis/heap_rows.h"
#include "analysis/held_pattern.h"
#include "analysis/holder_path.h"
#include "analysis/value_text.h"
#include "base/count_text.h"
#include "graph/reference_path.h"

namespace seep::analysis {
namespace {

using graph::NodeId;
using graph::ObjectGraph;
using snapshot::ObjectId;

constexpr std::uint32_t kTreeDepth = 8;
constexpr std::size_t kTreeWidth = 5;      // children of a node that are shown
constexpr std::uint64_t kTreeShare = 200;  // a node is shown if it retains half a percent
constexpr std::size_t kPaths = 3;          // of a type: to its largest objects

std::string hexadecimal(Address address) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address.value()));
  return text;
}

std::string node_name(const Evidence& evidence, NodeId node) {
  if (evidence.graph.is_root(node))
    return to_text({root_step(evidence.snapshot, evidence.types, evidence.graph.root(node))});
  ObjectId id = evidence.graph.object(node);
  std::string type = graph::object_type_name(evidence.snapshot.types, evidence.types, id);
  return (type == "?" ? "(type not known)" : type) + " " +
         hexadecimal(evidence.snapshot.heap.address_of(id));
}

std::vector<HeapTreeRow> tree_rows(const Evidence& evidence) {
  std::uint64_t least = evidence.completeness.reachable_bytes.bytes() / kTreeShare;
  std::vector<HeapTreeRow> rows;
  struct Entry {
    NodeId node;
    std::uint32_t depth;
  };
  std::vector<Entry> stack = {{graph::kSuperRoot, 0}};
  while (!stack.empty()) {
    Entry entry = stack.back();
    stack.pop_back();
    if (entry.node != graph::kSuperRoot) {
      graph::Extent retained = evidence.dominators.retained(entry.node);
      rows.push_back({entry.depth - 1,
                      {node_name(evidence, entry.node), retained.objects,
                       ByteSize(evidence.graph.bytes(entry.node)), retained.bytes}});
    }
    if (entry.depth >= kTreeDepth) continue;
    std::vector<NodeId> children;
    evidence.dominators.for_each_dominated(entry.node, [&](NodeId child) {
      if (evidence.dominators.retained(child).bytes.bytes() > least) children.push_back(child);
    });
    std::sort(children.begin(), children.end(), [&](NodeId a, NodeId b) {
      ByteSize of_a = evidence.dominators.retained(a).bytes;
      ByteSize of_b = evidence.dominators.retained(b).bytes;
      return of_a != of_b ? of_b < of_a : a < b;
    });
    std::size_t width = entry.node == graph::kSuperRoot ? 4 * kTreeWidth : kTreeWidth;
    if (children.size() > width) children.resize(width);
    for (auto child = children.rbegin(); child != children.rend(); ++child)
      stack.push_back({*child, entry.depth + 1});
  }
  return rows;
}

HeapPath path_of(const Evidence& evidence, const graph::RootPaths& ways, ObjectId id) {
  NodeId node = ObjectGraph::node(id);
  graph::Extent retained = evidence.dominators.retained(node);
  HeapPath path;
  path.target = node_name(evidence, node) + ", " +
                seep::to_text(ByteSize(evidence.graph.bytes(node))) + ", retains " +
                seep::to_text(retained.bytes);
  std::string value = value_text(evidence.snapshot, id);
  if (!value.empty()) path.target += ", begins with " + value;
  std::vector<PathNode> nodes = shortest_path(evidence.graph, ways, evidence.types, node);
  if (nodes.empty()) path.steps.push_back("nothing reaches it: it is garbage");
  for (const PathNode& part : nodes) {
    bool root = evidence.graph.is_root(part.node);
    // Steps through the runtime's own plumbing say nothing to people.
    if (!root && part.steps.empty() && part.node != node) continue;
    std::string text = root ? to_text({root_step(evidence.snapshot, evidence.types,
                                                 evidence.graph.root(part.node))})
                            : to_text(part.steps);
    if (!root)
      text += (text.empty() ? "" : "  ") + std::string("(") + node_name(evidence, part.node) + ")";
    path.steps.push_back(text + "  retains " +
                         seep::to_text(evidence.dominators.retained(part.node).bytes));
  }
  return path;
}

std::vector<ObjectId> largest_of_type(const Evidence& evidence, const std::string& type) {
  std::vector<ObjectId> found;
  auto retains_more = [&](ObjectId a, ObjectId b) {
    ByteSize of_a = evidence.dominators.retained(ObjectGraph::node(a)).bytes;
    ByteSize of_b = evidence.dominators.retained(ObjectGraph::node(b)).bytes;
    return of_a != of_b ? of_b < of_a : a < b;
  };
  // Names are compared once a type, not once an object.
  std::vector<signed char> matches(evidence.snapshot.types.size(), -1);
  auto is_match = [&](ObjectId id) {
    std::uint32_t index = evidence.types.of(id).value;
    if (index == 0 || index >= matches.size()) return false;
    if (matches[index] < 0) {
      const std::string& name = evidence.snapshot.types[{index}].name;
      matches[index] = name == type || "*" + name == type || "[]" + name == type ? 1 : 0;
    }
    return matches[index] == 1;
  };
  evidence.dominators.for_each_reachable([&](NodeId node) {
    if (!evidence.graph.is_object(node) || !is_match(evidence.graph.object(node))) return;
    found.insert(
        std::upper_bound(found.begin(), found.end(), evidence.graph.object(node), retains_more),
        evidence.graph.object(node));
    if (found.size() > kPaths) found.pop_back();
  });
  return found;
}

Result<std::vector<HeapPath>> paths_for(const Evidence& evidence, const std::string& wanted) {
  std::vector<ObjectId> objects;
  if (wanted.starts_with("0x")) {
    std::uint64_t address = 0;
    auto [end, error] =
        std::from_chars(wanted.data() + 2, wanted.data() + wanted.size(), address, 16);
    if (error != std::errc() || end != wanted.data() + wanted.size())
      return fail(ErrorKind::kInvalidArgument, "\"" + wanted + "\" is not an address");
    ObjectId id = evidence.snapshot.heap.find(Address(address));
    if (!evidence.snapshot.heap.is_object(id))
      return fail(ErrorKind::kNotFound,
                  "no object of the heap is at " + wanted + "; see: seep heap TARGET --tree");
    objects.push_back(id);
  } else {
    objects = largest_of_type(evidence, wanted);
    if (objects.empty())
      return fail(ErrorKind::kNotFound, "no reachable object is of type \"" + wanted +
                                            "\"; see: seep heap TARGET --by type");
  }
  graph::RootPaths ways(evidence.graph);
  std::vector<HeapPath> paths;
  for (ObjectId id : objects) paths.push_back(path_of(evidence, ways, id));
  return paths;
}

std::vector<HeapRow> rows_for(const Evidence& evidence, const graph::Reachability& reachable,
                              const HeapQuestion& question, HeapReport& report) {
  switch (question.by) {
    case HeapRowsBy::kHolder:
      report.rows_are = "holder";
      return rows_by_holder(evidence);
    case HeapRowsBy::kRoot:
      report.rows_are = "root";
      return rows_by_root(evidence);
    case HeapRowsBy::kSite:
      report.rows_are = "allocated at";
      report.notes.push_back(
          evidence.snapshot.heap.samples.empty()
              ? "The program has no heap-profile samples (MemProfileRate is 0, or nothing was "
                "sampled yet)."
              : "Estimated from " + counted(evidence.snapshot.heap.samples.size(), "sample") +
                    " of the runtime's heap profile.");
      return rows_by_site(evidence, reachable, question.garbage);
    case HeapRowsBy::kType:
      break;
  }
  report.rows_are = "type";
  return rows_by_type(evidence, reachable, question.garbage);
}

}  // namespace

Result<HeapReport> report_heap(const Evidence& evidence, const graph::Reachability& reachable,
                               const HeapQuestion& question) {
  const Completeness& read = evidence.completeness;
  HeapReport report;
  report.garbage = read.object_bytes - read.reachable_bytes;
  report.garbage_objects = read.objects - std::min(read.objects, read.reachable_objects);
  if (!question.path.empty()) {
    report.paths = TRY(paths_for(evidence, question.path));
    return report;
  }
  if (question.tree) {
    report.tree = tree_rows(evidence);
    return report;
  }
  report.rows = rows_for(evidence, reachable, question, report);
  if (!question.type.empty()) {
    std::erase_if(report.rows, [&](const HeapRow& row) {
      return row.name.find(question.type) == std::string::npos;
    });
    if (report.rows.empty())
      return fail(ErrorKind::kNotFound, "no object is of type \"" + question.type +
                                            "\"; see: seep heap TARGET --by type");
  }
  if (report.rows.size() > question.top) {
    report.rows_left_out = report.rows.size() - question.top;
    report.rows.resize(static_cast<std::size_t>(question.top));
  }
  return report;
}

}  // namespace seep::analysis
