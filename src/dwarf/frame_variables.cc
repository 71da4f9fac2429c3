// Which variables lie in a frame, and what a closure captured.
//
// A variable's location is either one expression, good for all of its scope, or a list of them by
// ranges of pcs. Places are counted from the canonical frame address, which is the frame base of
// every Go function; a variable in registers has no place. One that the compiler took to pieces
// has a place for each piece that is in memory.
#include <dwarf.h>

#include <algorithm>
#include <optional>
#include <string>

#include "dwarf/die.h"
#include "dwarf/dwarf_info.h"
#include "dwarf/dwarf_state.h"

namespace seep::dwarf {
namespace {

constexpr int kDeepestScope = 128;              // blocks in blocks; deeper is damage
constexpr std::size_t kMostVariables = 20'000;  // of one function
constexpr std::size_t kMostPlaces = 100'000;
constexpr std::uint64_t kWordBytes = 8;

// Reads one location expression; gives the pieces that are in the frame.
class ExpressionReader {
 public:
  ExpressionReader(AddressRange pcs, std::uint64_t whole_bytes, std::uint64_t bytes_without_pieces,
                   std::vector<Place>& places)
      : pcs_(pcs),
        whole_bytes_(whole_bytes),
        bytes_without_pieces_(bytes_without_pieces),
        places_(places) {}

  void read(const Dwarf_Op* operations, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) step(operations[i]);
    // Without DW_OP_piece the location is that of all of the variable.
    if (part_offset_ == 0) add(bytes_without_pieces_);
  }

 private:
  void step(const Dwarf_Op& operation) {
    std::int64_t number = static_cast<std::int64_t>(operation.number);
    switch (operation.atom) {
      case DW_OP_fbreg:
        offset_ = number;
        break;
      case DW_OP_call_frame_cfa:
        offset_ = 0;
        break;
      case DW_OP_consts:
        addend_ = number;
        break;
      case DW_OP_plus:
        move(addend_);
        break;
      case DW_OP_plus_uconst:
        move(number);
        break;
      case DW_OP_piece:
        add(operation.number);
        part_offset_ += operation.number;
        offset_.reset();
        break;
      default:
        offset_.reset();
        known_ = false;
        break;
    }
    if (operation.atom == DW_OP_piece) known_ = true;
  }

  void move(std::int64_t bytes) {
    if (!offset_ || __builtin_add_overflow(*offset_, bytes, &*offset_)) offset_.reset();
  }

  void add(std::uint64_t bytes) {
    if (!offset_ || !known_ || bytes == 0 || places_.size() >= kMostPlaces) return;
    if (part_offset_ > whole_bytes_ || bytes > whole_bytes_ - part_offset_) return;
    // Pieces that lie side by side, as the words of a spilled slice do, are one.
    if (part_offset_ != 0 && !places_.empty()) {
      Place& last = places_.back();
      if (last.pcs == pcs_ && last.part_offset + last.bytes == part_offset_ &&
          last.offset + static_cast<std::int64_t>(last.bytes) == *offset_) {
        last.bytes += bytes;
        return;
      }
    }
    places_.push_back({pcs_, *offset_, bytes, part_offset_});
  }

  AddressRange pcs_;
  std::uint64_t whole_bytes_;
  std::uint64_t bytes_without_pieces_;
  std::vector<Place>& places_;
  std::optional<std::int64_t> offset_;
  bool known_ = true;  // false after an operation that this reader does not follow
  std::int64_t addend_ = 0;
  std::uint64_t part_offset_ = 0;
};

class FunctionReader {
 public:
  FunctionReader(const DwarfInfo& info, FunctionVariables& found, std::uint64_t& damaged)
      : info_(info), found_(found), damaged_(damaged) {}

  void read(Dwarf_Die& function, AddressRange code) { read_scope(function, {code}, 0, 0); }

 private:
  void read_scope(Dwarf_Die& scope, const std::vector<AddressRange>& pcs,
                  std::uint32_t inline_depth, int depth) {
    if (depth > kDeepestScope) {
      ++damaged_;
      return;
    }
    for_each_child(scope, [&](Dwarf_Die& child) {
      switch (dwarf_tag(&child)) {
        case DW_TAG_formal_parameter:
        case DW_TAG_variable:
          read_variable(child, pcs, inline_depth);
          break;
        case DW_TAG_lexical_block:
          read_scope(child, ranges_of(child), inline_depth, depth + 1);
          break;
        case DW_TAG_inlined_subroutine:
          read_scope(child, ranges_of(child), inline_depth + 1, depth + 1);
          break;
        default:
          break;
      }
    });
  }

