#include "target/saved_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

#include "procfs/proc_file.h"

namespace seep::target {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;
constexpr std::size_t kMaxThreads = 4;
// 64 TiB: more than any program has; the sum of foreign numbers is bounded by it.
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 46;

// /proc/PID/pagemap: Documentation/admin-guide/mm/pagemap.rst.
constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
constexpr std::uint64_t kSwapped = std::uint64_t{1} << 62;

std::vector<AddressRange> merged(std::vector<AddressRange> ranges) {
  for (AddressRange& range : ranges) {
    range.begin = range.begin.aligned_down(kPage);
    range.end = (range.end + (kPage - 1)).aligned_down(kPage);
  }
  std::sort(ranges.begin(), ranges.end());
  std::vector<AddressRange> result;
  for (const AddressRange& range : ranges) {
    if (range.size() == 0) continue;
    if (!result.empty() && range.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, range.end);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

}  // namespace

std::vector<AddressRange> private_writable_ranges(const std::vector<procfs::Mapping>& mappings) {
  std::vector<AddressRange> ranges;
  for (const procfs::Mapping& mapping : mappings) {
    if (mapping.readable && mapping.writable && !mapping.shared) ranges.push_back(mapping.range);
  }
  return ranges;
}

SavedCopy::~SavedCopy() {
  if (store_ != nullptr) munmap(store_, store_bytes_);
}

Result<void> SavedCopy::make_store(std::size_t bytes) {
  if (bytes <= store_bytes_) return {};
  if (store_ != nullptr) munmap(store_, store_bytes_);
  store_ = nullptr;
  store_bytes_ = 0;
  // Room to grow, so that the second copy need not move.
  std::size_t size = bytes + bytes / 8;
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return fail(ErrorKind::kIo,
                std::string("no memory for a copy of the process: ") + std::strerror(errno));
  }
  store_ = static_cast<std::byte*>(memory);
  store_bytes_ = size;
  return {};
}

// Cuts the ranges at mappings and into pieces; each has its place in the store.
void SavedCopy::plan(const std::vector<AddressRange>& ranges) {
  pieces_.clear();
  std::byte* next = store_;
  for (const AddressRange& range : ranges) {
    for (const procfs::Mapping& mapping : mappings_) {
      Address end = std::min(range.end, mapping.range.end);
      Address at = std::max(range.begin, mapping.range.begin);
      if (!mapping.readable) continue;
      while (at < end) {
        std::uint64_t size = std::min(kPieceBytes, end - at);
        pieces_.push_back({{at, at + size}, next, mapping.is_anonymous()});
        next += size;
        at = at + size;
      }
    }
  }
}

void SavedCopy::copy_piece(Piece& piece, int pagemap) const {
  std::array<std::uint64_t, kPieceBytes / kPage> entries;
  std::size_t pages = static_cast<std::size_t>(piece.range.size() / kPage);
  bool known = false;
  if (piece.anonymous && pagemap >= 0) {
    ssize_t want = static_cast<ssize_t>(pages * 8);
    known = pread(pagemap, entries.data(), static_cast<std::size_t>(want),
                  static_cast<off_t>(piece.range.begin.value() / kPage * 8)) == want;
  }
  if (!known) std::fill_n(entries.begin(), pages, kPresent);
  for (std::size_t first = 0, last = 0; first < pages; first = last) {
    bool present = (entries[first] & (kPresent | kSwapped)) != 0;
    while (last < pages && ((entries[last] & (kPresent | kSwapped)) != 0) == present) ++last;
    std::span<std::byte> place(piece.store + first * kPage, (last - first) * kPage);
    if (!present) {
      madvise(place.data(), place.size(), MADV_DONTNEED);
      continue;
    }
    std::size_t got = live_.read_some(piece.range.begin + first * kPage, place);
    if (got != place.size()) {
      piece.range.end = piece.range.begin + (first * kPage + got);
      return;
    }
  }
}

void SavedCopy::copy_pieces(int pagemap) {
  std::atomic<std::size_t> next{0};
  auto work = [this, &next, pagemap] {
    for (std::size_t i = next++; i < pieces_.size(); i = next++) copy_piece(pieces_[i], pagemap);
  };
  std::size_t count = std::min<std::size_t>(kMaxThreads, std::thread::hardware_concurrency());
  std::vector<std::jthread> threads;
  if (pieces_.size() > 1) {
    for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work);
  }
  work();
}

Result<void> SavedCopy::fill(const std::vector<AddressRange>& ranges,
                             std::vector<procfs::Mapping> mappings) {
  mappings_ = std::move(mappings);
  std::vector<AddressRange> wanted = merged(ranges);
  std::uint64_t bytes = 0;
  for (const AddressRange& range : wanted) {
    for (const procfs::Mapping& mapping : mappings_) {
      AddressRange both{std::max(range.begin, mapping.range.begin),
                        std::min(range.end, mapping.range.end)};
      if (mapping.readable) bytes = std::min(bytes + both.size(), kMaxBytes + 1);
    }
  }
  if (bytes > kMaxBytes) return fail(ErrorKind::kIo, "the memory of the process is too large");
  TRY(make_store(static_cast<std::size_t>(bytes)));
  plan(wanted);
  int pagemap = open(procfs::proc_path(live_.pid(), "pagemap").c_str(), O_RDONLY | O_CLOEXEC);
  copy_pieces(pagemap);
  if (pagemap >= 0) close(pagemap);
  return {};
}

// The bytes from `address` that one piece (or one unchangeable mapping) has.
std::size_t SavedCopy::read_piece(Address address, std::span<std::byte> out) const {
  std::vector<Piece>::const_iterator after =
      std::upper_bound(pieces_.begin(), pieces_.end(), address,
                       [](Address a, const Piece& piece) { return a < piece.range.begin; });
  if (after != pieces_.begin()) {
    const Piece& piece = *(after - 1);
    if (piece.range.contains(address)) {
      std::size_t count =
          static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), piece.range.end - address));
      std::memcpy(out.data(), piece.store + (address - piece.range.begin), count);
      return count;
    }
  }
  const procfs::Mapping* mapping = procfs::find_mapping(mappings_, address);
  if (mapping == nullptr || mapping->writable || !mapping->readable) return 0;
  std::size_t count =
      static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), mapping->range.end - address));
  return live_.read_some(address, out.first(count));
}

std::size_t SavedCopy::read_some(Address address, std::span<std::byte> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    std::size_t count = read_piece(address + done, out.subspan(done));
    if (count == 0) break;
    done += count;
  }
  return done;
}

}  // namespace seep::target
