#include "support/heap_dump.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string_view>

#include "base/byte_reader.h"

namespace seep::test {
namespace {

enum Tag : std::uint64_t {
  kEof = 0,
  kObject = 1,
  kOtherRoot = 2,
  kType = 3,
  kGoroutine = 4,
  kStackFrame = 5,
  kParams = 6,
  kFinalizer = 7,
  kItab = 8,
  kOsThread = 9,
  kMemStats = 10,
  kQueuedFinalizer = 11,
  kData = 12,
  kBss = 13,
  kDefer = 14,
  kPanic = 15,
  kMemProf = 16,
  kAllocSample = 17,
};

class Parser {
 public:
  explicit Parser(std::span<const std::byte> bytes) : in_(bytes, "heap dump") {}

  Result<HeapDump> parse() {
    constexpr std::string_view kHeader = "go1.7 heap dump\n";
    std::span<const std::byte> header = TRY(in_.read_bytes(kHeader.size()));
    if (std::string_view(reinterpret_cast<const char*>(header.data()), header.size()) != kHeader) {
      return fail(ErrorKind::kCorrupt, "not a heap dump");
    }
    for (;;) {
      std::uint64_t tag = TRY(in_.read_uvarint());
      if (tag == kEof) break;
      TRY(record(tag));
    }
    std::sort(dump_.objects.begin(), dump_.objects.end());
    return std::move(dump_);
  }

 private:
  Result<std::uint64_t> number() { return in_.read_uvarint(); }

  Result<void> numbers(int count) {
    for (int i = 0; i < count; ++i) TRY(number());
    return {};
  }

  Result<std::span<const std::byte>> bytes() {
    std::uint64_t length = TRY(number());
    return in_.read_bytes(length);
  }

  Result<std::string> text() {
    std::span<const std::byte> raw = TRY(bytes());
    return std::string(reinterpret_cast<const char*>(raw.data()), raw.size());
  }

  /// Kind and offset of each pointer, until kind 0.
  Result<void> fields() {
    while (TRY(number()) != 0) TRY(number());
    return {};
  }

  Result<void> record(std::uint64_t tag) {
    switch (tag) {
      case kObject:
        return object();
      case kOtherRoot:
        TRY(text());
        return numbers(1);
      case kType:
        TRY(numbers(2));
        TRY(text());
        return numbers(1);
      case kGoroutine:
        return goroutine();
      case kStackFrame:
        return stack_frame();
      case kParams:
        TRY(numbers(4));
        TRY(text());
        dump_.go_version = TRY(text());
        return numbers(1);
      case kFinalizer:
      case kQueuedFinalizer:
        dump_.finalizers.push_back({TRY(number()), tag == kQueuedFinalizer});
        return numbers(4);
      case kItab:
        return numbers(2);
      case kOsThread:
        return numbers(3);
      case kMemStats:
        return memory_statistics();
      case kData:
      case kBss:
        TRY(number());
        TRY(bytes());
        return fields();
      case kDefer:
        return numbers(7);
      case kPanic:
        return numbers(6);
      case kMemProf:
        return profile_bucket();
      case kAllocSample:
        dump_.sampled_objects.push_back(TRY(number()));
        return numbers(1);
      default:
        return fail(ErrorKind::kCorrupt, "unknown record " + std::to_string(tag) + " before byte " +
                                             std::to_string(in_.position()));
    }
  }

  Result<void> object() {
    DumpedObject object;
    object.address = TRY(number());
    object.bytes = TRY(bytes()).size();
    dump_.objects.push_back(object);
    return fields();
  }

  Result<void> goroutine() {
    DumpedGoroutine goroutine;
    TRY(numbers(2));
    goroutine.id = TRY(number());
    TRY(number());
    goroutine.status = TRY(number());
    goroutine.system = TRY(number()) != 0;
    TRY(numbers(2));
    goroutine.wait_reason = TRY(text());
    dump_.goroutines.push_back(std::move(goroutine));
    return numbers(4);
  }

  Result<void> stack_frame() {
    TRY(numbers(3));
    TRY(bytes());
    TRY(numbers(3));
    std::string function = TRY(text());
    if (!dump_.goroutines.empty()) dump_.goroutines.back().functions.push_back(std::move(function));
    return fields();
  }

  Result<void> memory_statistics() {
    // The fields of runtime.MemStats in their order; 0 is Alloc.
    std::array<std::uint64_t, 24> field{};
    for (std::uint64_t& value : field) value = TRY(number());
    dump_.mallocs = field[4];
    dump_.frees = field[5];
    dump_.heap_alloc = field[6];
    dump_.heap_inuse = field[9];
    dump_.heap_objects = field[11];
    return numbers(256 + 1);
  }

  Result<void> profile_bucket() {
    TRY(numbers(2));
    std::uint64_t depth = TRY(number());
    for (std::uint64_t i = 0; i < depth; ++i) {
      TRY(text());
      TRY(text());
      TRY(number());
    }
    return numbers(2);
  }

  ByteReader in_;
  HeapDump dump_;
};

}  // namespace

Result<HeapDump> read_heap_dump(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::kIo, "cannot open " + path);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return Parser(std::as_bytes(std::span<const char>(content))).parse();
}

}  // namespace seep::test
