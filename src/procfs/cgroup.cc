#include "procfs/cgroup.h"

#include <algorithm>
#include <array>

#include "procfs/proc_file.h"
#include "procfs/text_fields.h"

namespace seep::procfs {
namespace {

// A group path longer or deeper than this is not one (PATH_MAX; cgroup.max.depth is rarely set).
constexpr std::size_t kMaxGroupPath = 4096;

// From here on a version 1 limit means "none": PAGE_COUNTER_MAX pages, about 2^63.
constexpr std::uint64_t kUnlimited = std::uint64_t{1} << 62;

bool has_option(std::string_view list, std::string_view option) {
  while (!list.empty()) {
    std::size_t comma = list.find(',');
    if (list.substr(0, comma) == option) return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return false;
}

// mountinfo writes blanks, tabs, newlines and backslashes as \ooo.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::optional<unsigned> code;
    if (text[i] == '\\' && i + 3 < text.size()) {
      code = parse_number<unsigned>(text.substr(i + 1, 3), 8);
    }
    if (code && *code < 256) {
      plain += static_cast<char>(*code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::optional<std::uint64_t> first_number(std::string_view text) {
  std::optional<std::string_view> line = next_line(text);
  return line ? next_number<std::uint64_t>(*line) : std::nullopt;
}

// Where the group is below the mount point; nothing if it lies outside what is mounted ("/../x": a
// group outside our cgroup namespace).
std::optional<std::string> folder_of(const CgroupMount& mount, const std::string& group) {
  if (group.size() > kMaxGroupPath || group.rfind("/..", 0) == 0) return std::nullopt;
  std::string below = group;
  if (mount.root != "/") {
    if (group.rfind(mount.root, 0) != 0) return std::nullopt;
    below = group.substr(mount.root.size());
  }
  while (!below.empty() && below.back() == '/') below.pop_back();
  return mount.mount_point + below;
}

void tighten(const CgroupMemory& group, MemoryLimits& limits) {
  if (!limits.group) limits.group = group;
  if (!group.limit) return;
  if (!limits.cgroup_limit || *group.limit < *limits.cgroup_limit) {
    limits.cgroup_limit = group.limit;
    limits.cgroup_usage = group.usage;
    limits.group = group;
  }
  if (!limits.cgroup_room || *group.room() < *limits.cgroup_room) limits.cgroup_room = group.room();
}

void add_way_up(const std::string& folder, const std::string& top, bool unified,
                std::vector<MemoryGroup>& groups) {
  std::string at = folder;
  while (at.size() >= top.size()) {
    groups.push_back({at, unified});
    std::size_t slash = at.rfind('/');
    if (slash == std::string::npos || slash == 0) break;
    at.resize(slash);
  }
}

// Reads "key number" lines; the last line of a key counts.
template <typename F>
void for_each_figure(std::string_view text, F visit) {
  while (std::optional<std::string_view> line = next_line(text)) {
    std::optional<std::string_view> key = next_word(*line);
    std::optional<std::uint64_t> value = next_number<std::uint64_t>(*line);
    if (key && value) visit(*key, *value);
  }
}

}  // namespace

CgroupPaths parse_cgroup(std::string_view text) {
  CgroupPaths paths;
  while (std::optional<std::string_view> line = next_line(text)) {
    std::size_t first = line->find(':');
    if (first == std::string_view::npos) continue;
    std::size_t second = line->find(':', first + 1);
    if (second == std::string_view::npos) continue;
    std::string_view controllers = line->substr(first + 1, second - first - 1);
    std::string path(line->substr(second + 1));
    if (line->substr(0, first) == "0" && controllers.empty()) {
      paths.unified = path;
    } else if (has_option(controllers, "memory")) {
      paths.v1_memory = path;
    }
  }
  return paths;
}

std::vector<CgroupMount> parse_mountinfo(std::string_view text) {
  std::vector<CgroupMount> mounts;
  while (std::optional<std::string_view> line = next_line(text)) {
    // "36 35 98:0 /root /mount/point options ... - cgroup source rw,memory"
    std::size_t dash = line->find(" - ");
    if (dash == std::string_view::npos) continue;
    std::string_view front = line->substr(0, dash);
    std::string_view back = line->substr(dash + 3);
    std::optional<std::string_view> kind = next_word(back);
    next_word(back);
    std::optional<std::string_view> options = next_word(back);
    bool unified = kind == "cgroup2";
    if (!unified && !(kind == "cgroup" && options && has_option(*options, "memory"))) continue;
    for (int i = 0; i < 3; ++i) next_word(front);
    std::optional<std::string_view> root = next_word(front);
    std::optional<std::string_view> point = next_word(front);
    if (!root || !point) continue;
    mounts.push_back({unified, unescape(*root), unescape(*point)});
  }
  return mounts;
}

std::optional<ByteSize> CgroupMemory::room() const {
  if (!limit) return std::nullopt;
  return *limit - (usage - reclaimable);
}

CgroupMemory parse_cgroup_memory(std::string_view max, std::string_view current,
                                 std::string_view stat, std::string_view events) {
  CgroupMemory memory;
  std::optional<std::uint64_t> limit = first_number(max);
  if (limit && *limit < kUnlimited) memory.limit = ByteSize(*limit);
  memory.usage = ByteSize(first_number(current).value_or(0));
  // Version 1 counts descendants only in the "total_" figure, which comes after the plain one.
  ByteSize cached;
  for_each_figure(stat, [&](std::string_view key, std::uint64_t value) {
    if (key.starts_with("total_")) key.remove_prefix(6);
    if (key == "inactive_file") memory.reclaimable = ByteSize(value);
    if (key == "file" || key == "cache") cached = ByteSize(value);
    if (key == "shmem") memory.shared = ByteSize(value);
  });
  memory.reclaimable = std::min(memory.reclaimable, memory.usage);
  // Both versions count tmpfs as page cache too (Documentation/admin-guide/cgroup-v2.rst, "file").
  memory.file = cached - memory.shared;
  for_each_figure(events, [&memory](std::string_view key, std::uint64_t value) {
    if (key == "oom_kill") memory.oom_kills = value;
  });
  return memory;
}

HostMemory parse_meminfo(std::string_view text) {
  HostMemory host;
  while (std::optional<std::string_view> line = next_line(text)) {
    std::optional<std::string_view> key = next_word(*line);
    std::uint64_t kilobytes = next_number<std::uint64_t>(*line).value_or(0);
    ByteSize size(std::min(kilobytes, ~std::uint64_t{0} >> 10) << 10);
    if (key == "MemTotal:") host.total = size;
    if (key == "MemAvailable:") host.available = size;
    if (key == "SwapFree:") host.swap_free = size;
  }
  return host;
}

Result<std::vector<MemoryGroup>> find_memory_groups(pid_t pid) {
  CgroupPaths paths = parse_cgroup(TRY(read_proc_file(proc_path(pid, "cgroup"))));
  std::vector<MemoryGroup> groups;
  Result<std::string> mountinfo = read_proc_file("/proc/self/mountinfo");
  if (!mountinfo) return groups;
  for (const CgroupMount& mount : parse_mountinfo(*mountinfo)) {
    const std::optional<std::string>& group = mount.unified ? paths.unified : paths.v1_memory;
    if (!group) continue;
    std::optional<std::string> folder = folder_of(mount, *group);
    // In a container that shares the target's, the target's own group is what is mounted.
    add_way_up(folder.value_or(mount.mount_point), mount.mount_point, mount.unified, groups);
  }
  return groups;
}

std::optional<CgroupMemory> read_memory_group(const MemoryGroup& group) {
  std::array<const char*, 3> names =
      group.unified
          ? std::array{"/memory.max", "/memory.current", "/memory.events"}
          : std::array{"/memory.limit_in_bytes", "/memory.usage_in_bytes", "/memory.oom_control"};
  Result<std::string> max = read_proc_file(group.folder + names[0]);
  Result<std::string> current = read_proc_file(group.folder + names[1]);
  if (!max || !current) return std::nullopt;
  Result<std::string> stat = read_proc_file(group.folder + "/memory.stat");
  Result<std::string> events = read_proc_file(group.folder + names[2]);
  return parse_cgroup_memory(*max, *current, stat ? std::string_view(*stat) : "",
                             events ? std::string_view(*events) : "");
}

Result<MemoryLimits> read_memory_limits(pid_t pid) {
  MemoryLimits limits;
  std::vector<MemoryGroup> groups = TRY(find_memory_groups(pid));
  if (Result<std::string> text = read_proc_file("/proc/meminfo")) {
    limits.host = parse_meminfo(*text);
  }
  for (const MemoryGroup& group : groups) {
    if (std::optional<CgroupMemory> figures = read_memory_group(group)) tighten(*figures, limits);
  }
  return limits;
}

}  // namespace seep::procfs
