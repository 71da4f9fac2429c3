// Who claims which part of a range: lists of claims in the order of their strength.
#pragma once

#include <span>
#include <vector>

#include "base/address.h"
#include "goruntime/figures/memory_parts.h"

namespace seep::pipeline {

struct ClaimedPiece {
  AddressRange range;
  const goruntime::MemoryPart* part = nullptr;  ///< null: nobody claims it
};

/// What two ranges have in common; empty if nothing.
AddressRange intersection(AddressRange a, AddressRange b);

/// Cuts a range into what the first list holds and what lies between; the latter is cut by the next
/// list, and so on. Adds to `pieces`, rising; together they are the range.
void split(AddressRange range, std::span<const goruntime::MemoryParts> claims,
           std::vector<ClaimedPiece>& pieces);

}  // namespace seep::pipeline
