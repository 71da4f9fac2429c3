#include "support/stack_text.h"

#include <cstdlib>
#include <optional>

namespace seep::test {
namespace {

std::string_view take_line(std::string_view& text) {
  std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::uint64_t number_at(std::string_view text) {
  return std::strtoull(std::string(text).c_str(), nullptr, 10);
}

/// "goroutine 20 [chan receive (leaked), 2 minutes]:"
std::optional<StackTextGoroutine> parse_header(std::string_view line) {
  constexpr std::string_view kStart = "goroutine ";
  std::size_t bracket = line.find('[');
  std::size_t end = line.rfind("]:");
  if (!line.starts_with(kStart) || bracket == std::string_view::npos ||
      end == std::string_view::npos) {
    return std::nullopt;
  }
  StackTextGoroutine goroutine;
  goroutine.id = number_at(line.substr(kStart.size()));
  std::string_view state = line.substr(bracket + 1, end - bracket - 1);
  state = state.substr(0, state.find(','));
  for (std::string_view mark : {" (leaked)", " (scan)", " (durable)"}) {
    std::size_t at = state.find(mark);
    if (at == std::string_view::npos) continue;
    if (mark == " (leaked)") goroutine.leaked = true;
    state = state.substr(0, at);
  }
  goroutine.state = state;
  return goroutine;
}

/// "\t/src/main.go:59 +0x1c"
void parse_place(std::string_view line, StackTextFrame& frame) {
  if (line.starts_with('\t')) line.remove_prefix(1);
  line = line.substr(0, line.find(" +0x"));
  std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos) return;
  frame.file = line.substr(0, colon);
  frame.line = static_cast<std::uint32_t>(number_at(line.substr(colon + 1)));
}

}  // namespace

std::vector<StackTextGoroutine> parse_stack_text(std::string_view text) {
  std::vector<StackTextGoroutine> goroutines;
  bool inside = false;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (std::optional<StackTextGoroutine> header = parse_header(line)) {
      goroutines.push_back(*std::move(header));
      inside = true;
      continue;
    }
    if (line.empty()) inside = false;
    if (!inside) continue;
    StackTextGoroutine& goroutine = goroutines.back();
    constexpr std::string_view kCreated = "created by ";
    if (line.starts_with(kCreated)) {
      std::string_view name = line.substr(kCreated.size());
      constexpr std::string_view kParent = " in goroutine ";
      std::size_t parent = name.rfind(kParent);
      if (parent != std::string_view::npos) {
        goroutine.parent_id = number_at(name.substr(parent + kParent.size()));
        name = name.substr(0, parent);
      }
      goroutine.created_by.function = name;
      parse_place(take_line(text), goroutine.created_by);
    } else if (line.ends_with(')')) {
      StackTextFrame frame;
      frame.function = line.substr(0, line.rfind('('));
      parse_place(take_line(text), frame);
      goroutine.frames.push_back(std::move(frame));
    }
  }
  return goroutines;
}

}  // namespace seep::test
