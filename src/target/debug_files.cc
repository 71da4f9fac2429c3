#include "target/debug_files.h"

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include "elf/build_identity.h"
#include "elf/symbol_table.h"
#include "target/rooted_file.h"

namespace seep::target {
namespace {

namespace fs = std::filesystem;

struct Candidate {
  std::string root;
  std::string path;
  std::optional<std::uint32_t> checksum{};  ///< that the file must have, and that proves it
};

bool knows_names(const elf::ElfFile& file) {
  return file.has_debug_info() || file.find_section(".symtab") != nullptr;
}

std::string absolute(const std::string& path) {
  std::error_code error;
  fs::path whole = fs::absolute(path, error);
  return error ? path : whole.string();
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The cache folders of debuginfod's client, newest way first.
std::vector<std::string> cache_folders() {
  std::vector<std::string> folders;
  std::string home = variable("HOME");
  if (std::string path = variable("DEBUGINFOD_CACHE_PATH"); !path.empty()) folders.push_back(path);
  if (std::string cache = variable("XDG_CACHE_HOME"); !cache.empty()) {
    folders.push_back(cache + "/debuginfod_client");
  }
  if (!home.empty()) {
    folders.push_back(home + "/.cache/debuginfod_client");
    folders.push_back(home + "/.debuginfod_client_cache");
  }
  return folders;
}

class DebugFileSearch {
 public:
  DebugFileSearch(const elf::ElfFile& executable, const DebugPlaces& places)
      : executable_(executable), places_(places) {}

  std::optional<elf::ElfFile> find() {
    list_by_build_id();
    list_by_name();
    for (const Candidate& candidate : candidates_) {
      if (std::optional<elf::ElfFile> file = open(candidate)) return file;
    }
    return std::nullopt;
  }

 private:
  void add(const std::string& path, std::optional<std::uint32_t> checksum = std::nullopt) {
    for (const std::string& root : places_.roots) candidates_.push_back({root, path, checksum});
  }

  void list_by_build_id() {
    std::string id = elf::read_build_ids(executable_).gnu;
    if (id.size() < 4) return;
    add("/usr/lib/debug/.build-id/" + id.substr(0, 2) + "/" + id.substr(2) + ".debug");
    for (const std::string& folder : cache_folders()) {
      for (const char* name : {"/debuginfo", "/executable"}) {
        candidates_.push_back({"/", absolute(folder + "/" + id + name)});
      }
    }
  }

  void list_by_name() {
    if (places_.executable.empty()) return;
    fs::path path(places_.executable);
    std::string folder = path.parent_path().string();
    if (std::optional<elf::DebugLink> link = elf::read_debug_link(executable_)) {
      add(folder + "/" + link->name, link->checksum);
      add(folder + "/.debug/" + link->name, link->checksum);
      add("/usr/lib/debug" + folder + "/" + link->name, link->checksum);
    }
    std::string name = path.filename().string();
    for (const char* ending : {".debug", ".dbg", ".unstripped"}) {
      add(folder + "/" + name + ending);
      add(folder + "/.debug/" + name + ending);
      add("/usr/lib/debug" + folder + "/" + name + ending);
    }
  }

  std::optional<elf::ElfFile> open(const Candidate& candidate) const {
    Result<int> descriptor = open_below(candidate.root, candidate.path);
    if (!descriptor) return std::nullopt;
    Result<elf::ElfFile> file = elf::ElfFile::adopt_debug_file(*descriptor, candidate.path);
    if (!file || !knows_names(*file)) return std::nullopt;
    bool vouched = candidate.checksum && elf::checksum_of(file->image()) == *candidate.checksum;
    if (!elf::check_same_build(executable_, *file, vouched)) return std::nullopt;
    // What has symbols only is no gain for who has them.
    bool more = file->has_debug_info() || executable_.find_section(".symtab") == nullptr;
    return more ? std::optional(std::move(*file)) : std::nullopt;
  }

  const elf::ElfFile& executable_;
  const DebugPlaces& places_;
  std::vector<Candidate> candidates_;
};

}  // namespace

std::optional<elf::ElfFile> find_debug_file(const elf::ElfFile& executable,
                                            const DebugPlaces& places) {
  return DebugFileSearch(executable, places).find();
}

Result<elf::ElfFile> open_same_build(const std::string& path, const elf::ElfFile& executable) {
  Result<int> descriptor = open_below("/", absolute(path));
  if (!descriptor) {
    return fail(descriptor.error().kind,
                "cannot open the file of --exe: " + descriptor.error().message +
                    "; name a plain file that you may read");
  }
  elf::ElfFile file = TRY(elf::ElfFile::adopt_debug_file(*descriptor, path));
  TRY(elf::check_same_build(executable, file));
  return file;
}

Result<elf::ElfFile> open_named_file(const std::string& path, const elf::ElfFile& executable) {
  elf::ElfFile file = TRY(open_same_build(path, executable));
  if (!knows_names(file)) {
    return fail(ErrorKind::kInvalidArgument,
                path +
                    " is stripped as well: it has neither symbols nor debug information; name "
                    "the file as it was before it was stripped");
  }
  return file;
}

}  // namespace seep::target
