#include "target/core_program.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "elf/build_identity.h"
#include "elf/build_info.h"
#include "elf/go_file.h"
#include "procfs/auxv.h"
#include "procfs/proc_file.h"

namespace seep::target {
namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kMostSegments = 256;
constexpr std::uint64_t kMostNoteBytes = std::uint64_t{64} << 10;
constexpr std::size_t kMostLibraries = 1024;

std::uint64_t page_end(std::uint64_t bytes) { return (bytes + kPageBytes - 1) & ~(kPageBytes - 1); }

bool is_empty(const elf::BuildIds& ids) { return ids.gnu.empty() && ids.go.empty(); }

// False also if they have no kind of id in common.
bool same_build(const elf::BuildIds& a, const elf::BuildIds& b) {
  if (!a.gnu.empty() && !b.gnu.empty()) return a.gnu == b.gnu;
  return !a.go.empty() && a.go == b.go;
}

// Go's linker lays the note with the GNU build id beside its own, but names only its own in the
// program headers (Go 1.24-1.27, cmd/link/internal/ld/elf.go), so the rest of the page is looked
// through.
void add_build_ids(const MemoryReader& memory, AddressRange notes, Address start,
                   elf::BuildIds& ids) {
  auto add = [&ids](std::span<const std::byte> found) {
    if (ids.gnu.empty()) ids.gnu = elf::gnu_build_id_in_notes(found);
    if (ids.go.empty()) ids.go = elf::go_build_id_in_notes(found);
    // Go's own ids are hashes between slashes; others do not tell builds apart.
    if (ids.go.find('/') == std::string::npos) ids.go.clear();
  };
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(notes.size(), kMostNoteBytes)));
  if (memory.read(notes.begin, bytes)) add(bytes);
  if (!ids.gnu.empty()) return;
  bytes.resize(kPageBytes);
  bytes.resize(memory.read_some(start, bytes));
  constexpr std::array<std::uint32_t, 4> kHeader = {4, 20, NT_GNU_BUILD_ID, 0x554e47};  // "GNU"
  std::span<const std::byte> header = std::as_bytes(std::span(kHeader));
  for (std::size_t at = 0; at + header.size() <= bytes.size(); at += 4) {
    std::span<const std::byte> rest = std::span(bytes).subspan(at);
    if (std::ranges::equal(rest.first(header.size()), header)) return add(rest);
  }
}

const MappedFile* find_mapped(const std::vector<MappedFile>& files, Address address) {
  auto found = std::ranges::find_if(
      files, [address](const MappedFile& file) { return file.range.contains(address); });
  return found == files.end() ? nullptr : &*found;
}

std::string name_at_start(const CoreFile& core) {
  Address name = procfs::find_in_auxiliary_vector(core.notes().auxiliary_vector, AT_EXECFN);
  std::string text(kPageBytes, '\0');
  std::size_t got = core.read_some(name, std::as_writable_bytes(std::span(text)));
  text.resize(std::min(got, text.find('\0')));
  return text;
}

// A file of a name that a core tells: nothing but a plain file is opened.
Result<elf::ElfFile> open_plain(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return fail(ErrorKind::kNotFound, "there is no file " + path);
  }
  return elf::ElfFile::open(path);
}

/// Whether the file's segments are where the core says that the executable was mapped: all there is
/// to compare when the page with the build id is not in the core.
bool has_layout_of(const CoreFile& core, const std::string& path, const elf::ElfFile& file) {
  Address entry = procfs::entry_point_in(core.notes().auxiliary_vector);
  std::uint64_t slide = entry - file.entry_point();
  if (entry.is_null() || slide % kPageBytes != 0) return false;
  if (!file.position_independent() && slide != 0) return false;
  auto is_in_segment = [&](const MappedFile& mapped) {
    return std::ranges::any_of(file.segments(), [&](const elf::Segment& segment) {
      std::uint64_t begin = segment.file_offset & ~(kPageBytes - 1);
      std::uint64_t end = page_end(segment.file_offset + segment.file_bytes);
      return mapped.offset >= begin && mapped.offset < end &&
             mapped.range.size() <= end - mapped.offset;
    });
  };
  return std::ranges::all_of(core.notes().files, [&](const MappedFile& mapped) {
    return mapped.path != path || is_in_segment(mapped);
  });
}

