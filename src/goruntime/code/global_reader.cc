#include "goruntime/code/global_reader.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "goruntime/code/static_values.h"
#include "goruntime/heap/header_words.h"
#include "goruntime/heap/view_windows.h"

namespace seep::goruntime {

using snapshot::GcRoot;
using snapshot::ObjectIndex;
using snapshot::RootKind;
using snapshot::RootReference;
using snapshot::TypeId;

namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMaxSectionBytes = std::uint64_t{16} << 30;

struct MaskedSection {
  std::string name;
  AddressRange range;
  PointerMask mask;
  const ModuleData& module;
  ModuleNames names;
};

/// The variable around an address, or what lies between two.
struct Place {
  AddressRange range;
  std::string name;
  TypeId type;
  bool described = false;  ///< by debug information or a symbol, so it is one variable
  TypeId shown_type{};     ///< of the variable that has the name; none: it is `type`
};

// The compiler writes dots in the last element of an import path as "%2e" in symbols
// (cmd/internal/objabi/path.go, PathToPrefix).
std::string unescaped(std::string_view symbol) {
  std::string name;
  for (std::size_t i = 0; i < symbol.size(); ++i) {
    unsigned value = 0;
    bool escape = symbol[i] == '%' && i + 2 < symbol.size();
    for (std::size_t k = 1; escape && k <= 2; ++k) {
      char c = symbol[i + k];
      bool digit = c >= '0' && c <= '9';
      escape = digit || (c >= 'a' && c <= 'f');
      value = value * 16 + static_cast<unsigned>(digit ? c - '0' : c - 'a' + 10);
    }
    name.push_back(escape ? static_cast<char>(value) : symbol[i]);
    if (escape) i += 2;
  }
  return name;
}

class GlobalReader {
 public:
  GlobalReader(const GlobalInput& input, snapshot::StringTable& strings, snapshot::Roots& roots,
               Diagnostics& diagnostics)
      : input_(input),
        strings_(strings),
        roots_(roots),
        diagnostics_(diagnostics),
        header_words_(input.heap),
        view_windows_(input.heap.spans),
        first_reference_(static_cast<std::uint32_t>(roots.references.size())) {}

  void read(const MaskedSection& section);

 private:
  void read_piece(const MaskedSection& section, Address start, std::uint64_t bytes);
  bool is_pointer(std::size_t word) const { return (bits_[word / 8] >> (word % 8)) & 1; }
  void add(const MaskedSection& section, Address start, std::size_t index, ObjectIndex::Hit hit);
  PointerAndLengths header_at(std::size_t index) const;
  TypeId told_by_words(const PointerAndLengths& words, ObjectIndex::Hit hit);
  void note_window(const PointerAndLengths& words);
  Place place_of(const MaskedSection& section, Address word);
  std::optional<Place> described_place(const MaskedSection& section, Address word, Address& end);
  std::optional<Place> symbol_place(const MaskedSection& section, Address word, Address& end) const;
  std::optional<Place> static_value_place(const MaskedSection& section, Address word, Address end);
  void close();

