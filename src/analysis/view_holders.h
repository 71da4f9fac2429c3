// Who looks at parts of objects: the same field of the same type, or the same variable, is one
// holder, however many values there are of it.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "analysis/evidence.h"
#include "analysis/extents.h"
#include "analysis/finding.h"
#include "graph/root_path.h"

namespace seep::analysis {

/// Numbers holders from 0 in the order in which they are first asked for.
class ViewHolders {
 public:
  explicit ViewHolders(const snapshot::Snapshot& snapshot, const graph::TypeAssignment& types)
      : snapshot_(&snapshot), types_(&types) {}

  std::uint32_t number_of(const PartView& view);
  std::uint32_t count() const { return static_cast<std::uint32_t>(samples_.size()); }
  /// Some of the views through a holder.
  const std::vector<PartView>& samples(std::uint32_t holder) const { return samples_[holder]; }

 private:
  struct Key {
    std::uint64_t whose = 0;  ///< a type, or 2^32 and more: a root
    std::uint64_t offset = 0;
    bool string = false;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      return (key.whose * 0x9e3779b97f4a7c15u ^ key.offset) * 2 + (key.string ? 1 : 0);
    }
  };

  Key key_of(const PartView& view) const;

  const snapshot::Snapshot* snapshot_;
  const graph::TypeAssignment* types_;
  std::unordered_map<Key, std::uint32_t, Hash> numbers_;
  std::vector<std::vector<PartView>> samples_;
};

/// The way from a root to the string or slice: of all samples the shortest, and of those the first
/// by its words, so that it is the same on every day.
std::vector<HolderStep> way_to(const Evidence& evidence, const graph::RootPaths& paths,
                               const std::vector<PartView>& samples);

/// Whether the way leads through a sync.Pool: what lies there is kept to be used again.
bool is_pooled(const std::vector<HolderStep>& way);

/// ".header", "main.titles": the last step of a way that has a name.
std::string last_name(const std::vector<HolderStep>& way);

/// A twentieth of the live heap, or 64 MiB.
bool is_material(const Evidence& evidence, ByteSize bytes);

/// What is less is not worth a finding.
inline constexpr ByteSize kLeastWaste{std::uint64_t{1} << 20};

}  // namespace seep::analysis
