#include "analysis/holder_classes.h"

#include <algorithm>

#include "analysis/root_group.h"
#include "graph/reference_path.h"

namespace seep::analysis {

using graph::NodeId;
using graph::ObjectGraph;
using snapshot::ObjectId;

namespace {

constexpr std::uint32_t kMostClasses = 1u << 18;
constexpr std::uint32_t kDeepest = 16;
constexpr int kRecursion = 3;  // a type within so many levels of itself is one class

// The parts of a map, channel or closure are named after the whole: "map[string]int (entries)".
std::string name_of_whole(const std::string& name) {
  std::size_t part = name.rfind(" (");
  return part == std::string::npos || !name.ends_with(')') ? name : name.substr(0, part);
}

}  // namespace

HolderClasses::HolderClasses(const graph::DominatorTree& tree, const graph::TypeAssignment& types)
    : tree_(tree),
      types_(types),
      class_at_(std::size_t{tree.reachable_nodes()} + 1),
      top_at_(std::size_t{tree.reachable_nodes()} + 1),
      names_by_type_(tree.graph().snapshot().types.size() * 2, 0xffffffff) {
  name_texts_.emplace_back(kUnknownType);
  classes_.emplace_back();
  class_names_.push_back(0);
  depths_.push_back(0);
  std::uint32_t position = 0;
  tree.for_each_reachable([&](NodeId node) {
    ++position;
    top_at_[position] = position;
    if (node != graph::kSuperRoot) place(node, position);
  });
  for (const snapshot::Span& span : tree.graph().heap().spans)
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      NodeId node{span.first.value + slot};
      if (!tree.is_reachable(node)) continue;
      graph::Extent& own = classes_[class_at_[tree.position(node)]].own;
      ++own.objects;
      own.bytes += ByteSize(span.slot_bytes);
    }
  for (Class& one : classes_) one.held = one.own;
  for (std::size_t i = classes_.size() - 1; i > 0; --i) {
    graph::Extent& above = classes_[classes_[i].parent].held;
    above.objects += classes_[i].held.objects;
    above.bytes += classes_[i].held.bytes;
  }
}

void HolderClasses::place(NodeId node, std::uint32_t position) {
  const ObjectGraph& graph = tree_.graph();
  std::uint32_t above = tree_.position(tree_.dominator(node));
  std::uint32_t parent = class_at_[above];
  std::uint32_t mine = parent;
  std::uint32_t top = top_at_[above];
  if (graph.is_root(node)) {
    std::string name = root_group_name(graph.snapshot(), graph.root(node));
    if (graph.roots()[graph.root(node)].kind == snapshot::RootKind::kGoroutine)
      name = "goroutines in " + name;
    mine = child(0, name_id(name), true);
    top = position;
  } else {
    std::uint32_t name = name_of_type(graph.object(node));
    bool found = false;
    std::uint32_t candidate = parent, head = top;
    for (int i = 0; !found && i < kRecursion && candidate != 0; ++i) {
      if (classes_[candidate].is_root) break;
      if (class_names_[candidate] == name) {
        mine = candidate;
        top = head;
        found = true;
        break;
      }
      candidate = classes_[candidate].parent;
      std::uint32_t over = tree_.position(tree_.dominator(tree_.node_at(head)));
      head = top_at_[over];
      // Merged classes may lie elsewhere than the tree says.
      if (class_at_[over] != candidate) break;
    }
    if (!found) {
      mine = child(parent, name, false);
      if (mine != parent) top = position;
    }
  }
  class_at_[position] = mine;
  top_at_[position] = top;
  if (top != position) return;
  Class& into = classes_[mine];
  ++into.tops;
  if (into.example.is_none() || tree_.retained(into.example).bytes < tree_.retained(node).bytes)
    into.example = node;
}

std::uint32_t HolderClasses::child(std::uint32_t parent, std::uint32_t name, bool is_root) {
  std::uint64_t key = (std::uint64_t{parent} << 32) | (name << 1) | (is_root ? 1u : 0u);
  if (key == last_key_) return last_class_;
  auto found = children_.find(key);
  std::uint32_t id = 0;
  if (found != children_.end()) {
    id = found->second;
  } else if (classes_.size() >= kMostClasses || depths_[parent] >= kDeepest) {
    return parent;
  } else {
    id = static_cast<std::uint32_t>(classes_.size());
    children_.emplace(key, id);
    Class made;
    made.parent = parent;
    made.name = name_texts_[name];
    made.is_root = is_root;
    classes_.push_back(std::move(made));
    class_names_.push_back(name);
    depths_.push_back(depths_[parent] + 1);
  }
  last_key_ = key;
  last_class_ = id;
  return id;
}

std::uint32_t HolderClasses::name_id(const std::string& name) {
  auto [found, added] = names_.emplace(name, static_cast<std::uint32_t>(name_texts_.size()));
  if (added) name_texts_.push_back(name);
  return found->second;
}

std::uint32_t HolderClasses::name_of_type(ObjectId object) {
  std::uint32_t type = types_.of(object).value;
  if (type == 0) return kNoType;
  bool array = object.value < types_.arrays.size() && types_.arrays.test(object.value);
  std::size_t index = std::size_t{type} * 2 + (array ? 1 : 0);
  if (index >= names_by_type_.size()) return kNoType;
  std::uint32_t& known = names_by_type_[index];
  if (known == 0xffffffff)
    known = name_id(
        name_of_whole(graph::object_type_name(tree_.graph().snapshot().types, types_, object)));
  return known;
}

NodeId HolderClasses::top_of(NodeId node) const {
  return tree_.node_at(top_at_[tree_.position(node)]);
}

std::string HolderClasses::path_text(std::uint32_t id) const {
  std::vector<const std::string*> names;
  for (; id != 0; id = classes_[id].parent) names.push_back(&classes_[id].name);
  std::string text;
  for (auto name = names.rbegin(); name != names.rend(); ++name)
    text += (text.empty() ? "" : " → ") + **name;
  return text;
}

}  // namespace seep::analysis
