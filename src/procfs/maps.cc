#include "procfs/maps.h"

#include <sys/sysmacros.h>

#include <algorithm>

#include "procfs/proc_file.h"
#include "procfs/text_fields.h"

namespace seep::procfs {
namespace {

// "08:01", hexadecimal; none if it is something else.
dev_t parse_device(std::string_view text) {
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return 0;
  std::optional<unsigned> major_number = parse_number<unsigned>(text.substr(0, colon), 16);
  std::optional<unsigned> minor_number = parse_number<unsigned>(text.substr(colon + 1), 16);
  return major_number && minor_number ? makedev(*major_number, *minor_number) : 0;
}

}  // namespace

// "7f0c1000-7f0c2000 r-xp 00001000 08:01 1234    /path with blanks"
std::optional<Mapping> parse_maps_line(std::string_view line) {
  std::optional<std::string_view> range = next_word(line);
  std::optional<std::string_view> rights = next_word(line);
  std::optional<std::uint64_t> offset = next_number<std::uint64_t>(line, 16);
  std::optional<std::string_view> device = next_word(line);
  std::optional<std::uint64_t> inode = next_number<std::uint64_t>(line);
  if (!range || !rights || !offset || !device || !inode || rights->size() != 4) return std::nullopt;
  std::size_t dash = range->find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  std::optional<std::uint64_t> begin = parse_number<std::uint64_t>(range->substr(0, dash), 16);
  std::optional<std::uint64_t> end = parse_number<std::uint64_t>(range->substr(dash + 1), 16);
  if (!begin || !end || *end <= *begin) return std::nullopt;

  Mapping mapping;
  mapping.range = {Address(*begin), Address(*end)};
  mapping.readable = (*rights)[0] == 'r';
  mapping.writable = (*rights)[1] == 'w';
  mapping.executable = (*rights)[2] == 'x';
  mapping.shared = (*rights)[3] == 's';
  mapping.offset = *offset;
  mapping.inode = *inode;
  mapping.device = parse_device(*device);
  std::size_t path = line.find_first_not_of(" \t");
  if (path != std::string_view::npos) mapping.path = line.substr(path);
  return mapping;
}

std::vector<Mapping> parse_maps(std::string_view text, Diagnostics& diagnostics) {
  std::vector<Mapping> mappings;
  bool sorted = true;
  while (std::optional<std::string_view> line = next_line(text)) {
    if (line->empty()) continue;
    std::optional<Mapping> mapping = parse_maps_line(*line);
    if (!mapping) {
      diagnostics.count("lines of /proc/PID/maps not understood");
      continue;
    }
    sorted = sorted && (mappings.empty() || mappings.back().range.begin < mapping->range.begin);
    mappings.push_back(std::move(*mapping));
  }
  if (!sorted) {
    std::sort(mappings.begin(), mappings.end(),
              [](const Mapping& a, const Mapping& b) { return a.range < b.range; });
  }
  return mappings;
}

Result<std::vector<Mapping>> read_maps(pid_t pid, Diagnostics& diagnostics) {
  std::string text = TRY(read_proc_file(proc_path(pid, "maps")));
  return parse_maps(text, diagnostics);
}

const Mapping* find_mapping(const std::vector<Mapping>& mappings, Address address) {
  std::vector<Mapping>::const_iterator after =
      std::upper_bound(mappings.begin(), mappings.end(), address,
                       [](Address a, const Mapping& mapping) { return a < mapping.range.begin; });
  if (after == mappings.begin()) return nullptr;
  const Mapping& mapping = *(after - 1);
  return mapping.range.contains(address) ? &mapping : nullptr;
}

}  // namespace seep::procfs
