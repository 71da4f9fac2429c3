#include "goruntime/layout/layout_from_table.h"

#include <algorithm>
#include <string>
#include <utility>

#include "goruntime/layout/layout_resolver.h"

namespace seep::goruntime {
namespace {

/// The last one that is not newer. A first patch that nobody looked at is like the first one that
/// was, not like the last of the minor release before.
TableRelease like(TableRelease asked, std::span<const TableRelease> releases) {
  TableRelease found = releases.empty() ? TableRelease{} : releases.front();
  for (const TableRelease& release : releases) {
    bool first_of_minor = release.minor == asked.minor && found.minor < release.minor;
    if (release <= asked || first_of_minor) found = release;
  }
  return found;
}

TableRelease number_of(const GoVersion& version) {
  return {static_cast<std::uint16_t>(std::min(version.minor, 0xffff)),
          static_cast<std::uint16_t>(std::min(version.patch, 0xffff))};
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

const TableRow* find_row(std::span<const TableRow> rows, std::string_view struct_name,
                         std::string_view path) {
  std::pair wanted(struct_name, path);
  auto found =
      std::lower_bound(rows.begin(), rows.end(), wanted, [](const TableRow& row, const auto& key) {
        return std::pair(row.struct_name, row.path) < key;
      });
  bool is_it = found != rows.end() && std::pair(found->struct_name, found->path) == wanted;
  return is_it ? &*found : nullptr;
}

std::unexpected<Error> unknown_experiment(const std::string& text) {
  return fail(ErrorKind::kUnsupported,
              "the program was built with GOEXPERIMENT=" + text +
                  " and without debug information; seep does not know where the runtime's fields "
                  "are then");
}

}  // namespace

Result<TableStructFacts> TableStructFacts::of(const GoVersion& version) {
  TableStructFacts facts(like(number_of(version), layout_table().releases));
  for (const std::string& experiment : version.experiments) {
    const TableVariant* variant = find_variant(facts.release_.minor, experiment);
    if (variant == nullptr) {
      if (is_without_effect(facts.release_.minor, experiment)) continue;
      return unknown_experiment(experiment);
    }
    // Two that both move something were never looked at together.
    if (!facts.variant_.empty()) return unknown_experiment(experiment);
    facts.variant_ = variant->rows;
    facts.variant_release_ = like(facts.release_, variant->releases);
  }
  return facts;
}

TableRun TableStructFacts::find(std::string_view struct_name, std::string_view path) const {
  const TableRow* moved = find_row(variant_, struct_name, path);
  if (moved != nullptr) return moved->at(variant_release_);
  const TableRow* row = find_row(layout_table().rows, struct_name, path);
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
