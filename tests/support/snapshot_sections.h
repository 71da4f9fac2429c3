// The unpacked sections of a snapshot file, taken apart and put together again with checksums that
// hold (docs/formats/seep-snapshot.md): what somebody writes who wants to be believed. Header only.
#pragma once

#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace seep::test {

struct SnapshotSection {
  std::uint32_t id = 0;
  std::string bytes;
};

inline constexpr std::size_t kSnapshotHeadBytes = 12;  // magic and version
inline constexpr std::size_t kSnapshotChunkBytes = std::size_t{1} << 20;

/// Of a file that is known to be sound.
inline std::vector<SnapshotSection> snapshot_sections(std::string_view file) {
  std::vector<SnapshotSection> sections;
  std::size_t at = kSnapshotHeadBytes;
  auto next_number = [&file, &at] {
    std::uint32_t number = 0;
    std::memcpy(&number, file.data() + at, sizeof number);
    at += sizeof number;
    return number;
  };
  while (at < file.size()) {
    SnapshotSection& section = sections.emplace_back();
    section.id = next_number();
    for (;;) {
      std::size_t unpacked = next_number();
      std::size_t packed = next_number();
      if (unpacked == 0) break;
      std::size_t before = section.bytes.size();
      section.bytes.resize(before + unpacked);
      ZSTD_decompress(section.bytes.data() + before, unpacked, file.data() + at, packed);
      at += packed;
    }
    at += sizeof(std::uint64_t);
  }
  return sections;
}

inline std::string snapshot_of_sections(std::string_view head,
                                        const std::vector<SnapshotSection>& sections) {
  std::string file(head.substr(0, kSnapshotHeadBytes));
  auto add = [&file](const void* from, std::size_t bytes) {
    file.append(static_cast<const char*>(from), bytes);
  };
  for (const SnapshotSection& section : sections) {
    std::size_t begin = file.size();
    add(&section.id, sizeof section.id);
    for (std::size_t at = 0; at < section.bytes.size(); at += kSnapshotChunkBytes) {
      std::size_t unpacked = std::min(kSnapshotChunkBytes, section.bytes.size() - at);
      std::string packed(ZSTD_compressBound(unpacked), '\0');
      packed.resize(
          ZSTD_compress(packed.data(), packed.size(), section.bytes.data() + at, unpacked, 1));
      std::uint32_t sizes[2] = {static_cast<std::uint32_t>(unpacked),
                                static_cast<std::uint32_t>(packed.size())};
      add(sizes, sizeof sizes);
      file += packed;
    }
    std::uint64_t checksum = XXH3_64bits(file.data() + begin, file.size() - begin);
    std::uint32_t no_more[2] = {0, 0};
    add(no_more, sizeof no_more);
    add(&checksum, sizeof checksum);
  }
  return file;
}

/// Other values in a few sections; most stay numbers of as many bytes as they were, so that what
/// follows them is understood. What was damaged.
inline std::string damage_sections(std::vector<SnapshotSection>& sections, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string what;
  for (std::uint64_t i = 1 + random() % 2; i > 0; --i) {
    SnapshotSection& section = sections[random() % sections.size()];
    if (section.bytes.empty()) continue;
    what += (what.empty() ? "section " : ", ") + std::to_string(section.id);
    std::size_t most =
        random() % 4 == 0 ? std::min<std::size_t>(section.bytes.size(), 256) : section.bytes.size();
    for (std::uint64_t j = std::uint64_t{1} << (random() % 4); j > 0; --j) {
      char& byte = section.bytes[random() % most];
      auto old = static_cast<std::uint8_t>(byte);
      std::uint8_t near = static_cast<std::uint8_t>(old + random() % 9 - 4) & 0x7f;
      std::uint8_t any = random() & 0x7f;
      std::uint8_t wrong = random() % 2 == 0 ? near : any;
      byte = static_cast<char>(random() % 16 == 0 ? random() : wrong | (old & 0x80));
    }
    if (random() % 32 == 0) section.bytes.resize(random() % section.bytes.size());
  }
  return what;
}

}  // namespace seep::test