  const GlobalInput& input_;
  snapshot::StringTable& strings_;
  snapshot::Roots& roots_;
  Diagnostics& diagnostics_;
  HeaderWords header_words_;
  ViewWindows view_windows_;
  std::optional<StaticValues> static_values_;  ///< of the first module, once asked for
  Place place_;
  std::uint32_t first_reference_;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint8_t> bits_;
};

void GlobalReader::read(const MaskedSection& section) {
  std::uint64_t masked = std::uint64_t{section.mask.bits} * 8;
  std::uint64_t bytes = std::min(section.range.size(), masked);
  if (bytes > kMaxSectionBytes) {
    diagnostics_.count("data sections too large to be true");
    return;
  }
  for (std::uint64_t at = 0; at < bytes; at += kPieceBytes) {
    read_piece(section, section.range.begin + at, std::min(kPieceBytes, bytes - at));
  }
  close();
}

void GlobalReader::read_piece(const MaskedSection& section, Address start, std::uint64_t bytes) {
  std::size_t words = static_cast<std::size_t>(bytes / 8);
  std::uint64_t first = (start - section.range.begin) / 8;
  words_.resize(words);
  bits_.assign((words + 7) / 8, 0);
  bool readable =
      input_.memory.read(section.mask.bytes + first / 8, std::as_writable_bytes(std::span(bits_)))
          .has_value() &&
      input_.memory.read(start, std::as_writable_bytes(std::span(words_))).has_value();
  if (!readable) {
    diagnostics_.count("bytes of package variables not readable", bytes);
    return;
  }
  for (std::size_t i = 0; i < words; ++i) {
    if (!is_pointer(i) || words_[i] == 0) continue;
    ObjectIndex::Hit hit = input_.index.find(words_[i]);
    if (hit.object.is_none()) continue;
    if (!input_.heap.is_object(hit.object)) {
      diagnostics_.count("pointers in package variables to free slots");
      continue;
    }
    add(section, start, i, hit);
  }
}

void GlobalReader::add(const MaskedSection& section, Address start, std::size_t index,
                       ObjectIndex::Hit hit) {
  Address word = start + index * 8;
  if (!place_.range.contains(word)) {
    close();
    place_ = place_of(section, word);
    first_reference_ = static_cast<std::uint32_t>(roots_.references.size());
  }
  RootReference reference;
  reference.target = hit.object;
  reference.interior = hit.interior;
  reference.type = place_.type;
  reference.offset = word - place_.range.begin;
  // The type word of an interface is no pointer to the collector; that of a reflect.Value is, and
  // there other structs look the same.
  bool may_be_type = index > 0 && (place_.described || !is_pointer(index - 1));
  bool inside = word != place_.range.begin || !place_.described;
  if (inside && may_be_type) reference.boxed = input_.types.boxed(Address(words_[index - 1]));
  PointerAndLengths words = header_at(index);
  if (place_.type.is_none() && reference.boxed.is_none()) {
    reference.type = told_by_words(words, hit);
    reference.offset = 0;
  }
  note_window(words);
  roots_.references.push_back(reference);
}

PointerAndLengths GlobalReader::header_at(std::size_t index) const {
  PointerAndLengths words{words_[index], {}, 0};
  while (words.plain < 2) {
    std::size_t next = index + 1 + static_cast<std::size_t>(words.plain);
    if (next >= words_.size() || is_pointer(next)) break;
    words.lengths[words.plain++] = words_[next];
  }
  return words;
}

/// Of the reference that comes next.
void GlobalReader::note_window(const PointerAndLengths& words) {
  if (words.plain == 0) return;
  std::optional<snapshot::Window> window =
      view_windows_.behind(words.pointer, input_.index.place_of(words.pointer), words.lengths[0],
                           words.lengths[1], words.plain);
  if (!window) return;
  window->reference = static_cast<std::uint32_t>(roots_.references.size());
  roots_.windows.push_back(*window);
}

/// Of a word of a variable whose type is not known.
TypeId GlobalReader::told_by_words(const PointerAndLengths& words, ObjectIndex::Hit hit) {
  switch (header_words_.told_by(words, hit)) {
    case HeaderWords::Told::kByteSlice:
      return input_.types.byte_slice();
    case HeaderWords::Told::kString:
      return input_.types.text();
    case HeaderWords::Told::kSlice:
      if (input_.row_lengths != nullptr) {
        input_.row_lengths->push_back({hit.object, words.lengths[1]});
      }
      break;
    case HeaderWords::Told::kNothing:
      break;
  }
  return {};
}

// The variable that debug information knows there. `end` becomes the begin of the next one.
std::optional<Place> GlobalReader::described_place(const MaskedSection& section, Address word,
                                                   Address& end) {
  const ModuleNames& names = section.names;
  if (names.dwarf == nullptr) return std::nullopt;
  const std::vector<dwarf::Variable>& variables = names.dwarf->variables();
  auto after =
      std::ranges::upper_bound(variables, word - names.slide, {}, &dwarf::Variable::address);
  if (after != variables.end()) end = std::min(end, after->address + names.slide);
  while (after != variables.begin() && std::prev(after)->bytes == 0) --after;
  if (after == variables.begin()) return std::nullopt;
  const dwarf::Variable& variable = *std::prev(after);
  Address begin = variable.address + names.slide;
  AddressRange range{begin, begin + variable.bytes};
  if (!range.contains(word)) return std::nullopt;
  bool first = &section.module == &input_.modules.front();
  TypeId type = first ? input_.types.of_variable(variable)
                      : type_in_module(names, section.module, variable.type, input_.types);
  return Place{range, variable.name, type, true};
}

std::optional<Place> GlobalReader::symbol_place(const MaskedSection& section, Address word,
                                                Address& end) const {
  const ModuleNames& names = section.names;
  if (names.symbols == nullptr) return std::nullopt;
  Address linked = word - names.slide;
  std::span<const elf::Symbol> symbols = names.symbols->objects();
  auto after = std::ranges::upper_bound(symbols, linked, {}, &elf::Symbol::address);
  if (after != symbols.end()) end = std::min(end, after->address + names.slide);
  const elf::Symbol* symbol = names.symbols->object_at(linked);
  if (symbol == nullptr) return std::nullopt;
  Address begin = symbol->address + names.slide;
  return Place{{begin, begin + symbol->bytes}, unescaped(symbol->name), {}, true};
}

Place GlobalReader::place_of(const MaskedSection& section, Address word) {
  Address end = section.range.end;  // of what has no name, if nothing with a name comes before
  std::optional<Place> place = described_place(section, word, end);
  if (!place) place = symbol_place(section, word, end);
  if (!place || is_static_value(place->name)) {
    std::optional<Place> value = static_value_place(section, word, end);
    if (value) return *value;
  }
  if (place) return *place;
  if (input_.runtime != nullptr) {
    std::optional<NamedVariable> known = runtime_variable_at(*input_.runtime, word);
    if (known) return {known->range, std::string(known->name), {}, true};
  }
  char offset[32];
  std::snprintf(offset, sizeof offset, "+0x%" PRIx64, word - section.range.begin);
  // Without a name behind it nothing tells where the variable ends: the word stands for itself.
  bool has_neighbour = end < section.range.end;
  return {{word, has_neighbour ? end : word + 8}, section.name + offset, {}, false};
}

// The value of a variable that points to it, with that variable's name. `end` is where the next
// variable with a name begins.
std::optional<Place> GlobalReader::static_value_place(const MaskedSection& section, Address word,
                                                      Address end) {
  bool first = &section.module == &input_.modules.front();
  if (!first || section.names.dwarf == nullptr) return std::nullopt;
  if (!static_values_) static_values_.emplace(input_.memory, section.module, section.names);
  StaticValues::Value value = static_values_->before(word);
  if (value.variable == nullptr) return std::nullopt;
  TypeId pointer = input_.types.of_variable(*value.variable);
  TypeId type = input_.types.referent_of(pointer);
  AddressRange range{value.begin, std::min(value.begin + input_.types.size_of(type), end)};
  if (type.is_none() || !range.contains(word)) return std::nullopt;
  return Place{range, value.variable->name, type, true, pointer};
}

void GlobalReader::close() {
  std::uint32_t end = static_cast<std::uint32_t>(roots_.references.size());
  if (end > first_reference_) {
    GcRoot root;
    root.kind = RootKind::kGlobal;
    root.name = strings_.intern(place_.name);
    root.type = place_.shown_type.is_none() ? place_.type : place_.shown_type;
    root.address = place_.range.begin;
    root.first_reference = first_reference_;
    root.reference_count = end - first_reference_;
    roots_.roots.push_back(root);
  }
  first_reference_ = end;
  place_ = Place{};
}

}  // namespace

Result<void> read_globals(const GlobalInput& input, snapshot::StringTable& strings,
                          snapshot::Roots& roots, Diagnostics& diagnostics) {
  GlobalReader reader(input, strings, roots, diagnostics);
  for (std::size_t i = 0; i < input.modules.size(); ++i) {
    const ModuleData& module = input.modules[i];
    ModuleNames names = i < input.names.size() ? input.names[i] : ModuleNames{};
    std::string of_module = i == 0 ? "" : "module " + std::to_string(i + 1) + " ";
    reader.read({of_module + ".data", module.data, module.data_mask, module, names});
    reader.read({of_module + ".bss", module.bss, module.bss_mask, module, names});
  }
  return {};
}

}  // namespace seep::goruntime
