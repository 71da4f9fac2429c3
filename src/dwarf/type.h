// Go types as debug information has them.
//
// Where the program has a type descriptor of its own (runtime_type), that is the better source and
// goruntime/ prefers it; this serves types that only the compiler knew, and the runtime's structs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/strong_id.h"
#include "snapshot/go_type.h"

namespace seep::dwarf {

/// Names a type of one DwarfInfo; none for no type (void).
using TypeRef = StrongId<struct DwarfTypeTag>;

struct TypeField {
  std::string name;  ///< "_" for blank fields
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  TypeRef type;
};

struct Type {
  std::string name;  ///< with full import paths: "net/http.Request", "map[string]int"
  snapshot::TypeKind kind = snapshot::TypeKind::kUnknown;
  std::uint64_t bytes = 0;
  /// kPointer: what it points to. kSlice, kArray, kChan: the element. kMap: the value.
  TypeRef element;
  TypeRef key;  ///< kMap only
  /// kMap, kChan: the runtime's struct that the word points to (maps.Map, runtime.hchan or the
  /// compiler's own version of it with types filled in, "hchan<int>").
  TypeRef header;
  std::uint64_t length = 0;  ///< kArray only
  /// Fields of kStruct; of kString, kSlice and kInterface the words they are made of.
  std::vector<TypeField> fields;
  /// Where the program's own descriptor is: bytes from moduledata.types. An offset, not an address,
  /// so it needs no slide.
  std::optional<std::uint64_t> runtime_type;

  /// Null if there is no field of that name.
  const TypeField* field(std::string_view field_name) const {
    for (const TypeField& candidate : fields) {
      if (candidate.name == field_name) return &candidate;
    }
    return nullptr;
  }
};

/// A package variable.
struct Variable {
  std::string name;  ///< with the full import path: "net/http.DefaultServeMux"
  Address address;   ///< as linked: add the slide
  std::uint64_t bytes = 0;
  TypeRef type;
  std::optional<std::uint64_t> runtime_type{};  ///< of its type; see Type
};

/// A local variable or parameter, or a piece of one, that lies in its function's frame.
struct FrameVariable {
  /// As in the source; "&x" is the pointer to an x that moved to the heap, "s.len" a part of an s
  /// that the compiler took to pieces.
  std::string name;
  std::int64_t offset = 0;  ///< from the canonical frame address: the word above the return pc
  std::uint64_t bytes = 0;  ///< of this piece
  std::uint64_t part_offset = 0;  ///< of this piece in the variable; 0 if it is whole
  TypeRef type;                   ///< of the whole variable
  bool parameter = false;
  /// 0: of the function whose frame it is; n: of the n-th function inlined into it at this pc.
  std::uint32_t inline_depth = 0;
};

/// A variable that a closure captured.
struct CapturedVariable {
  std::string name;          ///< "&x" if captured by reference
  std::uint64_t offset = 0;  ///< from the start of the closure object; the first is at 8
  std::uint64_t bytes = 0;
  TypeRef type;
};

}  // namespace seep::dwarf
