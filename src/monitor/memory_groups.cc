#include "monitor/memory_groups.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "procfs/proc_file.h"

namespace seep::monitor {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kSeldom = 10 * kSecond;
/// Limits of the groups on the way up may be changed.
constexpr std::int64_t kBelieved = 30 * kSecond;
constexpr std::int64_t kUnused = 600 * kSecond;

std::optional<std::uint64_t> read_number(int file) {
  std::array<char, 32> text;
  ssize_t got = pread(file, text.data(), text.size(), 0);
  std::uint64_t number = 0;
  if (got <= 0 || std::from_chars(text.data(), text.data() + got, number).ec != std::errc())
    return std::nullopt;
  return number;
}

}  // namespace

MemoryGroups::Entry::~Entry() {
  if (usage_file >= 0) close(usage_file);
}

std::optional<GroupsOfProcess> MemoryGroups::groups_of(pid_t pid, std::int64_t now_ns) {
  Result<std::string> text = procfs::read_proc_file(procfs::proc_path(pid, "cgroup"));
  if (!text) return std::nullopt;
  auto [place, is_new] = found_.try_emplace(*text);
  if (is_new || now_ns - place->second.found_ns >= kBelieved)
    place->second = {find_groups(pid), now_ns};
  return place->second.groups;
}

std::optional<GroupsOfProcess> MemoryGroups::find_groups(pid_t pid) const {
  Result<std::vector<procfs::MemoryGroup>> groups = procfs::find_memory_groups(pid);
  if (!groups || groups->empty()) return std::nullopt;
  const procfs::MemoryGroup* tightest = nullptr;
  ByteSize least;
  for (const procfs::MemoryGroup& group : *groups) {
    std::optional<procfs::CgroupMemory> memory = procfs::read_memory_group(group);
    if (!memory || !memory->limit) continue;
    if (tightest && least <= *memory->limit) continue;
    tightest = &group;
    least = *memory->limit;
  }
  return GroupsOfProcess{groups->front(), tightest ? *tightest : groups->front()};
}

const MemoryGroups::Entry& MemoryGroups::refreshed(const procfs::MemoryGroup& group, bool anew,
                                                   std::int64_t now_ns) {
  Entry& entry = groups_[group];
  if (entry.memory_ns == 0 || anew || now_ns - entry.memory_ns >= kSeldom) {
    std::optional<procfs::CgroupMemory> memory = procfs::read_memory_group(group);
    entry.exists = memory.has_value();
    if (memory) entry.memory = *memory;
    entry.memory_ns = entry.usage_ns = now_ns;
    return entry;
  }
  if (!entry.exists || entry.usage_ns == now_ns) return entry;
  if (entry.usage_file < 0) {
    std::string name = group.unified ? "/memory.current" : "/memory.usage_in_bytes";
    entry.usage_file = open((group.folder + name).c_str(), O_RDONLY | O_CLOEXEC);
  }
  std::optional<std::uint64_t> usage = read_number(entry.usage_file);
  entry.exists = usage.has_value();
  if (usage) entry.memory.usage = ByteSize(*usage);
  entry.usage_ns = now_ns;
  return entry;
}

void MemoryGroups::forget_unused(std::int64_t now_ns) {
  if (now_ns - tidied_ns_ < kUnused) return;
  tidied_ns_ = now_ns;
  std::erase_if(groups_,
                [&](const auto& entry) { return now_ns - entry.second.usage_ns > kUnused; });
  std::erase_if(found_,
                [&](const auto& entry) { return now_ns - entry.second.found_ns > kUnused; });
}

void MemoryGroups::read(const GroupsOfProcess& groups, bool anew, ProcessSample& sample) {
  forget_unused(sample.monotonic_ns);
  auto as_value = [](std::uint64_t number) { return static_cast<std::int64_t>(number); };
  const Entry& own = refreshed(groups.own, anew, sample.monotonic_ns);
  if (own.exists && own.memory.oom_kills)
    sample[Figure::kCgroupOomKills] = as_value(*own.memory.oom_kills);
  const Entry& tightest = refreshed(groups.tightest, false, sample.monotonic_ns);
  if (!tightest.exists) return;
  const procfs::CgroupMemory& memory = tightest.memory;
  ByteSize cache = std::min(memory.reclaimable, memory.usage);
  sample[Figure::kCgroupUsage] = as_value(memory.usage.bytes());
  sample[Figure::kCgroupWorkingSet] = as_value((memory.usage - cache).bytes());
  if (memory.limit) sample[Figure::kCgroupLimit] = as_value(memory.limit->bytes());
}

}  // namespace seep::monitor
