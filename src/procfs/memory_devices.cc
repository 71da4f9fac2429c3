#include "procfs/memory_devices.h"

#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include "procfs/proc_file.h"
#include "procfs/text_fields.h"

namespace seep::procfs {
namespace {

constexpr std::array<std::string_view, 4> kKinds = {"tmpfs", "ramfs", "devtmpfs", "hugetlbfs"};

// "36 35 98:0 /root /mount/point options ... - kind source options"
std::optional<dev_t> memory_device(std::string_view line) {
  std::size_t dash = line.find(" - ");
  if (dash == std::string_view::npos) return std::nullopt;
  std::string_view back = line.substr(dash + 3);
  std::optional<std::string_view> kind = next_word(back);
  if (!kind || std::find(kKinds.begin(), kKinds.end(), *kind) == kKinds.end()) return std::nullopt;
  next_word(line);
  next_word(line);
  std::optional<std::string_view> device = next_word(line);
  std::size_t colon = device ? device->find(':') : std::string_view::npos;
  if (colon == std::string_view::npos) return std::nullopt;
  std::optional<unsigned> major_number = parse_number<unsigned>(device->substr(0, colon));
  std::optional<unsigned> minor_number = parse_number<unsigned>(device->substr(colon + 1));
  if (!major_number || !minor_number) return std::nullopt;
  return makedev(*major_number, *minor_number);
}

}  // namespace

std::set<dev_t> parse_memory_devices(std::string_view mountinfo) {
  std::set<dev_t> devices;
  while (std::optional<std::string_view> line = next_line(mountinfo)) {
    if (std::optional<dev_t> device = memory_device(*line)) devices.insert(*device);
  }
  return devices;
}

std::set<dev_t> read_memory_devices(pid_t pid) {
  Result<std::string> text = read_proc_file(proc_path(pid, "mountinfo"));
  return text ? parse_memory_devices(*text) : std::set<dev_t>();
}

}  // namespace seep::procfs
