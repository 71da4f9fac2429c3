// Writing the sections of a snapshot file: numbers and texts in, compressed and checksummed chunks
// out. docs/formats/seep-snapshot.md describes the bytes.
//
// Errors stick: after the first one nothing more is written, and finish() tells it.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"

struct ZSTD_CCtx_s;
struct XXH3_state_s;

namespace seep::snapshot {

class SectionWriter {
 public:
  /// Does not own the file.
  explicit SectionWriter(std::FILE* file);
  ~SectionWriter();
  SectionWriter(const SectionWriter&) = delete;
  SectionWriter& operator=(const SectionWriter&) = delete;

  /// Bytes outside any section.
  void raw(const void* bytes, std::size_t count);

  void begin(std::uint32_t section);
  void end();

  /// Unsigned LEB128.
  void number(std::uint64_t value) {
    if (buffer_.size() + 10 > kChunkBytes) flush();
    while (value >= 0x80) {
      buffer_.push_back(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    buffer_.push_back(static_cast<std::uint8_t>(value));
  }
  /// Small for values around zero.
  void signed_number(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void text(std::string_view text);

  Result<void> status() const;

  static constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

 private:
  void flush();

  std::FILE* file_;
  ZSTD_CCtx_s* compressor_;
  XXH3_state_s* hash_;
  std::vector<std::uint8_t> buffer_;
  std::vector<std::uint8_t> compressed_;
  int failed_ = 0;  ///< errno of the first failure
};

}  // namespace seep::snapshot