  void read_variable(Dwarf_Die& die, const std::vector<AddressRange>& pcs,
                     std::uint32_t inline_depth) {
    if (found_.placed.size() >= kMostVariables) {
      ++damaged_;
      return;
    }
    TypeRef type = type_ref_of(die, DW_AT_type);
    std::uint64_t bytes = info_.size_of(type);
    std::optional<std::uint64_t> captured_at = number_of(die, kGoClosureOffset);
    if (captured_at && inline_depth == 0) {
      found_.captured.push_back({std::string(name_of(die)), *captured_at, bytes, type});
    }
    std::optional<Dwarf_Attribute> location = location_of(die, DW_AT_location);
    if (!location || bytes == 0) return;
    // The compiler lets the lists of an inlined call's variables run on past the call, so that a
    // function that inlines another ten times would seem to hold its variables ten times over.
    std::vector<Place> places = location->form == DW_FORM_exprloc
                                    ? read_place(*location, pcs, bytes)
                                    : read_places(*location, pcs, inline_depth > 0, type, bytes);
    if (places.empty()) return;
    found_.placed.push_back({{.name = std::string(name_of(die)),
                              .type = type,
                              .parameter = dwarf_tag(&die) == DW_TAG_formal_parameter,
                              .inline_depth = inline_depth},
                             std::move(places)});
  }

  std::vector<Place> read_place(Dwarf_Attribute& location, const std::vector<AddressRange>& pcs,
                                std::uint64_t bytes) {
    std::vector<Place> places;
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    if (dwarf_getlocation(&location, &operations, &count) != 0) {
      ++damaged_;
      return places;
    }
    for (const AddressRange& range : pcs) {
      ExpressionReader(range, bytes, bytes, places).read(operations, count);
    }
    return places;
  }

  // What of a variable is in memory where a list says no more than an address: all of it, or the
  // last piece that is left, which the compiler writes in the same way (ssa/debug.go,
  // writePendingEntry). Of strings and slices, the usual case, the word that leads anywhere comes
  // first, so nothing is lost by taking it alone. From Go 1.17 on an entry of its own tells which
  // piece it is (is_piece_in_disguise).
  std::uint64_t bytes_without_pieces(TypeRef ref, std::uint64_t bytes) const {
    if (bytes <= kWordBytes) return bytes;
    snapshot::TypeKind kind = info_.type(ref).kind;
    bool leads_by_first_word =
        kind == snapshot::TypeKind::kString || kind == snapshot::TypeKind::kSlice;
    return leads_by_first_word ? kWordBytes : bytes;
  }

  // `clipped`: nothing is in place outside of `pcs`, whatever a location list says.
  std::vector<Place> read_places(Dwarf_Attribute& location, const std::vector<AddressRange>& pcs,
                                 bool clipped, TypeRef type, std::uint64_t bytes) {
    std::vector<Place> places;
    std::uint64_t alone = bytes_without_pieces(type, bytes);
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    Dwarf_Addr base = 0, begin = 0, end = 0;
    std::ptrdiff_t next = 0;
    while ((next = dwarf_getlocations(&location, next, &base, &begin, &end, &operations, &count)) >
           0) {
      if (places.size() >= kMostPlaces) break;
      AddressRange valid{Address(begin), Address(end)};
      if (!clipped) {
        ExpressionReader(valid, bytes, alone, places).read(operations, count);
        continue;
      }
      for (const AddressRange& range : pcs) {
        AddressRange both{std::max(valid.begin, range.begin), std::min(valid.end, range.end)};
        if (both.size() == 0) continue;
        ExpressionReader(both, bytes, alone, places).read(operations, count);
      }
    }
    if (next < 0) ++damaged_;
    return places;
  }

