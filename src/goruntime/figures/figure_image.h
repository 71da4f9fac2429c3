// One look at the variables that figures are made of, at a program that goes on. The first look
// takes a few system calls, since one leads to the next (the list of Ps, each P, its cache); the
// next looks of the same image take one, for as long as the Ps stay the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "goruntime/figures/peek_plan.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

class FigureImage {
 public:
  /// `plan` outlives it. `slide` is process address minus linked address.
  FigureImage(const PeekPlan& plan, std::uint64_t slide);

  /// Replaces what was read before. True if every byte came out the same as in the look before.
  bool read(const target::MemoryReader& memory);

  /// A member of 4 or 8 bytes of a variable, `inside` bytes further; nothing if there is none of
  /// that name, or it could not be read.
  std::optional<std::uint64_t> number(FigureSource source, Member member,
                                      std::uint64_t inside = 0) const;
  /// The same for bytes that are looked at one by one; empty if they could not be read.
  std::span<const std::byte> bytes(FigureSource source, Member member) const;

  /// Goroutines that ended and wait on a P to be used again; the sum over all Ps.
  std::optional<std::int64_t> free_on_processors() const;

  /// Go 1.12-1.15: how many Ps have a cache; nothing if that is not known.
  std::optional<std::size_t> caches() const;
  /// Of the part of a cache from local_largefree on.
  std::optional<std::uint64_t> of_cache(std::size_t cache, Member member,
                                        std::uint64_t inside = 0) const;

 private:
  /// What of each P is read: a word with its number of goroutines, and the address of its cache.
  struct OfProcessor {
    std::uint64_t free = 0, cache = 0;
  };

  bool read_again(const target::MemoryReader& memory);
  void read_anew(const target::MemoryReader& memory);
  bool find_processors(const target::MemoryReader& memory);
  bool find_caches(const target::MemoryReader& memory);
  void add(Address address, std::span<std::byte> out) { pieces_.push_back({address, out, false}); }
  void add_processors();
  void add_caches();
  bool wants_caches() const;

  const PeekPlan& plan_;
  std::uint64_t slide_;
  FigureWindow cache_window_;
  std::vector<std::byte> windows_, windows_before_;
  std::vector<std::uint64_t> processors_, processors_before_;  ///< addresses
  std::vector<OfProcessor> of_processors_, of_processors_before_;
  std::vector<std::byte> caches_, caches_before_;
  std::vector<target::MemoryPiece> pieces_;  ///< the windows first, by source
  bool processors_known_ = false, caches_known_ = false;
};

}  // namespace seep::goruntime
