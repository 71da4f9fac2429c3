#include "target/program_files.h"

#include <utility>

#include "base/diagnostics.h"
#include "elf/go_file.h"
#include "procfs/auxv.h"
#include "procfs/executable.h"
#include "procfs/maps.h"
#include "procfs/proc_file.h"
#include "target/debug_files.h"
#include "target/mapped_files.h"

namespace seep::target {
namespace {

/// A Go file in the process.
struct Candidate {
  elf::ElfFile file;
  std::string path;  ///< as the process sees it
  std::uint64_t slide = 0;
  bool has_runtime = false;
};

class ProgramFileFinder {
 public:
  ProgramFileFinder(pid_t pid, const ProgramFileOptions& options) : pid_(pid), options_(options) {}

  Result<ProgramFiles> find() {
    elf::ElfFile executable = TRY(elf::ElfFile::open(procfs::proc_path(pid_, "exe")));
    std::string path = procfs::read_executable_path(pid_);
    bool is_go = elf::looks_like_go(executable);
    // Who loads no libraries has no other Go code: nothing else need be opened.
    if (!is_go || executable.dynamic()) TRY(add_libraries(path));
    bool here = is_go && !elf::imports_go_runtime(executable);
    if (here || !holds_runtime()) {
      std::uint64_t slide = TRY(find_slide(pid_, executable));
      return finish({std::move(executable), path, slide, true});
    }
    if (is_go) {
      std::uint64_t slide = TRY(find_slide(pid_, executable));
      candidates_.push_back({std::move(executable), path, slide, false});
    }
    return choose();
  }

 private:
  bool holds_runtime() const {
    for (const Candidate& candidate : candidates_) {
      if (candidate.has_runtime) return true;
    }
    return false;
  }

  Result<void> add_libraries(const std::string& executable) {
    Diagnostics ignored;  // whoever reads the memory counts
    for (const MappedCode& mapped : files_with_code(TRY(procfs::read_maps(pid_, ignored)))) {
      if (mapped.path == executable || mapped.path == executable + " (deleted)") continue;
      Result<elf::ElfFile> file = open_mapped_file(pid_, mapped);
      if (!file || !elf::looks_like_go(*file)) continue;
      std::optional<std::uint64_t> slide = slide_of(*file, mapped);
      if (!slide) continue;
      bool has_runtime = !elf::imports_go_runtime(*file);
      candidates_.push_back({std::move(*file), mapped.path, *slide, has_runtime});
    }
    return {};
  }

  // The runtime is in a library.
  Result<ProgramFiles> choose() {
    std::string names;
    std::optional<std::size_t> chosen;
    int count = 0;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!candidates_[i].has_runtime) continue;
      names += (names.empty() ? "" : ", ") + candidates_[i].path;
      bool named = options_.executable.empty() ||
                   open_named_file(options_.executable, candidates_[i].file).has_value();
      if (!named) continue;
      chosen = i;
      ++count;
    }
    if (count > 1) {
      return fail(ErrorKind::kUnsupported,
                  "process " + std::to_string(pid_) + " holds " + std::to_string(count) +
                      " Go runtimes; name one of them by --exe FILE: " + names);
    }
    if (!chosen) chosen = first_with_runtime();
    Candidate program = std::move(candidates_[*chosen]);
    candidates_.erase(candidates_.begin() + static_cast<std::ptrdiff_t>(*chosen));
    return finish(std::move(program));
  }

  std::size_t first_with_runtime() const {
    std::size_t first = 0;
    while (!candidates_[first].has_runtime) ++first;
    return first;
  }

  Result<ProgramFiles> finish(Candidate program) {
    ProgramFiles files{std::move(program.file), std::nullopt, program.slide};
    if (!options_.executable.empty()) {
      files.debug = TRY(open_named_file(options_.executable, files.executable));
    } else {
      files.debug = debug_of(files.executable, program.path);
    }
    for (Candidate& candidate : candidates_) {
      std::optional<elf::ElfFile> debug = debug_of(candidate.file, candidate.path);
      files.libraries.push_back({std::move(candidate.file), std::move(debug), candidate.slide});
    }
    return files;
  }

  std::optional<elf::ElfFile> debug_of(const elf::ElfFile& file, const std::string& path) const {
    if (file.has_debug_info() || !elf::looks_like_go(file)) return std::nullopt;
    return find_debug_file(file, {path, {procfs::proc_path(pid_, "root"), "/"}});
  }

  pid_t pid_;
  const ProgramFileOptions& options_;
  std::vector<Candidate> candidates_;  ///< Go files beside the executable
};

}  // namespace

Result<ProgramFiles> find_program_files(pid_t pid, const ProgramFileOptions& options) {
  return ProgramFileFinder(pid, options).find();
}

Result<std::uint64_t> find_slide(pid_t pid, const elf::ElfFile& executable) {
  if (!executable.position_independent()) return 0;
  return TRY(procfs::read_entry_point(pid)) - executable.entry_point();
}

}  // namespace seep::target
