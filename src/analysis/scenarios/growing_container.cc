// A container is the nearest holder of new objects that was there before them. It grows if it holds
// more in the middle than at the start, and more at the end than in the middle; a cache that fills
// once and stops does not, nor one that replaces what it holds.
#include "analysis/scenarios/growing_container.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/allocation_origin.h"
#include "analysis/container_kind.h"
#include "analysis/growth_detail.h"
#include "analysis/held_pattern.h"
#include "analysis/value_text.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using graph::NodeId;

constexpr std::size_t kMost = 16;
constexpr std::size_t kTypesNamed = 3;
constexpr std::size_t kKeysShown = 3;

ByteSize size_of(double bytes) {
  return ByteSize(static_cast<std::uint64_t>(std::max(0.0, std::round(bytes))));
}

std::uint64_t whole(double number) {
  return static_cast<std::uint64_t>(std::max(0.0, std::round(number)));
}

std::vector<const GrowingHolder*> candidates_in(const Growth& growth) {
  std::vector<const GrowingHolder*> candidates;
  for (const GrowingHolder& holder : growth.holders) {
    if (holder.trend != Trend::kGrowing && holder.trend != Trend::kGrew) continue;
    candidates.push_back(&holder);
    if (candidates.size() == kMost) break;
  }
  return candidates;
}

// What passes through, however long its queue is today, is gone after half of the watch. That does
// not go for arrays and the innards of maps: growing is replacing them by larger ones.
bool stays(const GrowingHolder& holder, const NewObjects& elements, const Evidence& now) {
  double early = *holder.bytes.middle - holder.bytes.first;
  if (holder.kept_bytes * 2 >= early) return true;
  snapshot::ObjectId example = now.graph.object(elements.examples.front());
  bool array = example.value < now.types.arrays.size() && now.types.arrays.test(example.value);
  return array || now.snapshot.types[now.types.of(example)].synthetic;
}

Confidence confidence_of(const GrowingHolder& holder, const NewObjects& elements,
                         ContainerKind kind, const Evidence& now) {
  const Growth& growth = *now.growth;
  ByteSize grew = size_of(holder.bytes.growth());
  if (holder.trend != Trend::kGrowing || grew < growth.floor) return Confidence::kPossible;
  // The collector empties pools; what is in one depends on when it did so last.
  bool emptied = kind == ContainerKind::kPool && growth.collections > 0 &&
                 grew.bytes() * 10 < now.completeness.reachable_bytes.bytes();
  bool stay = kind == ContainerKind::kPool || stays(holder, elements, now);
  return !emptied && stay ? Confidence::kLikely : Confidence::kPossible;
}

// Of containers that are nested in each other the outer ones have it all.
graph::Extent retained_by(const std::vector<NodeId>& holders, const Evidence& now) {
  std::vector<NodeId> sorted = holders;
  std::sort(sorted.begin(), sorted.end(), [&](NodeId a, NodeId b) {
    return now.dominators.position(a) < now.dominators.position(b);
  });
  graph::Extent sum;
  std::uint32_t counted_up_to = 0;
  for (NodeId holder : sorted) {
    if (now.dominators.position(holder) < counted_up_to) continue;
    counted_up_to = now.dominators.end_position(holder);
    graph::Extent retained = now.dominators.retained(holder);
    sum.objects += retained.objects;
    sum.bytes += retained.bytes;
  }
  return sum;
}

std::string course_text(const GrowingHolder& holder, const Growth& growth) {
  std::string text;
  if (holder.bytes.middle) {
    text = "by " + to_text(size_of(*holder.bytes.middle - holder.bytes.first)) +
           " in the first half of " + duration_text(growth.seconds) + " and by " +
           to_text(size_of(holder.bytes.last - *holder.bytes.middle)) + " in the second";
  } else {
    text = "by " + to_text(size_of(holder.bytes.growth())) + " in " +
           duration_text(growth.seconds) + "; two snapshots do not tell whether it goes on";
  }
  return text;
}

std::string new_text(const std::vector<NewObjects>& objects, const Growth& growth) {
  std::string text;
  for (std::size_t i = 0; i < objects.size() && i < kTypesNamed; ++i)
    text += (i == 0 ? "" : ", ") + count_text(objects[i].extent.objects) + " " +
            growth.classes.all()[objects[i].object_class].name + " (" +
            to_text(objects[i].extent.bytes) + ")";
  if (objects.size() > kTypesNamed)
    text += " and " + counted(objects.size() - kTypesNamed, "other type");
  return text + " came after the first snapshot and are still reached";
}

