// What a growing holder holds more of, and the way to it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "analysis/growth.h"
#include "analysis/holder_path.h"
#include "graph/root_path.h"

namespace seep::analysis {

/// New objects of one class (analysis/holder_classes.h) below one holder.
struct NewObjects {
  std::uint32_t object_class = 0;
  graph::Extent extent;
  std::vector<graph::NodeId> examples;  ///< a few
};

/// For each of `holders`, which are some of growth.holders, its new objects: most bytes first. One
/// pass over the objects for all of them.
std::vector<std::vector<NewObjects>> new_objects_of(
    const Growth& growth, const Evidence& now, const std::vector<const GrowingHolder*>& holders);

/// A shortest way to one of the new objects.
struct WayToNew {
  std::vector<HolderStep> steps;   ///< from the root; repeated ones (of a list) once
  std::vector<HolderStep> holder;  ///< the part of it that leads to the holder
  /// Types of the holder, of what lies between, and of the new object: for telling what sort of
  /// container it is.
  std::vector<std::string> types;
  graph::NodeId container;  ///< the last node of the way that was there all the time
};

/// The shortest of the ways to `objects.examples`. Without steps if all are very long.
WayToNew way_to(const NewObjects& objects, const GrowingHolder& holder, const Growth& growth,
                const Evidence& now, const graph::RootPaths& paths);

}  // namespace seep::analysis
