// The mappings of a process: /proc/PID/maps.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "base/result.h"

namespace seep::procfs {

struct Mapping {
  AddressRange range;
  bool readable = false;
  bool writable = false;
  bool executable = false;
  bool shared = false;
  std::uint64_t offset = 0;  ///< in the file, bytes
  std::uint64_t inode = 0;   ///< 0: not backed by a file
  dev_t device = 0;          ///< that the file is on
  std::string path;          ///< "/usr/bin/x", "[stack]", "[vdso]", "[anon: Go: heap]" or empty

  bool is_anonymous() const { return inode == 0; }
  bool operator==(const Mapping&) const = default;
};

/// One line; nothing if it makes no sense.
std::optional<Mapping> parse_maps_line(std::string_view line);

/// Lines that make no sense are skipped and counted. The result rises by address.
std::vector<Mapping> parse_maps(std::string_view text, Diagnostics& diagnostics);

/// kNotFound if there is no such process, kPermissionDenied if it is another user's.
Result<std::vector<Mapping>> read_maps(pid_t pid, Diagnostics& diagnostics);

/// The mapping that an address lies in; null if there is none. `mappings` rise by address.
const Mapping* find_mapping(const std::vector<Mapping>& mappings, Address address);

}  // namespace seep::procfs
