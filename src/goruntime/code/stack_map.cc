#include "goruntime/code/stack_map.h"

#include <array>
#include <limits>
#include <span>
#include <utility>

#include "goruntime/types/mask_program.h"

namespace seep::goruntime {
namespace {

constexpr std::uint32_t kWord = 8;
constexpr std::uint64_t kMaxStackObjects = 65536;
constexpr std::uint32_t kMaxArgumentBits = 65536;
constexpr std::uint32_t kMaxBits = 1u << 27;  ///< a frame of 1 GiB

/// runtime.stackmap.
struct MapHeader {
  std::int32_t count = 0;
  std::int32_t bits = 0;
};

/// runtime.stackObjectRecord, whichever its shape.
struct ObjectRecord {
  std::int32_t offset = 0;
  std::int32_t bytes = 0;
  std::int32_t pointer_bytes = 0;
  bool by_program = false;  ///< `mask` is a program that makes the mask (until Go 1.23)
  Address mask;
};

/// Appends the live words of one of the two maps. False if the map is missing or broken.
bool append_live(PagedMemory& memory, Address map, std::int32_t index, std::uint32_t max_bits,
                 std::int64_t end_or_begin, bool ends_there, std::vector<std::int64_t>& live) {
  if (map.is_null()) return false;
  std::optional<MapHeader> header = memory.value<MapHeader>(map);
  if (!header || header->count <= 0) return false;
  if (header->bits == 0) return true;
  std::uint32_t bits = static_cast<std::uint32_t>(header->bits);
  if (header->bits < 0 || bits > max_bits || index >= header->count) return false;
  std::uint64_t bytes_per_map = (std::uint64_t{bits} + 7) / 8;
  std::optional<std::vector<std::uint32_t>> set = read_pointer_bits(
      memory, map + sizeof *header + static_cast<std::uint32_t>(index) * bytes_per_map, bits);
  if (!set) return false;
  std::int64_t base = ends_there ? end_or_begin - std::int64_t{kWord} * bits : end_or_begin;
  for (std::uint32_t offset : *set) live.push_back(base + offset);
  return true;
}

// _type, Go 1.12 to 1.16: only what matters here (runtime/type.go).
bool read_object_type(PagedMemory& memory, Address type, ObjectRecord& record) {
  constexpr std::uint8_t kProgram = 1 << 6;  // kindGCProg
  struct TypeHead {
    std::uint64_t size, pointer_bytes;
    std::uint32_t hash;
    std::uint8_t flags, align, field_align, kind;
    std::uint64_t equal, mask;
  };
  std::optional<TypeHead> head = memory.value<TypeHead>(type);
  constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;
  if (!head || head->size > kMaxBytes || head->pointer_bytes > head->size) return false;
  record.bytes = static_cast<std::int32_t>(head->size);
  record.pointer_bytes = static_cast<std::int32_t>(head->pointer_bytes);
  record.by_program = (head->kind & kProgram) != 0;
  record.mask = Address(head->mask);
  return true;
}

// Go 1.12-1.16: offset and type. 1.17: offset, size, bytes with pointers, mask. 1.18: the mask as
// an offset. Negative bytes with pointers: not a mask but a program (runtime/stack.go).
bool read_object_record(FunctionTable& functions, const Function& function, Address table,
                        std::uint64_t index, ObjectRecord& record) {
  PagedMemory& memory = functions.memory();
  StackObjectShape shape = functions.layout().stack_objects;
  if (shape == StackObjectShape::kType) {
    struct Raw {
      std::int64_t offset;
      std::uint64_t type;
    };
    std::optional<Raw> raw = memory.value<Raw>(table + index * sizeof(Raw));
    if (!raw) return false;
    record.offset = static_cast<std::int32_t>(raw->offset);
    return record.offset == raw->offset && read_object_type(memory, Address(raw->type), record);
  }
  struct Raw {
    std::int32_t offset, bytes, pointer_bytes;
    std::uint32_t mask_offset;
  };
  bool by_address = shape == StackObjectShape::kMask;
  Address at = table + index * (by_address ? sizeof(Raw) + kWord : sizeof(Raw));
  std::optional<Raw> raw = memory.value<Raw>(at);
  if (!raw) return false;
  std::optional<std::uint64_t> mask = by_address
                                          ? memory.value<std::uint64_t>(at + sizeof(Raw))
                                          : (function.module->rodata + raw->mask_offset).value();
  if (!mask || raw->pointer_bytes == std::numeric_limits<std::int32_t>::min()) return false;
  record = {raw->offset, raw->bytes, raw->pointer_bytes, raw->pointer_bytes < 0, Address(*mask)};
  if (record.by_program) record.pointer_bytes = -record.pointer_bytes;
  return record.bytes >= 0 && record.pointer_bytes <= record.bytes;
}

// A record is skipped if its object is not yet in the frame (below sp), as the runtime does.
bool append_objects(FunctionTable& functions, const Function& function, std::uint32_t sp_delta,
                    std::vector<StackObject>& objects) {
  Address table = functions.func_data(function, functions.layout().funcdata_stack_objects);
  if (table.is_null()) return true;
  PagedMemory& memory = functions.memory();
  std::optional<std::uint64_t> count = memory.value<std::uint64_t>(table);
  if (!count || *count > kMaxStackObjects) return false;
  std::int64_t sp = -static_cast<std::int64_t>(sp_delta) - kWord;
  for (std::uint64_t i = 0; i < *count; ++i) {
    ObjectRecord record;
    if (!read_object_record(functions, function, table + kWord, i, record)) return false;
    StackObject object;
    object.offset = record.offset + (record.offset < 0 ? locals_end(sp_delta) : 0);
    object.bytes = static_cast<std::uint32_t>(record.bytes);
    if (object.offset < sp) continue;
    std::uint32_t words = static_cast<std::uint32_t>(record.pointer_bytes) / kWord;
    std::optional<std::vector<std::uint32_t>> pointers =
        record.by_program ? run_mask_program(memory, record.mask, words)
                          : read_pointer_bits(memory, record.mask, words);
    if (!pointers) return false;
    object.pointers = std::move(*pointers);
    objects.push_back(std::move(object));
  }
  return true;
}

// reflect's two stubs spill their register arguments into an internal/abi.RegArgs at the top of
// their locals (Go 1.17+; runtime/stkframe.go, methodValueCallFrameObjs): 9 integers, 15 floats, 9
// pointers.
StackObject register_arguments(std::uint32_t sp_delta) {
  constexpr std::uint32_t kBytes = 272, kPointers = 9, kFirstPointer = (9 + 15) * kWord;
  StackObject object;
  object.offset = locals_end(sp_delta) - kBytes;
  object.bytes = kBytes;
  for (std::uint32_t i = 0; i < kPointers; ++i) {
    object.pointers.push_back(kFirstPointer + i * kWord);
  }
  return object;
}

}  // namespace

std::int64_t locals_end(std::uint32_t sp_delta) {
  return -static_cast<std::int64_t>(sp_delta > 0 ? 2 * kWord : kWord);
}

std::optional<std::vector<std::uint32_t>> read_pointer_bits(PagedMemory& memory, Address bits,
                                                            std::uint32_t count) {
  std::vector<std::uint32_t> offsets;
  std::array<std::uint8_t, 4096> piece;
  for (std::uint32_t done = 0; done < count;) {
    std::uint32_t take = std::min<std::uint32_t>(count - done, piece.size() * 8);
    std::span<std::uint8_t> bytes = std::span(piece).first((take + 7) / 8);
    if (!memory.read(bits + done / 8, std::as_writable_bytes(bytes))) return std::nullopt;
    for (std::uint32_t i = 0; i < take; ++i) {
      if ((bytes[i / 8] >> (i % 8)) & 1) offsets.push_back((done + i) * kWord);
    }
    done += take;
  }
  return offsets;
}

StackMap read_stack_map(FunctionTable& functions, const Function& function, std::uint32_t sp_delta,
                        Address continues_at) {
  const RuntimeLayout& layout = functions.layout();
  StackMap map;
  std::int32_t index = -1;
  if (continues_at != function.entry) {
    index = functions.pc_data(function, layout.pcdata_stack_map, continues_at - 1);
  }
  // In a prologue there is no index yet; the entry's map holds.
  if (index < 0) index = 0;

  if (sp_delta > kWord) {
    map.exact = append_live(
        functions.memory(), functions.func_data(function, layout.funcdata_locals), index,
        std::min(sp_delta / kWord, kMaxBits), locals_end(sp_delta), true, map.live);
  }
  if (!function.args_unknown && function.args >= kWord) {
    bool exact =
        append_live(functions.memory(), functions.func_data(function, layout.funcdata_args), index,
                    kMaxArgumentBits, 0, false, map.live);
    map.exact = map.exact && exact;
  }
  if (function.reflect_stub && sp_delta > 0 && layout.function_flags) {
    map.objects.push_back(register_arguments(sp_delta));
  } else if (!append_objects(functions, function, sp_delta, map.objects)) {
    map.exact = false;
  }
  return map;
}

}  // namespace seep::goruntime
