// Which type an object has, as far as the words of the heap say it without types of their own:
// headers, the type words of interfaces, and the first words of closures (see
// snapshot::ClaimSource). Several words may claim one object; the strongest claim stays.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <unordered_map>

#include "base/address.h"
#include "base/diagnostics.h"
#include "goruntime/heap/object_scan.h"
#include "snapshot/go_type.h"
#include "snapshot/heap.h"

namespace seep::goruntime {

/// Who understands the words. Each returns none for words that mean nothing to it. Called by one
/// thread, once per distinct word.
struct ClaimResolvers {
  std::function<snapshot::TypeId(Address descriptor)> element;  ///< TypeReader::type_at
  std::function<snapshot::TypeId(Address word)> boxed;          ///< TypeReader::boxed
  std::function<snapshot::TypeId(Address entry)> closure;       ///< TypeReader::closure
  /// TypeReader::channel_of; empty where no claims for channels are wanted.
  std::function<snapshot::TypeId(Address descriptor)> channel{};
};

class ClaimMerger {
 public:
  /// Everything outlives the merger. Writes to heap.claims.
  ClaimMerger(const ClaimResolvers& resolvers, const snapshot::TypeTable& types,
              snapshot::Heap& heap, Diagnostics& diagnostics)
      : resolvers_(resolvers), types_(types), heap_(heap), diagnostics_(diagnostics) {}

  void add(const RawClaim& claim);

 private:
  // A memo in front of the map: neighbours mostly make the same claims.
  struct Memo {
    std::uint64_t word = 0;
    snapshot::TypeId type;
    bool filled = false;
    RawClaim::Kind kind = RawClaim::kHeader;
  };

  snapshot::TypeId resolve(const RawClaim& claim);
  bool fits(const RawClaim& claim, const snapshot::GoType& type) const;
  bool beats(snapshot::TypeId wanted, snapshot::TypeId other) const;

  const ClaimResolvers& resolvers_;
  const snapshot::TypeTable& types_;
  snapshot::Heap& heap_;
  Diagnostics& diagnostics_;
  std::array<Memo, 1024> memo_;
  std::array<std::unordered_map<std::uint64_t, snapshot::TypeId>, 4> known_;
};

}  // namespace seep::goruntime
