// From a holder down to where its bytes are, as one path that stands for thousands of objects:
//
//   main.sessions map[string]*main.session  →  value  →  .buf []byte
//
// At each level stands a set of objects that are alike. Their dominated referents are grouped by
// how they are reached and what they are; the group that retains most of the level's bytes is the
// next level, until the level's objects hold most of the bytes themselves, or nothing holds most
// (the accumulation point of Eclipse MAT, generalised from one object to a set). Objects of a
// recursive type (lists, trees) are one level, however deep they go.
#pragma once

#include <string>
#include <vector>

#include "analysis/finding.h"
#include "graph/dominator_tree.h"
#include "graph/reachability.h"
#include "graph/type_inference.h"

namespace seep::analysis {

struct HeldPattern {
  std::vector<HolderStep> steps;  ///< from the first object or root downwards, without it
  std::string type;               ///< of the objects of the last level; empty if unknown
};

/// `from` is a root or an object. Levels of many objects are sampled at equal distances, so that
/// the time does not depend on the size of the heap.
HeldPattern find_held_pattern(const graph::DominatorTree& dominators,
                              const graph::TypeAssignment& types, graph::NodeId from);

/// The steps of graph/reference_path.h as steps of a holder.
std::vector<HolderStep> holder_steps(const snapshot::TypeTable& types, snapshot::TypeId source,
                                     std::uint64_t offset);

/// The first step of a path: a package variable, a goroutine by the place it is at, a finalizer.
/// The type of a variable that nothing names is told from what it points to.
HolderStep root_step(const snapshot::Snapshot& snapshot, const graph::TypeAssignment& types,
                     snapshot::RootId root);

/// The step from a root to one of its references: into a variable, or to a local one.
std::vector<HolderStep> root_reference_steps(const snapshot::Snapshot& snapshot,
                                             const snapshot::GcRoot& root,
                                             const snapshot::RootReference& reference);

}  // namespace seep::analysis
