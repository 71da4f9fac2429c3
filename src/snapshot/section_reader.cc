#include "snapshot/section_reader.h"

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "snapshot/section_writer.h"

namespace seep::snapshot {

namespace {

constexpr std::size_t kChunkBytes = SectionWriter::kChunkBytes;
constexpr std::size_t kPackedBytes = ZSTD_COMPRESSBOUND(kChunkBytes);
// A file may unpack to this many times its size and some more: real ones to 20 times, those that
// hold almost nothing but free slots to a few hundred.
constexpr std::uint64_t kMaxExpansion = 1000;
constexpr std::uint64_t kAlwaysAllowed = std::uint64_t{64} << 20;

}  // namespace

SectionReader::SectionReader(std::FILE* file, std::uint64_t file_bytes)
    : file_(file),
      file_bytes_(file_bytes),
      decompressor_(ZSTD_createDCtx()),
      hash_(XXH3_createState()),
      // A few bytes left of a chunk stand before the next one.
      buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(kChunkBytes + 16)),
      compressed_(std::make_unique_for_overwrite<std::uint8_t[]>(kPackedBytes)) {
  if (decompressor_ == nullptr || hash_ == nullptr) note(ErrorKind::kIo, std::strerror(ENOMEM));
}

SectionReader::~SectionReader() {
  ZSTD_freeDCtx(decompressor_);
  XXH3_freeState(hash_);
}

std::uint64_t SectionReader::note(ErrorKind kind, const char* what) {
  if (!error_) {
    details_ = {kind, what};
    if (section_ != 0) details_.message = "section " + std::to_string(section_) + ": " + what;
  }
  error_ = true;
  position_ = end_ = 0;
  section_done_ = true;
  return 0;
}

Result<void> SectionReader::status() const {
  if (error_) return std::unexpected<Error>(details_);
  return {};
}

bool SectionReader::raw(void* bytes, std::size_t count) {
  if (error_) return false;
  errno = 0;
  if (std::fread(bytes, 1, count, file_) == count) return true;
  if (std::ferror(file_) != 0) {
    note(ErrorKind::kIo, std::strerror(errno));
  } else {
    note(ErrorKind::kTruncated, "the file ends too early");
  }
  return false;
}

std::uint32_t SectionReader::begin() {
  section_ = 0;
  std::uint32_t section = 0;
  if (!raw(&section, sizeof section)) return 0;
  section_ = section;
  XXH3_64bits_reset(hash_);
  XXH3_64bits_update(hash_, &section, sizeof section);
  position_ = end_ = 0;
  section_done_ = false;
  return section;
}

bool SectionReader::read_chunk() {
  std::uint32_t sizes[2];
  if (!raw(sizes, sizeof sizes)) return false;
  if (sizes[0] == 0 && sizes[1] == 0) {
    section_done_ = true;
    raw(&checksum_, sizeof checksum_);
    return false;
  }
  if (sizes[0] == 0 || sizes[0] > kChunkBytes || sizes[1] == 0 || sizes[1] > kPackedBytes)
    return broken("a chunk has an impossible size") != 0;
  unpacked_bytes_ += sizes[0];
  if (unpacked_bytes_ > kAlwaysAllowed + kMaxExpansion * file_bytes_)
    return broken("it unpacks to more than a snapshot can hold") != 0;
  if (!raw(compressed_.get(), sizes[1])) return false;
  XXH3_64bits_update(hash_, sizes, sizeof sizes);
  XXH3_64bits_update(hash_, compressed_.get(), sizes[1]);
  std::size_t got = ZSTD_decompressDCtx(decompressor_, buffer_.get() + end_, sizes[0],
                                        compressed_.get(), sizes[1]);
  if (ZSTD_isError(got) || got != sizes[0]) return broken("its bytes cannot be decompressed") != 0;
  end_ += got;
  return true;
}

bool SectionReader::refill() {
  if (section_done_) return false;
  std::memmove(buffer_.get(), buffer_.get() + position_, available());
  end_ = available();
  position_ = 0;
  while (available() < 10)
    if (!read_chunk()) return false;
  return true;
}

std::uint64_t SectionReader::slow_number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (error_) return 0;
    if (position_ == end_) return broken("it ends too early");
    std::uint8_t byte = buffer_[position_++];
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return broken("a number is longer than 64 bits");
}

std::string SectionReader::text() {
  std::uint64_t length = number();
  std::string text;
  while (text.size() < length && ok()) {
    if (available() == 0 && !refill() && available() == 0) {
      broken("it ends too early");
      return {};
    }
    std::size_t piece = std::min<std::uint64_t>(available(), length - text.size());
    text.append(reinterpret_cast<const char*>(buffer_.get()) + position_, piece);
    position_ += piece;
  }
  return text;
}

std::size_t SectionReader::believable(std::uint64_t count) const {
  return static_cast<std::size_t>(std::min<std::uint64_t>(count, 4096 + 8 * file_bytes_));
}

void SectionReader::end() {
  if (!error_ && available() == 0 && !section_done_) read_chunk();
  if (error_) return;
  if (available() != 0 || !section_done_) {
    broken("it has more bytes than it should");
    return;
  }
  if (XXH3_64bits_digest(hash_) != checksum_) broken("its checksum does not fit");
}

void SectionReader::skip_rest() {
  while (!error_ && !section_done_) {
    position_ = end_ = 0;
    read_chunk();
  }
  position_ = end_ = 0;
}

}  // namespace seep::snapshot
