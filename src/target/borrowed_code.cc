#include "target/borrowed_code.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace seep::target {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;
constexpr std::size_t kLongestPiece = 9;

std::optional<std::size_t> find_bytes(std::span<const std::byte> text, std::string_view bytes) {
  std::string_view all(reinterpret_cast<const char*>(text.data()), text.size());
  std::size_t at = all.find(bytes);
  return at == std::string_view::npos ? std::nullopt : std::optional(at);
}

void search_mapping(const MemoryReader& memory, AddressRange range, BorrowedCode& code) {
  std::vector<std::byte> block(kBlock);
  // Blocks overlap by the length of a piece less one.
  for (Address at = range.begin; at < range.end; at = at + (kBlock - kLongestPiece + 1)) {
    std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, range.end - at));
    std::size_t got = memory.read_some(at, std::span(block).first(want));
    std::span<const std::byte> text = std::span<const std::byte>(block).first(got);
    if (code.call_and_return.is_null()) {
      if (std::optional<std::size_t> found = find_call_and_return(text)) {
        code.call_and_return = at + *found;
      }
    }
    if (code.signal_return.is_null()) {
      if (std::optional<std::size_t> found = find_signal_return(text)) {
        code.signal_return = at + *found;
      }
    }
    if (!code.call_and_return.is_null() && !code.signal_return.is_null()) return;
  }
}

}  // namespace

std::optional<std::size_t> find_call_and_return(std::span<const std::byte> text) {
  return find_bytes(text, "\x0f\x05\xc3");
}

std::optional<std::size_t> find_signal_return(std::span<const std::byte> text) {
  using namespace std::string_view_literals;
  std::optional<std::size_t> found = find_bytes(text, "\x48\xc7\xc0\x0f\0\0\0\x0f\x05"sv);
  return found ? found : find_bytes(text, "\xb8\x0f\0\0\0\x0f\x05"sv);
}

Result<BorrowedCode> find_borrowed_code(const MemoryReader& memory,
                                        const std::vector<procfs::Mapping>& mappings) {
  BorrowedCode code;
  for (const procfs::Mapping& mapping : mappings) {
    // Mappings of files and the vDSO stay as they are; generated code may not.
    bool stays = !mapping.is_anonymous() || mapping.path == "[vdso]";
    if (!mapping.executable || !mapping.readable || mapping.writable || !stays) continue;
    search_mapping(memory, mapping.range, code);
    if (!code.call_and_return.is_null() && !code.signal_return.is_null()) return code;
  }
  return fail(ErrorKind::kUnsupported,
              code.call_and_return.is_null()
                  ? "the program holds no system call instruction that could be borrowed"
                  : "the program holds no return from a signal handler that could be borrowed");
}

}  // namespace seep::target
