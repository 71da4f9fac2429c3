#include "goruntime/figures/figure_image.h"

#include <algorithm>
#include <cstring>

#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kMostProcessors = 8192;  // NR_CPUS of the largest kernels
constexpr std::uint32_t kLargestCacheWindow = 4096;

template <typename T>
bool same_bytes(const std::vector<T>& one, const std::vector<T>& other) {
  return one.size() == other.size() &&
         (one.empty() || std::memcmp(one.data(), other.data(), one.size() * sizeof(T)) == 0);
}

// A word of a window; nothing for what lies outside.
std::optional<std::uint64_t> number_in(std::span<const std::byte> bytes, std::uint32_t first,
                                       Member member, std::uint64_t inside) {
  if (member.size == 0 || member.offset < first) return std::nullopt;
  std::uint64_t at = member.offset - first + inside;
  std::uint64_t width = member.size == 4 ? 4 : 8;
  if (at > bytes.size() || width > bytes.size() - at) return std::nullopt;
  if (width == 4) return load_unchecked<std::uint32_t>(bytes.data() + at);
  return load_unchecked<std::uint64_t>(bytes.data() + at);
}

}  // namespace

FigureImage::FigureImage(const PeekPlan& plan, std::uint64_t slide) : plan_(plan), slide_(slide) {
  std::size_t total = 0;
  for (const FigureWindow& window : plan.windows) {
    if (!window.variable.is_null()) total += window.bytes;
  }
  windows_.resize(total);
  const auto& cache = plan.layout.mcache;
  std::uint64_t first = cache.local_largefree.offset, end = end_of(cache.local_nsmallfree);
  if (cache.local_nsmallfree.exists() && first < end && end - first <= kLargestCacheWindow) {
    cache_window_ = {Address(), cache.local_largefree.offset,
                     static_cast<std::uint32_t>(end - first)};
  }
}

bool FigureImage::wants_caches() const {
  return cache_window_.bytes != 0 && plan_.layout.p.mcache.size == sizeof(std::uint64_t);
}

bool FigureImage::read(const target::MemoryReader& memory) {
  windows_before_ = windows_;
  processors_before_ = processors_;
  of_processors_before_ = of_processors_;
  caches_before_ = caches_;
  bool had_all = processors_known_ && (caches_known_ || !wants_caches());
  if (!had_all || !read_again(memory)) {
    read_anew(memory);
    return false;
  }
  return same_bytes(windows_, windows_before_) &&
         same_bytes(of_processors_, of_processors_before_) && same_bytes(caches_, caches_before_);
}

// Everything at the places where it was. False: the places are not the same any more.
bool FigureImage::read_again(const target::MemoryReader& memory) {
  constexpr Member kList{0, 8}, kLength{8, 8};
  std::optional<std::uint64_t> list = number(FigureSource::kProcessors, kList);
  memory.read_pieces(pieces_);
  for (target::MemoryPiece& piece : pieces_) piece.readable &= !piece.out.empty();
  auto rest = std::span(pieces_).subspan(kFigureSources);
  return std::ranges::all_of(rest, &target::MemoryPiece::readable) &&
         number(FigureSource::kProcessors, kList) == list &&
         number(FigureSource::kProcessors, kLength) == processors_.size() &&
         processors_ == processors_before_ &&
         std::ranges::equal(of_processors_, of_processors_before_, {}, &OfProcessor::cache,
                            &OfProcessor::cache);
}

void FigureImage::read_anew(const target::MemoryReader& memory) {
  processors_known_ = caches_known_ = false;
  pieces_.clear();
  std::span<std::byte> rest(windows_);
  for (const FigureWindow& window : plan_.windows) {
    std::size_t bytes = window.variable.is_null() ? 0 : window.bytes;
    add(window.variable + slide_ + window.first, rest.first(bytes));
    rest = rest.subspan(bytes);
  }
  memory.read_pieces(pieces_);
  for (target::MemoryPiece& piece : pieces_) piece.readable &= !piece.out.empty();
  processors_known_ = find_processors(memory);
  caches_known_ = processors_known_ && wants_caches() && find_caches(memory);
}

