#include "goruntime/types/type_mask.h"

#include <algorithm>
#include <array>
#include <span>

namespace seep::goruntime {

namespace {

// internal/abi.Type (type.go): the same 48 bytes since Go 1.12.
struct TypeHead {
  std::uint64_t size;
  std::uint64_t pointer_bytes;
  std::uint32_t hash;
  std::uint8_t flags;
  std::uint8_t align, field_align;
  std::uint8_t kind;
  std::uint64_t equal;
  std::uint64_t gc_data;
  std::int32_t name, pointer_to_this;
};
static_assert(sizeof(TypeHead) == 48);

// abi.TFlagGCMaskOnDemand (Go 1.24+): gc_data is the address of a word that holds the address of
// the mask, once the runtime has made it. In Go 1.22 and 1.23 the same bit is TFlagUnrolledBitmap,
// and the mask is there.
constexpr std::uint8_t kMaskOnDemand = 1 << 4;
constexpr std::uint8_t kKindMask = 0x1f;
constexpr std::uint8_t kArray = 17;
constexpr std::uint8_t kStruct = 25;
constexpr std::uint64_t kTypeHeadBytes = 48;
constexpr std::uint64_t kFieldBytes = 24;
constexpr std::uint64_t kMaxFields = 1 << 20;
// buildGCMask: a part is at most half as large as its parent or the only such part, so real types
// nest less deep.
constexpr int kMaxDepth = 128;
// A bound for the work on nested arrays whose bytes contradict themselves.
constexpr std::uint64_t kMaxParts = std::uint64_t{1} << 24;

class MaskBuilder {
 public:
  MaskBuilder(const target::MemoryReader& memory, std::uint64_t words, bool masks_on_demand)
      : memory_(memory),
        masks_on_demand_(masks_on_demand),
        bits_((words + 63) / 64),
        words_(words) {}

  Result<void> add(Address address, std::uint64_t first_word, int depth) {
    if (depth > kMaxDepth || ++parts_ > kMaxParts) {
      return fail(ErrorKind::kCorrupt, "a type is nested too deeply", address);
    }
    TypeHead head = TRY(memory_.read_value<TypeHead>(address));
    if (head.pointer_bytes == 0) return {};
    std::uint64_t count = head.pointer_bytes / 8;
    if (head.pointer_bytes % 8 != 0 || head.pointer_bytes > head.size || count > words_ ||
        first_word > words_ - count) {
      return fail(ErrorKind::kCorrupt, "the pointers of a type do not fit into it", address);
    }
    Address mask = TRY(ready_mask(head));
    if (!mask.is_null() && copy(mask, first_word, count)) return {};
    switch (head.kind & kKindMask) {
      case kArray:
        return add_array(address, head, first_word, depth);
      case kStruct:
        return add_struct(address, first_word, depth);
      default:
        return fail(ErrorKind::kCorrupt, "a type has no pointer mask", address);
    }
  }

  std::vector<std::uint64_t> take() { return std::move(bits_); }

 private:
  // Null if the runtime has not made it. While it is being made, the word holds the address of a
  // variable of the program (runtime.inProgress); a mask that was made lies in memory that the
  // runtime got from the kernel, far from the program's sections, where the word itself lies.
  Result<Address> ready_mask(const TypeHead& head) {
    if (!masks_on_demand_ || (head.flags & kMaskOnDemand) == 0) return Address(head.gc_data);
    Address made = TRY(memory_.read_address(Address(head.gc_data)));
    bool in_program = (made.value() >> 32) == (head.gc_data >> 32);
    return in_program ? Address() : made;
  }

  bool copy(Address mask, std::uint64_t first_word, std::uint64_t count) {
    std::vector<std::uint64_t> source((count + 63) / 64);
    std::span<std::byte> bytes = std::as_writable_bytes(std::span(source));
    if (!memory_.read(mask, bytes.first((count + 7) / 8))) return false;
    if (count % 64 != 0) source.back() &= (std::uint64_t{1} << (count % 64)) - 1;
    unsigned shift = first_word % 64;
    for (std::size_t i = 0; i < source.size(); ++i) {
      std::size_t at = first_word / 64 + i;
      bits_[at] |= source[i] << shift;
      if (shift != 0 && at + 1 < bits_.size()) bits_[at + 1] |= source[i] >> (64 - shift);
    }
    return true;
  }

