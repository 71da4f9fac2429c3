#include "analysis/heap_side.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/heap_rows.h"
#include "analysis/holder_classes.h"

namespace seep::analysis {

using snapshot::ProgramInfo;
using snapshot::Snapshot;

namespace {

using Figures = std::map<std::string, SideFigures>;

Figures figures_of(const std::vector<HeapRow>& rows) {
  Figures figures;
  for (const HeapRow& row : rows) {
    SideFigures& sum = figures[row.name];
    sum.bytes += row.shallow.bytes();
    sum.count += row.count;
  }
  return figures;
}

Figures goroutine_figures(const Snapshot& snapshot) {
  Figures figures;
  for (const auto& [key, started] : goroutines_by_start(snapshot)) {
    std::size_t end = key.find('\n');
    std::string file = key.substr(end + 1);
    SideFigures& sum = figures[key.substr(0, end) + "  " + file.substr(file.rfind('/') + 1)];
    sum.count += started.count;
    sum.bytes += started.stack_bytes;
  }
  return figures;
}

void sort_rows(std::vector<DiffRow>& rows) {
  std::sort(rows.begin(), rows.end(), [](const DiffRow& a, const DiffRow& b) {
    if (a.growth() != b.growth()) return a.growth() > b.growth();
    if (a.more() != b.more()) return a.more() > b.more();
    return a.name < b.name;
  });
}

std::vector<DiffRow> joined(const Figures& before, const Figures& after) {
  std::vector<DiffRow> rows;
  auto in = [](const Figures& figures, const std::string& name) {
    auto found = figures.find(name);
    return found == figures.end() ? SideFigures{} : found->second;
  };
  std::set<std::string> names;
  for (const auto& [name, sum] : before) names.insert(name);
  for (const auto& [name, sum] : after) names.insert(name);
  for (const std::string& name : names) {
    SideFigures old = in(before, name), now = in(after, name);
    rows.push_back({name, old.bytes, now.bytes, old.count, now.count});
  }
  sort_rows(rows);
  return rows;
}

// The classes of both sides as one tree.
class JoinedClasses {
 public:
  JoinedClasses(const std::vector<SideClass>& before, const std::vector<SideClass>& after) {
    nodes_.emplace_back();
    add(before, true);
    add(after, false);
  }

  std::vector<DiffRow> rows() const {
    std::vector<DiffRow> rows;
    for (const auto& [name, child] : nodes_[0].children) {
      bool is_object = !nodes_[child].is_root;
      descend(child, is_object ? "(several holders) → " + name : name, rows);
    }
    std::erase_if(rows, [](const DiffRow& row) { return row.after_bytes + row.before_bytes == 0; });
    sort_rows(rows);
    return rows;
  }

 private:
  struct Node {
    std::map<std::string, std::uint32_t> children;
    SideFigures before, after;
    std::uint64_t tops_before = 0, tops_after = 0;
    bool is_root = false;

    double growth() const {
      return static_cast<double>(after.bytes) - static_cast<double>(before.bytes);
    }
  };

  void add(const std::vector<SideClass>& classes, bool is_before) {
    std::vector<std::uint32_t> joined(classes.size());
    for (std::size_t i = 1; i < classes.size(); ++i) {
      const SideClass& one = classes[i];
      auto [found, added] = nodes_[joined[one.parent]].children.emplace(one.name, nodes_.size());
      joined[i] = found->second;
      if (added) nodes_.emplace_back();
      Node& node = nodes_[joined[i]];
      (is_before ? node.before : node.after) = one.held;
      (is_before ? node.tops_before : node.tops_after) = one.tops;
      node.is_root = one.is_root;
    }
  }

  // A holder is named as exactly as it stayed one: down to where the number of objects changes.
  void descend(std::uint32_t id, const std::string& name, std::vector<DiffRow>& rows) const {
    const Node& node = nodes_[id];
    const std::pair<const std::string, std::uint32_t>* most = nullptr;
    for (const auto& child : node.children)
      if (most == nullptr ||
          std::abs(nodes_[child.second].growth()) > std::abs(nodes_[most->second].growth()))
        most = &child;
    bool clear = most != nullptr && node.growth() != 0 &&
                 std::abs(nodes_[most->second].growth()) * 2 > std::abs(node.growth());
    if (clear) {
      const Node& child = nodes_[most->second];
      std::string longer = name + " → " + most->first;
      if (child.tops_before == child.tops_after && child.tops_after > 0) {
        std::size_t place = rows.size();
        descend(most->second, longer, rows);
        // What else the holder has stays with it.
        rows[place].before_bytes += node.before.bytes - child.before.bytes;
        rows[place].after_bytes += node.after.bytes - child.after.bytes;
        rows[place].before_count += node.before.count - child.before.count;
        rows[place].after_count += node.after.count - child.after.count;
        return;
      }
      rows.push_back(
          {longer, node.before.bytes, node.after.bytes, node.before.count, node.after.count});
      return;
    }
    rows.push_back(
        {name, node.before.bytes, node.after.bytes, node.before.count, node.after.count});
  }

  std::vector<Node> nodes_;
};

}  // namespace

HeapSide side_of(const Evidence& evidence, const graph::Reachability& reachable) {
  HeapSide side;
  side.milestone = milestone_of(evidence);
  HolderClasses classes(evidence.dominators, evidence.types);
  for (const HolderClasses::Class& one : classes.all())
    side.classes.push_back(
        {one.parent, one.name, one.is_root, one.tops, {one.held.bytes.bytes(), one.held.objects}});
  side.types = figures_of(rows_by_type(evidence, reachable, false));
  side.sites = figures_of(rows_by_site(evidence, reachable, false));
  side.goroutines = goroutine_figures(evidence.snapshot);
  return side;
}

void add_rows(const HeapSide& before, const HeapSide& after, DiffReport& report) {
  report.holders = JoinedClasses(before.classes, after.classes).rows();
  report.types = joined(before.types, after.types);
  report.sites = joined(before.sites, after.sites);
  report.goroutines = joined(before.goroutines, after.goroutines);
}

SameProcess is_same_process(const ProgramInfo& before, const ProgramInfo& after) {
  std::string old = process_identity(before), now = process_identity(after);
  if (!old.empty() && !now.empty()) return {old == now, false};
  bool same = before.pid != 0 && before.pid == after.pid && before.build_id == after.build_id &&
              before.executable == after.executable;
  return {same, same};
}

}  // namespace seep::analysis
