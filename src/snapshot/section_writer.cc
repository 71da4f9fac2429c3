#include "snapshot/section_writer.h"

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace seep::snapshot {

namespace {

// The fastest level: what takes space is already packed as small numbers.
constexpr int kCompressionLevel = 1;

}  // namespace

SectionWriter::SectionWriter(std::FILE* file)
    : file_(file), compressor_(ZSTD_createCCtx()), hash_(XXH3_createState()) {
  buffer_.reserve(kChunkBytes);
  compressed_.resize(ZSTD_compressBound(kChunkBytes));
  if (compressor_ == nullptr || hash_ == nullptr) failed_ = ENOMEM;
}

SectionWriter::~SectionWriter() {
  ZSTD_freeCCtx(compressor_);
  XXH3_freeState(hash_);
}

void SectionWriter::raw(const void* bytes, std::size_t count) {
  if (failed_ != 0 || count == 0) return;
  errno = 0;
  if (std::fwrite(bytes, 1, count, file_) != count) failed_ = errno != 0 ? errno : EIO;
}

void SectionWriter::begin(std::uint32_t section) {
  if (failed_ != 0) return;
  raw(&section, sizeof section);
  XXH3_64bits_reset(hash_);
  XXH3_64bits_update(hash_, &section, sizeof section);
}

void SectionWriter::end() {
  flush();
  std::uint32_t no_more[2] = {0, 0};
  raw(no_more, sizeof no_more);
  std::uint64_t digest = failed_ == 0 ? XXH3_64bits_digest(hash_) : 0;
  raw(&digest, sizeof digest);
}

void SectionWriter::flush() {
  if (failed_ == 0 && !buffer_.empty()) {
    std::size_t size = ZSTD_compressCCtx(compressor_, compressed_.data(), compressed_.size(),
                                         buffer_.data(), buffer_.size(), kCompressionLevel);
    if (ZSTD_isError(size)) {
      failed_ = ENOMEM;
    } else {
      std::uint32_t sizes[2] = {static_cast<std::uint32_t>(buffer_.size()),
                                static_cast<std::uint32_t>(size)};
      XXH3_64bits_update(hash_, sizes, sizeof sizes);
      XXH3_64bits_update(hash_, compressed_.data(), size);
      raw(sizes, sizeof sizes);
      raw(compressed_.data(), size);
    }
  }
  buffer_.clear();
}

void SectionWriter::text(std::string_view text) {
  number(text.size());
  while (!text.empty()) {
    if (buffer_.size() == kChunkBytes) flush();
    std::size_t piece = std::min(kChunkBytes - buffer_.size(), text.size());
    buffer_.insert(buffer_.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(piece));
    text.remove_prefix(piece);
  }
}

Result<void> SectionWriter::status() const {
  if (failed_ == 0) return {};
  return fail(ErrorKind::kIo, std::strerror(failed_));
}

}  // namespace seep::snapshot
