#include "goruntime/executable_slide.h"

#include <optional>

#include "procfs/executable.h"
#include "procfs/maps.h"

namespace seep::goruntime {

// From the first mapping of the file, which is told from those of libraries by the inode, for the
// path of a deleted or replaced executable says nothing.
Result<std::uint64_t> find_slide(pid_t pid, const elf::ElfFile& file) {
  if (!file.position_independent()) return 0;
  Result<procfs::FileIdentity> identity = procfs::read_executable_identity(pid);
  if (!identity) {
    return fail(ErrorKind::kTargetGone, "the process ended while its executable was read");
  }
  Diagnostics ignored;
  for (const procfs::Mapping& mapping : TRY(procfs::read_maps(pid, ignored))) {
    if (mapping.inode != identity->inode) continue;
    std::optional<std::uint64_t> slide = file.slide(mapping.range.begin, mapping.offset);
    if (slide) return *slide;
  }
  return fail(ErrorKind::kUnsupported, "the executable is not mapped where its process runs");
}

}  // namespace seep::goruntime