std::string keys_text(const std::vector<NewObjects>& objects, const Evidence& now,
                      const graph::RootPaths& paths) {
  if (now.snapshot.values.empty()) return "";
  std::string text;
  std::size_t shown = 0;
  for (const NewObjects& one : objects) {
    for (NodeId example : one.examples) {
      std::string value = value_text(now.snapshot, now.graph.object(example));
      if (value.empty() || shown == kKeysShown) continue;
      std::vector<PathNode> way = shortest_path(now.graph, paths, now.types, example);
      if (way.empty() || way.back().steps.empty() ||
          way.back().steps.back().kind != HolderKind::kKey)
        continue;
      text += (shown++ == 0 ? "" : ", ") + value;
    }
  }
  return text;
}

class Describer {
 public:
  Describer(const Evidence& now, std::vector<const GrowingHolder*> holders)
      : now_(now),
        growth_(*now.growth),
        holders_(std::move(holders)),
        objects_(new_objects_of(growth_, now, holders_)),
        paths_(now.graph) {}

  std::vector<Finding> findings() {
    std::vector<Finding> all;
    for (std::size_t i = 0; i < holders_.size(); ++i)
      if (!objects_[i].empty() && !is_index_of_another(i))
        all.push_back(describe(*holders_[i], objects_[i]));
    return all;
  }

 private:
  Finding describe(const GrowingHolder& holder, const std::vector<NewObjects>& objects) {
    const HolderClasses::Class& element = growth_.classes.all()[objects.front().object_class];
    WayToNew way = way_to(objects.front(), holder, growth_, now_, paths_);
    if (way.steps.empty() && !holder.several_roots()) way = way_into(holder.holders.front());
    ContainerKind kind = kind_of(way, holder);

    Finding finding;
    finding.scenario = "growing-container";
    finding.permanence = Permanence::kTemporary;
    finding.confidence = confidence_of(holder, objects.front(), kind, now_);
    graph::Extent held = holder.several_roots()
                             ? graph::Extent{whole(holder.objects.last), size_of(holder.bytes.last)}
                             : retained_by(holder.holders, now_);
    finding.bytes = held.bytes;
    for (NodeId top : holder.holders) {
      if (now_.graph.is_root(top)) finding.removal.cut.roots.push_back(now_.graph.root(top));
      if (now_.graph.is_object(top)) finding.removal.objects.push_back(now_.graph.object(top));
    }
    finding.count = std::max<std::uint64_t>(element.own.objects, 1);
    if (growth_.seconds > 0) {
      finding.growth_bytes_per_s = holder.bytes.growth() / growth_.seconds;
      finding.growth_count_per_s = net_count(holder, objects.front()) / growth_.seconds;
    }
    finding.holder = way.steps;
    if (element.name != HolderClasses::kUnknownType) finding.type = element.name;
    finding.fingerprint = fingerprint_of(finding);
    finding.title = title_of(holder, way, kind, objects.front());
    add_evidence(finding, holder, way, objects);
    add_origin(finding, holder, way);
    finding.remedy = remedy_of(kind);
    return finding;
  }

  // Where the ways to all examples are very long, as into a list: the way to the holder, and on to
  // where its bytes are.
  WayToNew way_into(NodeId holder) const {
    WayToNew way;
    way.container = holder;
    way.steps = way.holder = path_to(now_.graph, paths_, now_.types, holder);
    for (const HolderStep& step : find_held_pattern(now_.dominators, now_.types, holder).steps) {
      way.steps.push_back(step);
      way.types.push_back(step.type);
    }
    way.types.insert(way.types.begin(), way.steps.front().type);
    return way;
  }

  // A map that has only its own tables more, because the elements are reached in another way too,
  // as through the list of a cache: both grow for one reason, and who holds both is told of.
  bool is_index_of_another(std::size_t index) const {
    const GrowingHolder& holder = *holders_[index];
    const std::vector<HolderClasses::Class>& classes = growth_.classes.all();
    bool only_tables = std::ranges::all_of(objects_[index], [&](const NewObjects& objects) {
      return objects.object_class == holder.holder_class;
    });
    std::string element = map_types(classes[holder.holder_class].name).element;
    if (!only_tables || !element.starts_with('*')) return false;
    for (std::size_t i = 0; i < holders_.size(); ++i) {
      std::uint32_t above = holder.holder_class;
      while (above != holders_[i]->holder_class && above != 0) above = classes[above].parent;
      if (i == index || above != holders_[i]->holder_class) continue;
      for (const NewObjects& objects : objects_[i])
        if (classes[objects.object_class].name == element.substr(1)) return true;
    }
    return false;
  }

  // New elements, less those that went.
  double net_count(const GrowingHolder& holder, const NewObjects& elements) const {
    double born = holder.bytes.last;
    double share = born > 0 ? std::clamp(holder.bytes.growth() / born, 0.0, 1.0) : 1;
    return static_cast<double>(elements.extent.objects) * share;
  }

