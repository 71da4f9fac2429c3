#include "target/memory_room.h"

#include <algorithm>

namespace seep::target {
namespace {

constexpr ByteSize kAtLeast{std::uint64_t{8} << 20};

std::string words(const char* where, ByteSize room, ByteSize needed) {
  return std::string(where) + to_text(room) + " free, a copy may need " + to_text(needed);
}

}  // namespace

ByteSize memory_for_copy(ByteSize resident_anonymous) {
  std::uint64_t page_tables = resident_anonymous.bytes() / 512;
  std::uint64_t written = resident_anonymous.bytes() / 8;
  return std::max(kAtLeast, ByteSize(page_tables + written));
}

std::optional<std::string> lack_of_room(ByteSize resident_anonymous,
                                        const procfs::MemoryLimits& limits) {
  ByteSize needed = memory_for_copy(resident_anonymous);
  if (limits.cgroup_room && *limits.cgroup_room < needed) {
    return words("the memory cgroup has only ", *limits.cgroup_room, needed);
  }
  ByteSize host = limits.host.available + limits.host.swap_free;
  if (limits.host.total.bytes() != 0 && host < needed) {
    return words("the host has only ", host, needed);
  }
  return std::nullopt;
}

}  // namespace seep::target
