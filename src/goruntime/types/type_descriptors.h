// Go's type descriptors as they lie in the target (internal/abi/type.go), decoded one at a time.
//
// A descriptor is 48 common bytes, then what its kind adds, then an optional UncommonType. Names
// and types that it refers to by a 32-bit offset are counted from `types` of the module that holds
// the descriptor; descriptors made by package reflect lie in the heap and their offsets are keys of
// a table of the runtime, so their names are not found here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "goruntime/code/module_data.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// internal/abi.Kind; the numbers have not changed since Go 1.0.
enum class DescriptorKind : std::uint8_t {
  kInvalid = 0,
  kBool = 1,
  kComplex128 = 16,  ///< 1 ... 16 are the scalars
  kArray = 17,
  kChan = 18,
  kFunc = 19,
  kInterface = 20,
  kMap = 21,
  kPointer = 22,
  kSlice = 23,
  kString = 24,
  kStruct = 25,
  kUnsafePointer = 26,
};

struct DescriptorField {
  std::string name;
  Address type;
  std::uint64_t offset = 0;
};

/// What a descriptor says; addresses of other descriptors are not followed.
struct TypeDescriptor {
  Address address;
  DescriptorKind kind = DescriptorKind::kInvalid;
  std::uint64_t size = 0;
  std::uint64_t pointer_bytes = 0;
  std::uint32_t hash = 0;
  bool named = false;
  bool direct_interface = false;  ///< an interface's data word is the value itself
  std::string name;               ///< as reflect's String(); empty if it is not to be found
  std::string package_path;
  Address element;                      ///< array, chan, map (value), pointer, slice
  Address key, group;                   ///< map
  std::uint64_t length = 0;             ///< array
  std::vector<DescriptorField> fields;  ///< struct, by rising offset
};

/// Reads descriptors. Holds a copy of the type sections of all modules (a few MiB), so that reading
/// thousands of types costs no system calls.
class DescriptorReader {
 public:
  static constexpr std::uint64_t kMaxNameBytes = std::uint64_t{64} << 10;
  static constexpr std::uint64_t kMaxFields = 65535;
  static constexpr std::uint64_t kMaxTypeBytes = std::uint64_t{1} << 47;

  /// What differs between releases.
  struct Shape {
    /// Size of abi.MapType; 0 if unknown, then the package path of named map types stays empty.
    std::uint32_t map_type_bytes = 0;
    bool wide_name_lengths = false;      ///< as in RuntimeLayout
    bool shifted_field_offsets = false;  ///< as in RuntimeLayout
  };

  /// `memory` outlives the reader.
  DescriptorReader(const target::MemoryReader& memory, const std::vector<ModuleData>& modules,
                   Shape shape);

  /// None where the bytes are not a plausible descriptor.
  std::optional<TypeDescriptor> read(Address address) const;

  /// The descriptor of a struct type of that name ("sync.entry[...]", as reflect's String()) in
  /// that package; null if the program has none. Searches the sections.
  Address find_struct(std::string_view name, std::string_view package_path) const;

  /// All descriptors of the sections, as far as bytes can be told to be one, ascending.
  std::vector<Address> find_all() const;

  /// True for addresses where the linker put descriptors (and, from Go 1.27 on, itabs).
  bool in_type_section(Address address) const { return section_of(address) != nullptr; }

  /// What the first word of an interface value says about the dynamic type: the descriptor that an
  /// itab names, `word` itself if it is a descriptor, null if it is neither.
  Address descriptor_of_interface_word(Address word) const;

 private:
  struct Section {
    AddressRange range;
    std::vector<std::byte> bytes;  ///< empty: not held, read from memory
  };

  const Section* section_of(Address address) const;
  Address find_user_of_name(const Section& section, std::size_t name_at, std::string_view name,
                            std::string_view package_path) const;
  bool may_be_descriptor(const Section& section, std::size_t at) const;
  bool is_consistent(const TypeDescriptor& type) const;
  bool read_bytes(Address address, std::span<std::byte> out) const;
  std::optional<std::string> read_name(Address address) const;
  bool read_kind(TypeDescriptor& type, std::span<const std::byte> bytes) const;
  bool read_fields(TypeDescriptor& type, Address fields, std::uint64_t count) const;
  void read_package(TypeDescriptor& type, const Section& section) const;

  const target::MemoryReader& memory_;
  Shape shape_;
  std::vector<Section> sections_;
};

}  // namespace seep::goruntime