class ExecutableSearch {
 public:
  ExecutableSearch(const CoreFile& core, CoreExecutable wanted)
      : core_(core), wanted_(std::move(wanted)) {}

  bool matches(const elf::ElfFile& file) const {
    elf::BuildIds ids = elf::read_build_ids(file);
    if (is_empty(wanted_build()) || is_empty(ids)) return has_layout_of(core_, wanted_.path, file);
    return same_build(ids, wanted_build());
  }

  /// Nothing if no file here is the one.
  std::optional<elf::ElfFile> find() {
    for (const std::string& path : candidates()) {
      Result<elf::ElfFile> file = open_plain(path);
      if (!file) continue;
      if (matches(*file)) return std::move(*file);
      if (other_path_.empty()) {
        other_path_ = path;
        other_build_ = elf::read_build_ids(*file);
      }
    }
    return std::nullopt;
  }

  std::unexpected<Error> not_found() const {
    std::string what = wanted_.path.empty() ? "the executable of the core" : wanted_.path;
    what += " (" + build_text(wanted_build(), other_build_) + ")";
    if (other_path_.empty()) {
      return fail(ErrorKind::kNotFound,
                  "the core was made by " + what + ", which is not here; name it by --exe FILE");
    }
    return fail(ErrorKind::kNotFound, "the core was made by " + what + ", but " + other_path_ +
                                          " is " + build_text(other_build_, wanted_build()) +
                                          "; give the right one by --exe FILE");
  }

  std::unexpected<Error> not_the_one(const elf::ElfFile& named) const {
    elf::BuildIds ids = elf::read_build_ids(named);
    return fail(ErrorKind::kInvalidArgument,
                "the core was made by " + build_text(wanted_build(), ids) + ", " + named.path() +
                    " has " + build_text(ids, wanted_build()) + "; give the right one by --exe");
  }

 private:
  const elf::BuildIds& wanted_build() const { return wanted_.image ? wanted_.image->build : none_; }

  /// The id that can be compared with the other one's, if there is one.
  static std::string build_text(const elf::BuildIds& ids, const elf::BuildIds& other) {
    if (is_empty(ids)) return "a build without id";
    bool comparable = !ids.gnu.empty() && (!other.gnu.empty() || ids.go.empty() || is_empty(other));
    return "build id " + (comparable ? ids.gnu : ids.go.empty() ? ids.gnu : ids.go);
  }

  std::vector<std::string> candidates() const {
    std::vector<std::string> paths;
    if (!wanted_.path.empty()) {
      std::filesystem::path name = std::filesystem::path(wanted_.path).filename();
      paths.push_back(wanted_.path);
      paths.push_back((std::filesystem::path(core_.path()).parent_path() / name).string());
    }
    if (core_.notes().pid > 0) paths.push_back(procfs::proc_path(core_.notes().pid, "exe"));
    return paths;
  }

  const CoreFile& core_;
  CoreExecutable wanted_;
  std::string other_path_;
  elf::BuildIds other_build_;
  elf::BuildIds none_;
};

Result<std::uint64_t> find_slide(const CoreFile& core, const CoreExecutable& executable,
                                 const elf::ElfFile& file) {
  if (!file.position_independent()) return 0;
  Address entry = procfs::entry_point_in(core.notes().auxiliary_vector);
  if (!entry.is_null()) return entry - file.entry_point();
  if (executable.image) return executable.image->slide;
  return fail(ErrorKind::kUnsupported,
              core.path() + " does not tell where its program was loaded; take a whole core");
}

