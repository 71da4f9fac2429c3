#include "monitor/sealed_bytes.h"

#include <xxhash.h>

#include <cstring>
#include <string>

namespace seep::monitor {

namespace {

std::uint32_t checksum(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(XXH3_64bits(bytes.data(), bytes.size()));
}

}  // namespace

std::vector<std::byte> SealedBytesBuilder::seal() && {
  std::uint32_t sum = checksum(bytes_);
  append(std::as_bytes(std::span(&sum, 1)));
  return std::move(bytes_);
}

Result<std::span<const std::byte>> unsealed(std::span<const std::byte> bytes, const char* what) {
  if (bytes.size() < sizeof(std::uint32_t))
    return fail(ErrorKind::kTruncated, std::string(what) + " is too short");
  std::span<const std::byte> content = bytes.first(bytes.size() - sizeof(std::uint32_t));
  if (load_unchecked<std::uint32_t>(bytes.data() + content.size()) != checksum(content))
    return fail(ErrorKind::kCorrupt, std::string(what) + ": the checksum is wrong");
  return content;
}

}  // namespace seep::monitor
