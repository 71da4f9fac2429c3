// Fills the snapshot's type table: from type descriptors in the target, from debug information, and
// with the types of what the runtime allocates itself (container_types.h).
//
// Types are read when somebody asks for them, with everything that they refer to. A type gets its
// id before its parts are read, so types that refer to themselves need no special care; what is
// still to be read waits in queues, so that no chain of types, however long, costs stack.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostics.h"
#include "dwarf/dwarf_info.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/types/container_types.h"
#include "goruntime/types/type_descriptors.h"
#include "snapshot/go_type.h"

namespace seep::goruntime {

/// Where types are read from. Everything referred to outlives the reader.
struct TypeSources {
  const target::MemoryReader* memory = nullptr;
  const std::vector<ModuleData>* modules = nullptr;
  const RuntimeLayout* layout = nullptr;
  const dwarf::DwarfInfo* dwarf = nullptr;  ///< null: no debug information
  std::uint64_t slide = 0;  ///< process address minus address in the debug information
  /// The linker's name of the function that begins at this address, empty if none does.
  std::function<std::string(Address)> function_name;
};

/// Not safe for use by several threads at once. Ids stay valid; references into the table do not.
class TypeReader {
 public:
  static constexpr std::size_t kMaxTypes = std::size_t{1} << 20;

  TypeReader(TypeSources sources, snapshot::TypeTable& table, Diagnostics& diagnostics);

  /// The type that a descriptor describes; none (counted once) if it is not a descriptor.
  snapshot::TypeId type_at(Address descriptor);

  /// What an interface whose first word is `word` (a descriptor or an itab) points to: the dynamic
  /// type, or for types that are pointers themselves what those lead to. None if `word` is neither.
  snapshot::TypeId boxed(Address word);

  snapshot::TypeId from_dwarf(dwarf::TypeRef ref);
  /// A variable's type: its descriptor if it has one, as `runtime_type` says, else its debug type.
  snapshot::TypeId of_variable(const dwarf::Variable& variable);
  /// What a pointer type leads to; none of another.
  snapshot::TypeId referent_of(snapshot::TypeId pointer) const {
    const snapshot::GoType& type = table_[pointer];
    return type.kind == snapshot::TypeKind::kPointer ? type.referent : snapshot::TypeId{};
  }
  std::uint64_t size_of(snapshot::TypeId type) const { return table_[type].size; }
  /// A struct of the program by its full name; none without debug information or such a struct.
  snapshot::TypeId struct_named(std::string_view name);

  /// What a closure consists of whose first word is `entry`: "func main.serve.func1" with a field
  /// for each captured variable. None where no function begins.
  snapshot::TypeId closure(Address entry);

  /// A closure whose code begins at `entry` is a value of the struct type that the descriptor
  /// describes. For closures that somebody has asked for, of which nothing else tells.
  void know_captures(Address entry, Address descriptor);

  /// What a channel consists of whose elements have that descriptor (hchan.elemtype).
  snapshot::TypeId channel_of(Address element_descriptor);

  /// []byte and string, as far as a pointer of theirs leads to bytes.
  snapshot::TypeId byte_slice() { return containers_.byte_slice(); }
  snapshot::TypeId text() { return containers_.text(); }

  /// True for words that may be passed to boxed() with a chance of success at no cost.
  bool in_type_section(Address word) const { return descriptors_.in_type_section(word); }

  /// Every descriptor of the program (see DescriptorReader::find_all).
  std::vector<Address> all_descriptors() const { return descriptors_.find_all(); }
  /// See ContainerTypes.
  const std::vector<ContainerTypes::View>& views() const { return containers_.views(); }

  /// The descriptor that an interface's first word names; null if it is neither that nor an itab.
  Address descriptor_of_interface_word(Address word) const {
    return descriptors_.descriptor_of_interface_word(word);
  }

 private:
  template <typename Id>
  struct Pending {
    snapshot::TypeId type;
    Id source;
  };

  snapshot::TypeId reserve_at(Address descriptor);
  Address descriptor_of(std::uint64_t runtime_type) const;
  snapshot::TypeId reserve_dwarf(dwarf::TypeRef ref);
  snapshot::TypeId reserve_struct(std::string_view name);
  void drain();
  void fill(snapshot::TypeId id, const TypeDescriptor& descriptor);
  void fill(snapshot::TypeId id, const dwarf::Type& source);
  void fill_parts(snapshot::TypeId id, snapshot::GoType& type, const dwarf::Type& source);
  void measure(std::vector<snapshot::TypeId> types);
  void finish(snapshot::TypeId id, snapshot::GoType type, snapshot::TypeId group);
  void add_captures(snapshot::GoType& closure, Address entry);
  void add_receiver(snapshot::GoType& closure, std::string_view function);
  void name_nameless();
  snapshot::TypeId group_of(const dwarf::Type& map);
  snapshot::TypeId add(snapshot::GoType type);

  TypeSources sources_;
  snapshot::TypeTable& table_;
  Diagnostics& diagnostics_;
  DescriptorReader descriptors_;
  ContainerTypes containers_;
  std::unordered_map<std::uint64_t, snapshot::TypeId> by_descriptor_;
  std::unordered_map<std::uint64_t, snapshot::TypeId> by_interface_word_;
  std::unordered_map<std::uint64_t, snapshot::TypeId> by_closure_;
  std::unordered_map<std::uint32_t, snapshot::TypeId> channels_;  ///< chan types, by element
  std::unordered_map<std::uint32_t, snapshot::TypeId> by_dwarf_;
  std::vector<Pending<TypeDescriptor>> pending_descriptors_;
  std::vector<Pending<dwarf::TypeRef>> pending_dwarf_;
  std::vector<Pending<snapshot::TypeId>> pending_containers_;  ///< source: a map's group
  std::vector<snapshot::TypeId> nameless_;
  std::vector<snapshot::TypeId> unmeasured_;  ///< from debug information
};

}  // namespace seep::goruntime