bool FigureImage::find_processors(const target::MemoryReader& memory) {
  constexpr Member kList{0, 8}, kLength{8, 8};
  std::optional<std::uint64_t> list = number(FigureSource::kProcessors, kList);
  std::uint64_t count = number(FigureSource::kProcessors, kLength).value_or(0);
  if (!list || count == 0 || count > kMostProcessors) return false;
  if (plan_.layout.p.gFree_size.size != sizeof(std::int32_t)) return false;
  processors_.assign(static_cast<std::size_t>(count), 0);
  std::span<std::byte> addresses = std::as_writable_bytes(std::span(processors_));
  if (!memory.read(Address(*list), addresses)) return false;
  add(Address(*list), addresses);
  std::size_t first = pieces_.size();
  add_processors();
  std::span<target::MemoryPiece> parts = std::span(pieces_).subspan(first);
  memory.read_pieces(parts);
  return std::ranges::all_of(parts, &target::MemoryPiece::readable);
}

void FigureImage::add_processors() {
  const auto& fields = plan_.layout.p;
  of_processors_.assign(processors_.size(), {});
  for (std::size_t i = 0; i < processors_.size(); ++i) {
    Address p(processors_[i]);
    std::span<std::byte> words = std::as_writable_bytes(std::span(of_processors_).subspan(i, 1));
    add(p + fields.gFree_size.offset, words.first(sizeof(std::int32_t)));
    if (wants_caches()) add(p + fields.mcache.offset, words.subspan(sizeof(std::uint64_t)));
  }
}

bool FigureImage::find_caches(const target::MemoryReader& memory) {
  std::size_t first = pieces_.size();
  add_caches();
  std::span<target::MemoryPiece> parts = std::span(pieces_).subspan(first);
  memory.read_pieces(parts);
  return std::ranges::all_of(parts, &target::MemoryPiece::readable);
}

// A P that is out of use has no cache.
void FigureImage::add_caches() {
  std::size_t count = static_cast<std::size_t>(std::ranges::count_if(
      of_processors_, [](const OfProcessor& processor) { return processor.cache != 0; }));
  caches_.assign(count * cache_window_.bytes, std::byte());
  std::span<std::byte> rest(caches_);
  for (const OfProcessor& processor : of_processors_) {
    if (processor.cache == 0) continue;
    add(Address(processor.cache) + cache_window_.first, rest.first(cache_window_.bytes));
    rest = rest.subspan(cache_window_.bytes);
  }
}

std::optional<std::uint64_t> FigureImage::number(FigureSource source, Member member,
                                                 std::uint64_t inside) const {
  const target::MemoryPiece& piece = pieces_[static_cast<std::size_t>(source)];
  if (!piece.readable) return std::nullopt;
  return number_in(piece.out, plan_[source].first, member, inside);
}

std::span<const std::byte> FigureImage::bytes(FigureSource source, Member member) const {
  const target::MemoryPiece& piece = pieces_[static_cast<std::size_t>(source)];
  std::uint32_t first = plan_[source].first;
  if (!piece.readable || member.offset < first) return {};
  std::size_t at = member.offset - first;
  if (at > piece.out.size() || member.size > piece.out.size() - at) return {};
  return piece.out.subspan(at, member.size);
}

std::optional<std::int64_t> FigureImage::free_on_processors() const {
  if (!processors_known_) return std::nullopt;
  std::int64_t total = 0;
  for (const OfProcessor& processor : of_processors_) {
    total += static_cast<std::int32_t>(processor.free);
  }
  return total;
}

std::optional<std::size_t> FigureImage::caches() const {
  if (!caches_known_) return std::nullopt;
  return caches_.size() / cache_window_.bytes;
}

std::optional<std::uint64_t> FigureImage::of_cache(std::size_t cache, Member member,
                                                   std::uint64_t inside) const {
  std::span<const std::byte> bytes =
      std::span<const std::byte>(caches_).subspan(cache * cache_window_.bytes, cache_window_.bytes);
  return number_in(bytes, cache_window_.first, member, inside);
}

}  // namespace seep::goruntime
