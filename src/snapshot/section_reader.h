// Reading the sections of a snapshot file, which anybody may have made: every size is checked
// before memory is taken for it, every section against its checksum.
//
// Errors stick: after the first one every number is 0 and every text empty, and status() tells it.
// Loops over counts that were read ask ok() each time around.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "base/result.h"

struct ZSTD_DCtx_s;
struct XXH3_state_s;

namespace seep::snapshot {

class SectionReader {
 public:
  /// Does not own the file; `file_bytes` is its size, which bounds what is believed.
  SectionReader(std::FILE* file, std::uint64_t file_bytes);
  ~SectionReader();
  SectionReader(const SectionReader&) = delete;
  SectionReader& operator=(const SectionReader&) = delete;

  /// Bytes outside any section.
  bool raw(void* bytes, std::size_t count);

  /// The id of the section that begins here; 0 on an error.
  std::uint32_t begin();
  /// Checks the checksum; an error if the section has more bytes than were read.
  void end();
  /// Over the rest of a section whose id is not known.
  void skip_rest();

  std::uint64_t number() {
    if (end_ - position_ < 10 && !refill()) return slow_number();
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      std::uint8_t byte = buffer_[position_++];
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return broken("a number is longer than 64 bits");
  }
  std::int64_t signed_number() {
    std::uint64_t value = number();
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }
  /// A number that must be at most `limit`.
  std::uint64_t number_up_to(std::uint64_t limit) {
    std::uint64_t value = number();
    return value <= limit ? value : broken("a number is out of its range");
  }
  std::string text();

  /// How many elements to make room for at once, of `count` that the file announces and of which
  /// each takes at least a byte.
  std::size_t believable(std::uint64_t count) const;

  bool ok() const { return !error_; }
  Result<void> status() const;
  /// Notes an error of the section's contents; returns 0.
  std::uint64_t broken(const char* what) { return note(ErrorKind::kCorrupt, what); }

 private:
  bool refill();
  bool read_chunk();
  std::uint64_t slow_number();
  std::uint64_t note(ErrorKind kind, const char* what);
  std::size_t available() const { return end_ - position_; }

  std::FILE* file_;
  std::uint64_t file_bytes_;
  std::uint64_t unpacked_bytes_ = 0;
  ZSTD_DCtx_s* decompressor_;
  XXH3_state_s* hash_;
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::unique_ptr<std::uint8_t[]> compressed_;
  std::size_t position_ = 0;
  std::size_t end_ = 0;
  bool section_done_ = true;
  std::uint64_t checksum_ = 0;
  std::uint32_t section_ = 0;
  bool error_ = false;
  Error details_;
};

}  // namespace seep::snapshot
