// The dominator tree with all objects that are held alike made one: a tree of a few thousand
// classes, however large the heap.
//
//   main.sessions → map[string]*main.session → main.session → []uint8
//
// A class is a path of type names below a root's name, so that two snapshots can be compared by it,
// of one process or of two. Objects of recursive types (lists, trees) are one class, however deep
// they go, as are the parts that the runtime makes of one map, channel or closure.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "graph/dominator_tree.h"
#include "graph/type_inference.h"

namespace seep::analysis {

class HolderClasses {
 public:
  static constexpr const char* kUnknownType = "(type not known)";

  struct Class {
    std::uint32_t parent = 0;
    std::string name;  ///< of the root or the type
    bool is_root = false;
    graph::NodeId example;   ///< the topmost object, or root, that retains most
    std::uint64_t tops = 0;  ///< objects and roots that are not below another of their class
    graph::Extent own;       ///< objects of the class
    graph::Extent held;      ///< of the class and of all classes below it
  };

  HolderClasses(const graph::DominatorTree& tree, const graph::TypeAssignment& types);

  /// Class 0 is the super root; parents come before their children.
  const std::vector<Class>& all() const { return classes_; }
  /// By position in the tree.
  std::uint32_t class_at(std::uint32_t position) const { return class_at_[position]; }
  /// The topmost object above this one, or itself, of its class: the head of its list.
  graph::NodeId top_of(graph::NodeId node) const;

  /// "main.sessions → map[string]*main.session → main.session".
  std::string path_text(std::uint32_t id) const;

 private:
  static constexpr std::uint32_t kNoType = 0;

  void place(graph::NodeId node, std::uint32_t position);
  std::uint32_t child(std::uint32_t parent, std::uint32_t name, bool is_root);
  std::uint32_t name_id(const std::string& name);
  std::uint32_t name_of_type(snapshot::ObjectId object);

  const graph::DominatorTree& tree_;
  const graph::TypeAssignment& types_;
  std::vector<Class> classes_;
  std::vector<std::uint32_t> class_names_;  ///< by class: id of its name
  std::vector<std::uint32_t> depths_;       ///< by class
  std::vector<std::uint32_t> class_at_;     ///< by position
  std::vector<std::uint32_t> top_at_;       ///< by position: position of the topmost
  std::unordered_map<std::uint64_t, std::uint32_t> children_;  ///< by parent and name
  std::unordered_map<std::string, std::uint32_t> names_;
  std::vector<std::string> name_texts_;
  std::vector<std::uint32_t> names_by_type_;    ///< by type, and whether it is an array of it
  std::uint64_t last_key_ = ~std::uint64_t{0};  ///< the class looked up last
  std::uint32_t last_class_ = 0;
};

}  // namespace seep::analysis
