// The memory of a process that was written to a file: by the kernel when it crashed, by gdb's
// gcore, or by another tool that writes ELF core files.
//
// What a core holds is decided by who wrote it. The kernel (fs/coredump.c, vma_dump_size, with the
// usual coredump_filter of 0x33) writes private memory that was ever written to, whole; of files
// that are only mapped it writes the first page if that begins an ELF file, else nothing; of memory
// that nobody has touched, nothing, and that reads as zero. gcore leaves out what was not modified,
// often without a program header. So bytes come from three places:
//
//   1. the core, as far as the file reaches;
//   2. the files that were mapped, once they are found (take_from): only parts that the program
//      could not write to, as linked;
//   3. zero: private memory without a file that the kernel left out although it writes such memory.
//
// What is nowhere is not readable, never zero.
//
// The file is read, not mapped: the next crash may overwrite a core in place, and a mapping of a
// file that shrinks kills the reader.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "base/result.h"
#include "elf/elf_file.h"
#include "target/core_notes.h"
#include "target/memory_reader.h"

namespace seep::target {

class CoreFile final : public MemoryReader {
 public:
  /// kNotFound, kPermissionDenied, kIo; kUnsupported for what is no core of a 64-bit x86 program;
  /// kTruncated if the file ends before its program headers do, kCorrupt if they make no sense.
  static Result<std::unique_ptr<CoreFile>> open(const std::string& path);

  CoreFile(const CoreFile&) = delete;
  CoreFile& operator=(const CoreFile&) = delete;
  ~CoreFile() override;

  std::size_t read_some(Address address, std::span<std::byte> out) const override;

  /// Adds what the core left out of a file that was mapped at linked address plus `slide`.
  void take_from(elf::ElfFile file, std::uint64_t slide);

  const std::string& path() const { return path_; }
  const CoreNotes& notes() const { return notes_; }
  /// When the file was last written, Unix time.
  std::uint64_t written_unix_ms() const { return written_unix_ms_; }
  /// Where the pieces of memory begin that the core holds itself: rising.
  std::vector<Address> dumped_starts() const;
  /// Bytes that the program headers promise and the file does not have.
  std::uint64_t cut_off_bytes() const { return cut_off_bytes_; }
  /// What of the file was skipped.
  const Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  static constexpr int kNoFile = -1;
  /// A piece of memory; pieces do not overlap.
  struct Piece {
    AddressRange range;
    int file = kNoFile;  ///< a descriptor; kNoFile: zero
    std::uint64_t offset = 0;
  };
  struct Header;

  CoreFile() = default;
  Result<void> open_file(const std::string& path);
  Result<void> read_headers();
  Result<std::vector<Header>> read_program_headers();
  void read_notes(std::uint64_t offset, std::uint64_t bytes);
  void add_dumped(const std::vector<Header>& headers);
  void add_untouched(const std::vector<Header>& headers);
  void add_where_free(const std::vector<Piece>& pieces);
  bool is_mapped_file(AddressRange range) const;
  std::size_t read_piece(const Piece& piece, std::uint64_t at, std::span<std::byte> out) const;
  std::unexpected<Error> refuse(ErrorKind kind, const std::string& why) const;

  std::string path_;
  int descriptor_ = -1;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t written_unix_ms_ = 0;
  std::uint64_t cut_off_bytes_ = 0;
  CoreNotes notes_;
  std::uint64_t notes_left_ = std::uint64_t{1} << 20;         ///< a hostile file has no end of them
  std::uint64_t note_bytes_left_ = std::uint64_t{256} << 20;  ///< of bodies that are kept
  std::vector<Piece> pieces_;                                 ///< rise by address
  std::vector<elf::ElfFile> files_;
  Diagnostics diagnostics_;
};

}  // namespace seep::target