  // abi.ArrayType: elem at 48, slice at 56, len at 64.
  Result<void> add_array(Address address, const TypeHead& head, std::uint64_t first_word,
                         int depth) {
    Address element = TRY(memory_.read_address(address + kTypeHeadBytes));
    std::uint64_t length = TRY(memory_.read_value<std::uint64_t>(address + kTypeHeadBytes + 16));
    std::uint64_t size = TRY(memory_.read_value<std::uint64_t>(element));
    if (length == 0 || size == 0 || size % 8 != 0 || size > head.size / length) {
      return fail(ErrorKind::kCorrupt, "the elements of an array do not fit into it", address);
    }
    // One element is worked out, the others are copies of it.
    std::uint64_t element_words = size / 8;
    TRY(add(element, first_word, depth + 1));
    for (std::uint64_t i = 1; i < length; ++i) {
      repeat(first_word, first_word + i * element_words, element_words);
    }
    return {};
  }

  void repeat(std::uint64_t from, std::uint64_t to, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count && to + i < words_; ++i) {
      std::uint64_t bit = (bits_[(from + i) / 64] >> ((from + i) % 64)) & 1;
      bits_[(to + i) / 64] |= bit << ((to + i) % 64);
    }
  }

  // abi.StructType: fields at 56; abi.StructField: name, type, offset.
  Result<void> add_struct(Address address, std::uint64_t first_word, int depth) {
    Address fields = TRY(memory_.read_address(address + kTypeHeadBytes + 8));
    std::uint64_t count = TRY(memory_.read_value<std::uint64_t>(address + kTypeHeadBytes + 16));
    if (count > kMaxFields) return fail(ErrorKind::kCorrupt, "a struct has too many fields");
    std::vector<std::uint64_t> words(count * (kFieldBytes / 8));
    TRY(memory_.read(fields, std::as_writable_bytes(std::span(words))));
    for (std::uint64_t i = 0; i < count; ++i) {
      Address type(words[i * 3 + 1]);
      std::uint64_t offset = words[i * 3 + 2];
      std::uint64_t pointer_bytes = TRY(memory_.read_value<std::uint64_t>(type + 8));
      if (pointer_bytes == 0) continue;
      if (offset % 8 != 0) return fail(ErrorKind::kCorrupt, "a field is not aligned", address);
      if (offset / 8 > words_) return fail(ErrorKind::kCorrupt, "a field is outside", address);
      TRY(add(type, first_word + offset / 8, depth + 1));
    }
    return {};
  }

  const target::MemoryReader& memory_;
  bool masks_on_demand_;
  std::vector<std::uint64_t> bits_;
  std::uint64_t words_;
  std::uint64_t parts_ = 0;
};

// Repeats the pattern of a small type so that a tile is at least one word of bits.
TypeMask unrolled(std::vector<std::uint64_t> bits, std::uint64_t type_words) {
  if (type_words >= 32) return {type_words, std::move(bits)};
  std::uint64_t copies = 64 / type_words;
  std::uint64_t pattern = bits.empty() ? 0 : bits.front();
  std::uint64_t repeated = 0;
  for (std::uint64_t i = 0; i < copies; ++i) repeated |= pattern << (i * type_words);
  return {copies * type_words, {repeated}};
}

}  // namespace

Result<std::vector<std::uint64_t>> read_pointer_bits(const target::MemoryReader& memory,
                                                     Address type, std::uint64_t object_bytes,
                                                     bool masks_on_demand) {
  TypeHead head = TRY(memory.read_value<TypeHead>(type));
  if (head.size == 0 || head.size % 8 != 0 || head.size > object_bytes ||
      head.pointer_bytes > head.size) {
    return fail(ErrorKind::kCorrupt, "a type does not fit into its object", type);
  }
  MaskBuilder builder(memory, head.pointer_bytes / 8, masks_on_demand);
  TRY(builder.add(type, 0, 0));
  return builder.take();
}

const TypeMask* TypeMaskCache::find(Address type, std::uint64_t object_bytes) {
  std::lock_guard lock(mutex_);
  auto [found, is_new] = entries_.try_emplace(type.value());
  Entry& entry = found->second;
  if (is_new || (entry.mask == nullptr && object_bytes > entry.tried_bytes)) {
    entry.tried_bytes = object_bytes;
    Result<std::uint64_t> size = memory_.read_value<std::uint64_t>(type);
    if (!size) return nullptr;
    entry.type_bytes = *size;
    Result<std::vector<std::uint64_t>> bits =
        read_pointer_bits(memory_, type, object_bytes, masks_on_demand_);
    if (!bits) return nullptr;
    entry.mask = std::make_unique<TypeMask>(unrolled(*std::move(bits), *size / 8));
  }
  return entry.mask != nullptr && entry.type_bytes <= object_bytes ? entry.mask.get() : nullptr;
}

}  // namespace seep::goruntime
