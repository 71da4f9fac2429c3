// Which types the program's own code allocates: the compiler passes the descriptor to the runtime's
// allocating functions, so it stands in the code right before their calls. Types that no code
// allocates can still come from package reflect or from generic code, but seldom do.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "goruntime/code/module_data.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Everything referred to outlives the call.
struct CodeToSearch {
  const target::MemoryReader& memory;
  const std::vector<ModuleData>& modules;
  /// The linker's name of the function that begins at an address; empty if none does.
  std::function<std::string(Address)> function_name;
};

/// How code allocates a type.
struct Allocations {
  bool singly = false;   ///< one value
  bool in_rows = false;  ///< as many as it wants

  Allocations operator|(Allocations other) const {
    return {singly || other.singly, in_rows || other.in_rows};
  }
};

struct FoundInCode {
  /// How those types are allocated that are passed to an allocating function, by descriptor.
  std::unordered_map<std::uint64_t, Allocations> allocated;
  /// The type that is allocated where the address of a function is taken right after, by entry:
  /// what closures of that function consist of, if it is such a type. Null: there are several.
  std::unordered_map<std::uint64_t, Address> closures;
};

/// `descriptors` ascending. amd64.
FoundInCode search_code(const CodeToSearch& code, std::span<const Address> descriptors);

/// What a function of the runtime makes of the type descriptor that it takes; nothing for functions
/// that do not allocate.
Allocations allocations_of(std::string_view function);

}  // namespace seep::goruntime
