#include "snapshot/resident_memory.h"

namespace seep::snapshot {

std::string_view name_of(Resident account) {
  constexpr std::array<std::string_view, kResidentAccounts> kNames = {
      "Go heap, live",          "Go heap, garbage",  "Go heap, unused parts of spans",
      "Go heap, free and kept", "given back lazily", "huge pages over given back",
      "goroutine stacks",       "runtime metadata",  "profile buckets",
      "binary and libraries",   "C memory",          "mapped by the program itself",
      "thread stacks",          "mapped files",      "shared memory",
      "kernel's own",           "unexplained",
  };
  return kNames[static_cast<std::size_t>(account)];
}

}  // namespace seep::snapshot