// Plugins keep tables of their functions and types, as the executable does. Those with Go code are
// returned.
std::vector<FileInProcess> take_libraries(CoreFile& core, const std::string& executable) {
  std::vector<FileInProcess> go_libraries;
  std::set<std::string> seen = {executable};
  for (const MappedFile& mapped : core.notes().files) {
    if (mapped.offset != 0 || seen.size() > kMostLibraries) continue;
    if (!seen.insert(mapped.path).second) continue;
    std::optional<MappedImage> image = read_mapped_image(core, mapped.range.begin);
    if (!image || is_empty(image->build)) continue;
    Result<elf::ElfFile> file = open_plain(mapped.path);
    if (!file || !same_build(elf::read_build_ids(*file), image->build)) continue;
    Result<elf::ElfFile> again = open_plain(mapped.path);
    if (again && elf::looks_like_go(*file)) {
      go_libraries.push_back({std::move(*again), mapped.path, image->slide});
    }
    core.take_from(std::move(*file), image->slide);
  }
  return go_libraries;
}

}  // namespace

std::optional<MappedImage> read_mapped_image(const MemoryReader& memory, Address start) {
  Result<Elf64_Ehdr> header = memory.read_value<Elf64_Ehdr>(start);
  bool is_elf = header && std::equal(ELFMAG, ELFMAG + SELFMAG, header->e_ident) &&
                header->e_phentsize == sizeof(Elf64_Phdr) && header->e_phnum <= kMostSegments;
  if (!is_elf) return std::nullopt;
  std::vector<Elf64_Phdr> segments(header->e_phnum);
  if (!memory.read(start + header->e_phoff, std::as_writable_bytes(std::span(segments)))) {
    return std::nullopt;
  }
  MappedImage image;
  auto first = std::ranges::find_if(segments, [](const Elf64_Phdr& segment) {
    return segment.p_type == PT_LOAD && segment.p_offset == 0;
  });
  if (first == segments.end()) return std::nullopt;
  if (header->e_type == ET_DYN) image.slide = start.value() - first->p_vaddr;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_NOTE) continue;
    Address notes = Address(segment.p_vaddr) + image.slide;
    add_build_ids(memory, {notes, notes + segment.p_filesz}, start, image.build);
  }
  return image;
}

CoreExecutable find_executable_in(const CoreFile& core) {
  CoreExecutable executable;
  const std::vector<MappedFile>& files = core.notes().files;
  Address entry = procfs::entry_point_in(core.notes().auxiliary_vector);
  if (const MappedFile* mapped = find_mapped(files, entry)) {
    executable.path = mapped->path;
    auto first = std::ranges::find_if(files, [mapped](const MappedFile& file) {
      return file.path == mapped->path && file.offset == 0;
    });
    if (first != files.end()) executable.image = read_mapped_image(core, first->range.begin);
    return executable;
  }
  executable.path = name_at_start(core);
  // gcore writes its notes last, so a core that was cut off may have none: the first ELF file in
  // memory is the executable, which lies below all libraries.
  for (Address start : core.dumped_starts()) {
    executable.image = read_mapped_image(core, start);
    if (executable.image) break;
  }
  return executable;
}

Result<ProgramFiles> find_program_files_of(CoreFile& core, const ProgramFileOptions& options) {
  CoreExecutable executable = find_executable_in(core);
  ExecutableSearch search(core, executable);
  std::vector<FileInProcess> libraries = take_libraries(core, executable.path);
  std::optional<elf::ElfFile> named;
  if (!options.executable.empty()) {
    named = TRY(elf::ElfFile::open(options.executable));
    bool of_library = std::ranges::any_of(libraries, [&](const FileInProcess& library) {
      return elf::check_same_build(library.file, *named).has_value();
    });
    if (!of_library && !search.matches(*named)) return search.not_the_one(*named);
  }
  std::optional<elf::ElfFile> file = search.find();
  // Named may be the executable itself, which is not where it was, or one that knows more.
  bool knows_names = named && (named->has_debug_info() || named->find_section(".symtab"));
  ProgramFileOptions debug = file && knows_names ? options : ProgramFileOptions{};
  if (!file) file = std::exchange(named, std::nullopt);
  if (!file) return search.not_found();
  std::uint64_t slide = TRY(find_slide(core, executable, *file));
  core.take_from(TRY(elf::ElfFile::open(file->path())), slide);
  bool by_process = file->path().starts_with("/proc/");
  std::string path = by_process ? executable.path : file->path();
  return choose_program_files({std::move(*file), path, slide}, std::move(libraries), debug, {"/"},
                              core.path());
}

}  // namespace seep::target
