#include "procfs/auxv.h"

#include <elf.h>

#include <string>

#include "base/byte_reader.h"
#include "procfs/proc_file.h"

namespace seep::procfs {

Address find_in_auxiliary_vector(std::span<const std::byte> vector, std::uint64_t type) {
  for (; vector.size() >= sizeof(Elf64_auxv_t); vector = vector.subspan(sizeof(Elf64_auxv_t))) {
    Elf64_auxv_t entry = load_unchecked<Elf64_auxv_t>(vector.data());
    if (entry.a_type == AT_NULL) break;
    if (entry.a_type == type) return Address(entry.a_un.a_val);
  }
  return {};
}

Address entry_point_in(std::span<const std::byte> vector) {
  return find_in_auxiliary_vector(vector, AT_ENTRY);
}

Result<Address> read_entry_point(pid_t pid) {
  constexpr std::size_t kMostBytes = 64 << 10;
  std::string vector = TRY(read_proc_file(proc_path(pid, "auxv"), kMostBytes));
  Address entry = entry_point_in(std::as_bytes(std::span(vector)));
  if (!entry.is_null()) return entry;
  return fail(ErrorKind::kNotFound,
              "process " + std::to_string(pid) + " has no entry point: it is ending");
}

}  // namespace seep::procfs
