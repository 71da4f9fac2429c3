// Go types as the analysis sees them: names, sizes, fields, and where pointer words lead.
//
// Two sorts stand in one table. Types of the program come from its type descriptors or its debug
// information. Parts that the runtime allocates and no source names (the header of a map, its
// groups of entries, a channel's buffer, the variables a closure captured) are described by
// goruntime/ as struct types too, so that nothing above needs to know how a release lays them out.
// They are marked `synthetic` and named after what the program calls the whole: the header of a map
// has the map's name, "map[string]int"; its entries "map[string]int (entries)"; the bytes of a
// string "string"; a closure "func main.serve.func1". An object that repeats a type T is a "[]T",
// unless T is synthetic: then T's name says it all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/strong_id.h"

namespace seep::snapshot {

using TypeId = StrongId<struct TypeTag>;

enum class TypeKind : std::uint8_t {
  kUnknown,
  kScalar,  ///< bool, numbers, uintptr
  kString,  ///< word 0 points to the bytes
  kSlice,   ///< word 0 points to the elements
  kPointer,
  kUnsafePointer,
  kMap,        ///< the word points to the map's header
  kChan,       ///< the word points to the channel
  kFunc,       ///< the word points to a closure; which one only the object itself tells, if at all
  kInterface,  ///< word 1 points to the value; which type it has only the word before tells
  kArray,
  kStruct,
};

/// What a step from a value into one of its parts is called in a path.
enum class PartRole : std::uint8_t {
  kField,     ///< ".name"
  kElement,   ///< "[...]"
  kKey,       ///< map key
  kValue,     ///< map value
  kCapture,   ///< a variable captured by a closure
  kInternal,  ///< the runtime's own plumbing: left out of paths that people read
};

struct Field {
  std::string name;
  TypeId type;
  std::uint64_t offset = 0;  ///< bytes from the start of the struct
  PartRole role = PartRole::kField;

  bool operator==(const Field&) const = default;
};

struct GoType {
  std::string name;          ///< as Go prints it: "main.Node", "map[string]*http.Request"
  std::string package_path;  ///< full import path of a named type, else empty
  TypeKind kind = TypeKind::kUnknown;
  std::uint64_t size = 0;           ///< bytes of one value
  std::uint64_t pointer_bytes = 0;  ///< the prefix that can hold pointers; 0: pointer-free

  /// kArray: the element. kMap: the value. Otherwise none.
  TypeId element;
  TypeId key;                ///< kMap only
  std::uint64_t length = 0;  ///< kArray only: number of elements
  /// What the object that the pointer word leads to consists of: kPointer the pointed-to type,
  /// kSlice the element, kString bytes, kMap the header, kChan the channel, kFunc any closure.
  /// None: unknown.
  TypeId referent;
  /// kPointer whose target has one of two shapes (a map's directory or its only group): the type if
  /// the first word of the target is a pointer; `referent` is the type if it is not.
  TypeId referent_if_first_word_is_pointer;
  /// kPointer: what the target consists of if one value of `referent` does not fill it. The runtime
  /// allocates more than the program sees (a time.Timer with its runtime part), or one of two sorts
  /// of nodes.
  TypeId referent_if_other_size;
  /// kPointer: what the target consists of if the pointer leads into it, not to its start.
  TypeId referent_if_interior;
  /// kStruct: elements of this type may follow the struct in the same object, as many as fit (the
  /// buffer of a channel whose elements hold no pointers).
  TypeId tail;
  PartRole element_role = PartRole::kElement;  ///< for kArray, and for what `referent` repeats
  bool synthetic = false;     ///< made by goruntime/ for the runtime's own allocations
  std::vector<Field> fields;  ///< kStruct only, by rising offset

  bool operator==(const GoType&) const = default;
};

/// All types of a snapshot; index 0 is the unknown type.
class TypeTable {
 public:
  TypeTable() { types_.emplace_back(); }

  TypeId add(GoType type) {
    types_.push_back(std::move(type));
    return TypeId{static_cast<std::uint32_t>(types_.size() - 1)};
  }
  /// The unknown type for an id that is not in the table.
  const GoType& operator[](TypeId id) const {
    return types_[id.value < types_.size() ? id.value : 0];
  }
  /// For filling in types that refer to each other. `id` must be in the table.
  GoType& at(TypeId id) { return types_.at(id.value); }
  std::size_t size() const { return types_.size(); }

 private:
  std::vector<GoType> types_;
};

}  // namespace seep::snapshot
