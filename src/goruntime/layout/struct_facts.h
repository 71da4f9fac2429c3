// What can be asked about the runtime's structs, wherever the answers come from: the debug
// information of the program (dwarf_struct_facts.h) or the table of a release.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "goruntime/layout/runtime_layout.h"

namespace seep::goruntime {

class StructFacts {
 public:
  virtual ~StructFacts() = default;

  /// Bytes of a struct, by its full name ("runtime.g") or, if its type has none, by that of the
  /// variable that it is ("var runtime.debug"); nothing if there is none of that name.
  virtual std::optional<std::uint32_t> struct_bytes(std::string_view name) const = 0;

  /// `path` "elem.vu" is member vu of the struct that member elem is. No member (size 0) if the
  /// struct has none of that name, or one that does not lie inside it.
  virtual Member member(std::string_view struct_name, std::string_view path) const = 0;

  /// Bytes of one element of an array member; 0 if there is no such array.
  virtual std::uint32_t element_bytes(std::string_view struct_name,
                                      std::string_view member) const = 0;
};

}  // namespace seep::goruntime