  const DwarfInfo& info_;
  FunctionVariables& found_;
  std::uint64_t& damaged_;
};

// Several variables may share a word: the pieces of one that was taken apart, an inlined call's
// parameter that is the caller's variable. The first is the one to name it by.
bool names_better(const FrameVariable& a, const FrameVariable& b) {
  if (a.inline_depth != b.inline_depth) return a.inline_depth < b.inline_depth;
  bool a_is_piece = a.name.find('.') != std::string::npos;
  bool b_is_piece = b.name.find('.') != std::string::npos;
  return a_is_piece < b_is_piece;
}

// Of a string whose pointer is gone the compiler says only where it is, and means the one piece
// that is left ("s.len"): it writes no DW_OP_piece when there is a single slot (ssa/debug.go,
// writePendingEntry). The piece's own entry gives that away.
bool is_piece_in_disguise(const DwarfInfo& info, const FrameVariable& whole,
                          const std::vector<FrameVariable>& all) {
  if (whole.part_offset != 0) return false;
  return std::any_of(all.begin(), all.end(), [&](const FrameVariable& piece) {
    return piece.offset == whole.offset && piece.inline_depth == whole.inline_depth &&
           piece.name.size() > whole.name.size() && piece.name[whole.name.size()] == '.' &&
           piece.name.starts_with(whole.name) && piece.bytes < info.size_of(whole.type);
  });
}

// Only then do places count from the canonical frame address; C code may choose another base.
bool has_go_frame_base(Dwarf_Die& function) {
  std::optional<Dwarf_Attribute> base = location_of(function, DW_AT_frame_base);
  Dwarf_Op* operations = nullptr;
  std::size_t count = 0;
  return base && dwarf_getlocation(&*base, &operations, &count) == 0 && count == 1 &&
         operations[0].atom == DW_OP_call_frame_cfa;
}

}  // namespace

const FunctionCode* DwarfInfo::State::function_at(Address pc) {
  auto after = std::upper_bound(
      functions.begin(), functions.end(), pc.value(),
      [](std::uint64_t wanted, const FunctionCode& function) { return wanted < function.low; });
  if (after == functions.begin()) return nullptr;
  const FunctionCode& function = *(after - 1);
  return pc.value() < function.high ? &function : nullptr;
}

const FunctionVariables& DwarfInfo::variables_of_function(std::uint32_t die_offset,
                                                          AddressRange code) const {
  auto [entry, is_new] = state_->function_variables.try_emplace(die_offset);
  if (!is_new) return entry->second;
  Dwarf_Die die;
  if (dwarf_offdie(state_->dwarf, die_offset, &die) == nullptr) {
    ++state_->damaged;
    return entry->second;
  }
  if (!has_go_frame_base(die)) return entry->second;
  FunctionReader(*this, entry->second, state_->damaged).read(die, code);
  return entry->second;
}

const std::vector<FrameVariable>& DwarfInfo::frame_variables(Address pc) const {
  auto [frame, is_new] = state_->frames.try_emplace(pc.value());
  if (!is_new) return frame->second;
  state_->index_units();
  const FunctionCode* function = state_->function_at(pc);
  if (function == nullptr) return frame->second;
  AddressRange code{Address(function->low), Address(function->high)};
  for (const PlacedVariable& placed : variables_of_function(function->die, code).placed) {
    for (const Place& place : placed.places) {
      if (!place.pcs.contains(pc)) continue;
      FrameVariable variable = placed.variable;
      variable.offset = place.offset;
      variable.bytes = place.bytes;
      variable.part_offset = place.part_offset;
      frame->second.push_back(std::move(variable));
    }
  }
  const std::vector<FrameVariable> all = frame->second;
  std::erase_if(frame->second, [&](const FrameVariable& variable) {
    return is_piece_in_disguise(*this, variable, all);
  });
  std::stable_sort(frame->second.begin(), frame->second.end(), names_better);
  return frame->second;
}

const std::vector<CapturedVariable>& DwarfInfo::closure_variables(Address entry) const {
  static const std::vector<CapturedVariable> kNone;
  state_->index_units();
  const FunctionCode* function = state_->function_at(entry);
  if (function == nullptr || function->low != entry.value()) return kNone;
  AddressRange code{Address(function->low), Address(function->high)};
  return variables_of_function(function->die, code).captured;
}

}  // namespace seep::dwarf
