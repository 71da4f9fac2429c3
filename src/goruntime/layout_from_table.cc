#include "goruntime/layout_from_table.h"

#include <algorithm>
#include <string>
#include <utility>

#include "goruntime/layout_resolver.h"

namespace seep::goruntime {
namespace {

TableRelease release_for(const GoVersion& version) {
  std::span<const TableRelease> releases = layout_table().releases;
  TableRelease asked{static_cast<std::uint16_t>(version.minor),
                     static_cast<std::uint16_t>(version.patch)};
  TableRelease found = releases.empty() ? TableRelease{} : releases.front();
  for (const TableRelease& release : releases) {
    // A first patch that nobody looked at is like the first one that was, not like the last of the
    // minor release before.
    bool first_of_minor = release.minor == asked.minor && found.minor < release.minor;
    if (release <= asked || first_of_minor) found = release;
  }
  return found;
}

const TableVariant* find_variant(int minor, std::string_view experiment) {
  for (const TableVariant& variant : layout_table().variants) {
    if (variant.minor == minor && variant.experiment == experiment) return &variant;
  }
  return nullptr;
}

/// "nodwarf5" switches off what "dwarf5" switches on.
bool is_without_effect(int minor, std::string_view experiment) {
  for (const TableExperiments& known : layout_table().without_effect) {
    if (known.minor != minor) continue;
    for (std::string_view names = known.names; !names.empty();) {
      std::string_view name = names.substr(0, names.find(' '));
      names.remove_prefix(std::min(names.size(), name.size() + 1));
      if (experiment == name || (experiment.starts_with("no") && experiment.substr(2) == name)) {
        return true;
      }
    }
  }
  return false;
}

bool share_struct(std::span<const TableRow> one, std::span<const TableRow> other) {
  return std::any_of(one.begin(), one.end(), [&other](const TableRow& row) {
    return std::any_of(other.begin(), other.end(), [&row](const TableRow& candidate) {
      return candidate.struct_name == row.struct_name;
    });
  });
}

std::unexpected<Error> unknown_experiment(const std::string& text) {
  return fail(ErrorKind::kUnsupported,
              "the program was built with GOEXPERIMENT=" + text +
                  " and without debug information; seep does not know where the runtime's fields "
                  "are then");
}

}  // namespace

Result<TableStructFacts> TableStructFacts::of(const GoVersion& version) {
  TableStructFacts facts(release_for(version));
  for (const std::string& experiment : version.experiments) {
    const TableVariant* variant = find_variant(facts.release_.minor, experiment);
    if (variant == nullptr) {
      if (is_without_effect(facts.release_.minor, experiment)) continue;
      return unknown_experiment(experiment);
    }
    for (std::span<const TableRow> other : facts.variants_) {
      // Two that move the same struct were never looked at together.
      if (share_struct(other, variant->rows)) return unknown_experiment(experiment);
    }
    facts.variants_.push_back(variant->rows);
  }
  return facts;
}

TableRun TableStructFacts::find(std::string_view struct_name, std::string_view path) const {
  std::pair<std::string_view, std::string_view> key(struct_name, path);
  auto search = [this, &key](std::span<const TableRow> rows) -> const TableRow* {
    auto found = std::lower_bound(rows.begin(), rows.end(), key,
                                  [](const TableRow& row, const auto& wanted) {
                                    return std::pair(row.struct_name, row.path) < wanted;
                                  });
    return found != rows.end() && std::pair(found->struct_name, found->path) == key ? &*found
                                                                                    : nullptr;
  };
  for (std::span<const TableRow> rows : variants_) {
    if (const TableRow* row = search(rows)) return row->at(release_);
  }
  const TableRow* row = search(layout_table().rows);
  return row == nullptr ? TableRun{} : row->at(release_);
}

std::optional<std::uint32_t> TableStructFacts::struct_bytes(std::string_view name) const {
  std::uint32_t bytes = find(name, "").size;
  return bytes == 0 ? std::nullopt : std::optional(bytes);
}

Member TableStructFacts::member(std::string_view struct_name, std::string_view path) const {
  TableRun run = find(struct_name, path);
  return {run.offset, run.size};
}

std::uint32_t TableStructFacts::element_bytes(std::string_view struct_name,
                                              std::string_view member) const {
  return find(struct_name, std::string(member) + "[]").size;
}

Result<RuntimeLayout> layout_of_release(const GoVersion& version) {
  TRY(check_supported(version));
  TableStructFacts facts = TRY(TableStructFacts::of(version));
  return resolve_layout(facts);
}

}  // namespace seep::goruntime
