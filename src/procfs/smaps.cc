#include "procfs/smaps.h"

#include <algorithm>
#include <limits>

#include "procfs/proc_file.h"
#include "procfs/text_fields.h"

namespace seep::procfs {
namespace {

struct FigureRow {
  std::string_view key;
  std::uint64_t MemoryFigures::* place;
};

constexpr FigureRow kRows[] = {{"Rss:", &MemoryFigures::rss},
                               {"Pss:", &MemoryFigures::pss},
                               {"Anonymous:", &MemoryFigures::anonymous},
                               {"AnonHugePages:", &MemoryFigures::huge_pages},
                               {"Swap:", &MemoryFigures::swap}};

// "Rss:                1612 kB": in bytes.
std::optional<std::uint64_t> kilobytes(std::string_view rest) {
  std::optional<std::uint64_t> count = next_number<std::uint64_t>(rest);
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max() >> 10;
  return count && *count <= kMost ? std::optional(*count << 10) : std::nullopt;
}

bool has_flag(std::string_view flags, std::string_view flag) {
  while (std::optional<std::string_view> word = next_word(flags)) {
    if (*word == flag) return true;
  }
  return false;
}

// False if the line holds a figure that is none.
bool take_figure(std::string_view key, std::string_view rest, MemoryFigures& figures) {
  if (key == "LazyFree:") {
    figures.lazy_free = kilobytes(rest);
    return figures.lazy_free.has_value();
  }
  for (const FigureRow& row : kRows) {
    if (row.key != key) continue;
    std::optional<std::uint64_t> bytes = kilobytes(rest);
    figures.*row.place = bytes.value_or(0);
    return bytes.has_value();
  }
  return true;
}

}  // namespace

std::vector<ResidentMapping> parse_smaps(std::string_view text, Diagnostics& diagnostics) {
  std::vector<ResidentMapping> mappings;
  bool known = false;  // whether the lines belong to the last of `mappings`
  while (std::optional<std::string_view> line = next_line(text)) {
    std::string_view rest = *line;
    std::optional<std::string_view> key = next_word(rest);
    if (!key) continue;
    if (key->back() != ':') {
      std::optional<Mapping> mapping = parse_maps_line(*line);
      known = mapping.has_value();
      if (known) mappings.push_back({std::move(*mapping), {}});
      if (!known) diagnostics.count("lines of /proc/PID/smaps not understood");
      continue;
    }
    if (!known) continue;
    ResidentMapping& last = mappings.back();
    if (*key == "VmFlags:") {
      last.huge_advised = has_flag(rest, "hg");
      last.outside_rss = has_flag(rest, "pf") || has_flag(rest, "io") || has_flag(rest, "ht");
    } else if (!take_figure(*key, rest, last.figures)) {
      diagnostics.count("lines of /proc/PID/smaps not understood");
    }
  }
  std::sort(mappings.begin(), mappings.end(),
            [](const ResidentMapping& a, const ResidentMapping& b) {
              return a.mapping.range < b.mapping.range;
            });
  return mappings;
}

Result<MemoryFigures> parse_memory_figures(std::string_view text) {
  MemoryFigures figures;
  bool has_rss = false;
  while (std::optional<std::string_view> line = next_line(text)) {
    std::optional<std::string_view> key = next_word(*line);
    if (!key) continue;
    bool taken = take_figure(*key, *line, figures);
    has_rss = has_rss || (*key == "Rss:" && taken);
  }
  if (!has_rss) return fail(ErrorKind::kCorrupt, "/proc/PID/smaps_rollup has no Rss");
  return figures;
}

Result<std::vector<ResidentMapping>> read_smaps(pid_t pid, Diagnostics& diagnostics) {
  std::string text = TRY(read_proc_file(proc_path(pid, "smaps")));
  return parse_smaps(text, diagnostics);
}

Result<MemoryFigures> read_memory_figures(pid_t pid) {
  return parse_memory_figures(TRY(read_proc_file(proc_path(pid, "smaps_rollup"))));
}

}  // namespace seep::procfs
