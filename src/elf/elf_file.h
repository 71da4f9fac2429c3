// An executable file: its segments, sections and bytes. 64-bit x86 ELF only; everything else is
// refused with a sentence. Nothing here knows Go but for the names of notes in build_info.h.
//
// The file is mapped, not read: opening one costs microseconds, so that `seep ps` can look at every
// process. All offsets of the file are checked once, here; what the accessors return is in bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace seep::elf {

/// A loaded part of the file. Addresses are as linked: the process adds its slide.
struct Segment {
  AddressRange addresses;  ///< in memory; the tail past file_bytes is zero at start
  std::uint64_t file_offset = 0;
  std::uint64_t file_bytes = 0;
  bool readable = false, writable = false, executable = false;
};

struct Section {
  std::string name;
  Address address;  ///< null for sections that are not loaded
  std::uint64_t bytes = 0;
  std::uint64_t file_offset = 0;
  std::uint32_t type = 0;  ///< SHT_*
  std::uint32_t link = 0;
  bool loaded = false;      ///< part of the program in memory (SHF_ALLOC)
  bool in_file = false;     ///< has bytes in the file, all of them inside it
  bool compressed = false;  ///< contents() would return the packed form
};

/// Immutable after open(), so it may be shared by threads.
class ElfFile {
 public:
  /// `path` may be /proc/PID/exe. Errors: kNotFound, kPermissionDenied, kIo; kUnsupported for what
  /// is no 64-bit x86 executable; kTruncated and kCorrupt for damaged ones. `name` is for messages;
  /// empty: the path.
  static Result<ElfFile> open(const std::string& path, const std::string& name = "");

  /// The same of an open file, which becomes this object's. `name` is for messages.
  static Result<ElfFile> adopt(int descriptor, const std::string& name);

  /// A file that need not hold what is loaded: debug information that was cut off an executable
  /// (objcopy --only-keep-debug, eu-strip -f), whose program headers still speak of all of it.
  /// loaded_bytes() has none.
  static Result<ElfFile> adopt_debug_file(int descriptor, const std::string& name);

  ElfFile(ElfFile&& other) noexcept;
  ElfFile& operator=(ElfFile&& other) noexcept;
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;
  ~ElfFile();

  /// The path that was opened, or the name that was given with it.
  const std::string& path() const { return path_; }
  /// ET_DYN: the kernel chooses where it is loaded, so there is a slide.
  bool position_independent() const { return position_independent_; }
  /// Loads libraries when it starts, or is one.
  bool dynamic() const { return dynamic_; }
  /// Where the program begins, as linked: the process's own entry point minus this is the slide.
  Address entry_point() const { return entry_point_; }
  const std::vector<Segment>& segments() const { return segments_; }
  const std::vector<Section>& sections() const { return sections_; }
  /// Null if there is none of that name.
  const Section* find_section(std::string_view name) const;
  /// Empty for sections without bytes in the file.
  std::span<const std::byte> contents(const Section& section) const;
  /// The file's bytes that are loaded at [address, address + bytes): empty unless all are in one
  /// segment's file part.
  std::span<const std::byte> loaded_bytes(Address address, std::uint64_t bytes) const;
  /// The open file, for libraries that map it themselves. Stays this object's.
  int descriptor() const { return descriptor_; }
  std::size_t image_bytes() const { return image_.size(); }

  /// Whether there is debug information at all (packed in the old or new way, or plain).
  bool has_debug_info() const;
  /// All of the file.
  std::span<const std::byte> image() const { return image_; }

 private:
  ElfFile() = default;
  Result<void> map(int descriptor, const std::string& name);
  Result<void> read_header();
  Result<void> read_segments(std::uint64_t offset, std::uint64_t count, std::uint64_t entry_bytes);
  Result<void> read_sections(std::uint64_t offset, std::uint64_t count, std::uint64_t entry_bytes,
                             std::uint64_t names_index);
  std::unexpected<Error> refuse(ErrorKind kind, const std::string& why) const;

  std::string path_;
  int descriptor_ = -1;
  std::span<const std::byte> image_;
  bool position_independent_ = false;
  bool dynamic_ = false;
  bool may_lack_segments_ = false;
  Address entry_point_;
  std::vector<Segment> segments_;
  std::vector<Section> sections_;
};

}  // namespace seep::elf