  ContainerKind kind_of(const WayToNew& way, const GrowingHolder& holder) const {
    std::vector<std::string> types = way.types;
    // A cache is a struct whose map and list hold the same; the way goes through one of them.
    NodeId container =
        way.container.is_none() && !holder.several_roots() ? holder.holders.front() : way.container;
    if (now_.graph.is_object(container)) {
      snapshot::TypeId type = now_.types.of(now_.graph.object(container));
      bool list = false, map = false;
      for (const snapshot::Field& field : now_.snapshot.types[type].fields) {
        const std::string& name = now_.snapshot.types[field.type].name;
        list = list || name.ends_with("list.List");
        map = map || name.starts_with("map[");
      }
      if (list && map) return ContainerKind::kCache;
    }
    if (types.empty()) types.push_back(growth_.classes.all()[holder.holder_class].name);
    return container_kind(types);
  }

  std::string title_of(const GrowingHolder& holder, const WayToNew& way, ContainerKind kind,
                       const NewObjects& elements) const {
    std::string name = way.holder.empty() ? "?" : way.holder.front().name;
    for (std::size_t i = 1; i < way.holder.size(); ++i)
      if (way.holder[i].kind == HolderKind::kField) name += "." + way.holder[i].name;
    std::string text = name + " (" + to_text(kind) + ") ";
    if (holder.holder_count > 1)
      text += "and " + count_text(holder.holder_count - 1) + " like it grew by ";
    else
      text += "grew by ";
    text += to_text(size_of(holder.bytes.growth()));
    double more = net_count(holder, elements);
    if (more >= 1)
      text += " and " + count_text(whole(more)) + " " +
              growth_.classes.all()[elements.object_class].name;
    return text + " in " + duration_text(growth_.seconds);
  }

  void add_evidence(Finding& finding, const GrowingHolder& holder, const WayToNew& way,
                    const std::vector<NewObjects>& objects) const {
    finding.evidence.push_back({"grew", course_text(holder, growth_)});
    finding.evidence.push_back({"new", new_text(objects, growth_)});
    for (const std::string& type : way.types) {
      MapTypes parts = map_types(type);
      if (parts.key.empty()) continue;
      finding.evidence.push_back(
          {"entries", "keys are " + parts.key + ", elements " + parts.element});
      break;
    }
    if (std::string keys = keys_text(objects, now_, paths_); !keys.empty())
      finding.evidence.push_back({"keys", "new ones begin with " + keys});
    if (holder.several_roots())
      finding.evidence.push_back(
          {"shared", "several variables or goroutines reach them; all of these must let go"});
    finding.evidence.push_back(
        {"why", "a live path leads to all of it, which the program may still drop: temporary"});
    finding.evidence.push_back({"told by", told_by(finding.confidence)});
  }

  std::string told_by(Confidence confidence) const {
    std::string text =
        "objects that have the same address, size and type in all snapshots are the "
        "same ones; growth below " +
        to_text(growth_.floor) + " in this time would not show";
    if (confidence == Confidence::kPossible && growth_.has_middle)
      text +=
          "; most of what came in the first half is gone, or the live heap strays as much, so "
          "this may be load";
    return text;
  }

  void add_origin(Finding& finding, const GrowingHolder& holder, const WayToNew& way) const {
    NodeId from = holder.several_roots() ? way.container : holder.holders.front();
    if (from.is_none()) return;
    AllocationOrigin origin = allocation_origins(now_.dominators, {from}).front();
    if (origin.frames.empty()) return;
    finding.origin = origin.frames;
    finding.evidence.push_back(
        {"sampled", percent_text(origin.share, 1) + " of what the heap profile sampled of it (" +
                        counted(origin.samples, "object") + ") was allocated there"});
  }

  const Evidence& now_;
  const Growth& growth_;
  std::vector<const GrowingHolder*> holders_;
  std::vector<std::vector<NewObjects>> objects_;
  graph::RootPaths paths_;
};

}  // namespace

std::vector<Finding> find_growing_containers(const Evidence& evidence) {
  if (evidence.growth == nullptr) return {};
  std::vector<const GrowingHolder*> holders = candidates_in(*evidence.growth);
  if (holders.empty()) return {};
  return Describer(evidence, std::move(holders)).findings();
}

void leave_out_growing_retainers(std::vector<Finding>& findings) {
  auto is_told = [&](const Finding& retainer) {
    return retainer.scenario == "large-retainer" && !retainer.holder.empty() &&
           std::ranges::any_of(findings, [&](const Finding& finding) {
             return finding.scenario == "growing-container" && !finding.holder.empty() &&
                    finding.holder.front() == retainer.holder.front() &&
                    retainer.bytes.bytes() <= finding.bytes.bytes() * 2;
           });
  };
  std::vector<Finding> kept;
  for (const Finding& finding : findings)
    if (!is_told(finding)) kept.push_back(finding);
  findings = std::move(kept);
}

}  // namespace seep::analysis
