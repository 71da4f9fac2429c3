#include "goruntime/types/type_claims.h"

namespace seep::goruntime {

namespace {

using snapshot::ClaimSource;
using snapshot::TypeClaim;
using snapshot::TypeId;

ClaimSource source_of(RawClaim::Kind kind) {
  switch (kind) {
    case RawClaim::kHeader:
      return ClaimSource::kHeader;
    case RawClaim::kInterface:
    case RawClaim::kChannel:  // no more certain than that
      return ClaimSource::kInterface;
    case RawClaim::kClosure:
      return ClaimSource::kClosure;
  }
  return ClaimSource::kNone;
}

}  // namespace

void ClaimMerger::add(const RawClaim& claim) {
  TypeClaim& place = heap_.claims[claim.object];
  ClaimSource source = source_of(claim.kind);
  if (place.source() > source) return;
  TypeId type = resolve(claim);
  if (type.is_none() || type == place.type()) return;
  if (place.source() == source && !beats(type, place.type())) return;
  if (source == ClaimSource::kInterface && !fits(claim, types_[type])) return;
  place = TypeClaim(type, source);
}

TypeId ClaimMerger::resolve(const RawClaim& claim) {
  Memo& memo = memo_[(claim.word >> 4) % memo_.size()];
  if (memo.filled && memo.word == claim.word && memo.kind == claim.kind) return memo.type;
  auto [found, is_new] = known_[claim.kind].try_emplace(claim.word);
  if (is_new) {
    Address word(claim.word);
    switch (claim.kind) {
      case RawClaim::kHeader:
        found->second = resolvers_.element(word);
        break;
      case RawClaim::kInterface:
        found->second = resolvers_.boxed(word);
        break;
      case RawClaim::kClosure:
        found->second = resolvers_.closure(word);
        break;
      case RawClaim::kChannel:
        if (resolvers_.channel) found->second = resolvers_.channel(word);
        break;
    }
  }
  memo = {claim.word, found->second, true, claim.kind};
  return found->second;
}

// Values without pointers of less than 16 bytes share a slot (mallocgcTiny, malloc.go): the claim
// is then that of one of several. That is still the best that is known of a boxed number.
bool ClaimMerger::fits(const RawClaim& claim, const snapshot::GoType& type) const {
  std::uint64_t slot_bytes = claim.slot_bytes;
  if (slot_bytes == 0) slot_bytes = heap_.size_of(snapshot::ObjectId{claim.object});
  if (type.size > slot_bytes) {
    diagnostics_.count("interfaces whose type is larger than what they point to");
    return false;
  }
  return true;
}

// Of two types that interfaces give one object, the larger one is the object's and the other that
// of its first field.
bool ClaimMerger::beats(TypeId wanted, TypeId other) const {
  std::uint64_t wanted_bytes = types_[wanted].size;
  std::uint64_t other_bytes = types_[other].size;
  return wanted_bytes != other_bytes ? wanted_bytes > other_bytes : wanted < other;
}

}  // namespace seep::goruntime
