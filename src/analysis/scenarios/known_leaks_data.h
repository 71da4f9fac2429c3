// Leaks of well-known packages, as data: how one shows in a snapshot, what it means, and what to
// change. A new known leak is a new entry in known_leaks_data.cc and a line in
// docs/findings/known-leaks.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "analysis/finding.h"

namespace seep::analysis {

/// How it is told from sound use. In all of them the package's own bookkeeping is looked away from:
/// its goroutines, timers and the types that are its registers (KnownLeak::keepers).
enum class KnownRule : std::uint8_t {
  kLostWaits,       ///< goroutines in `stacks` that wait for what nothing else reaches any more
  kLostObjects,     ///< objects of `subjects` that only that bookkeeping still reaches
  kManyGoroutines,  ///< goroutines in `stacks`: a program needs one or a few of them
  kManyObjects,     ///< objects of `subjects` below one object of `containers`
  kPoolOutliers,    ///< what one sync.Pool keeps is very unequal in size
  kHungHolders,     ///< goroutines that hang for ever and whose own variables are of `subjects`, or
                    ///< that are inside of a function of `stacks`
};

/// Patterns may have `*` for any text. Functions are named as in stacks, types as Go prints them or
/// with the full path of their package. Unused places are empty.
template <std::size_t kCount>
using Patterns = std::array<std::string_view, kCount>;

struct KnownLeak {
  std::string_view id;  ///< part of the finding's fingerprint
  KnownRule rule = KnownRule::kLostObjects;
  Permanence permanence = Permanence::kTemporary;
  std::string_view noun;     ///< singular, of what is counted: "HTTP response"
  std::string_view doing;    ///< what is wrong with them: "without Close"
  std::string_view meaning;  ///< why this keeps memory
  std::string_view remedy;
  std::string_view versions;  ///< of Go or of the package

  Patterns<6> stacks{};  ///< a function of the goroutine's stack
  /// The wait must be a select: elsewhere in the same function the goroutine is at work.
  bool only_in_select = false;
  Patterns<6> helpers{};     ///< as `stacks`, of goroutines that belong to it and are not counted
  Patterns<4> timers{};      ///< functions that timers call
  Patterns<4> keepers{};     ///< types whose references are bookkeeping
  Patterns<6> subjects{};    ///< types
  Patterns<4> containers{};  ///< types

  std::uint64_t possible_from = 10;  ///< so many are worth a word
  std::uint64_t likely_from = 30;    ///< so many are no accident
};

/// Most specific first: a goroutine belongs to the first entry that it matches.
std::span<const KnownLeak> known_leaks();

/// Entries fit into the bits of one word.
inline constexpr std::size_t kMostKnownLeaks = 64;

}  // namespace seep::analysis
