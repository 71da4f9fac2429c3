// Source: runtime/traceback.go, funcNamePiecesForPrint (two bracket pairs since Go 1.27, where
// methods may have type parameters of their own), showfuncinfo and isExportedRuntime.
#include "goruntime/code/function_name.h"

#include <cstddef>

namespace seep::goruntime {
namespace {

constexpr std::string_view kElided = "[...]";

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

/// Positions of "]name[" between the two bracket pairs of "Type[...].Method[...]".
struct Middle {
  std::size_t begin = std::string_view::npos;
  std::size_t end = std::string_view::npos;
  bool balanced = false;
};

Middle find_middle(std::string_view interior) {
  Middle middle;
  int depth = 1;
  for (std::size_t k = 0; k < interior.size(); ++k) {
    if (interior[k] == '[' && ++depth == 1) {
      middle.end = k;
      break;
    }
    if (interior[k] == ']') {
      if (--depth < 0) break;
      if (depth == 0) middle.begin = k;
    }
  }
  middle.balanced = depth == 1;
  return middle;
}

}  // namespace

std::string printed_function_name(std::string_view name) {
  std::size_t open = name.find('[');
  std::size_t close = name.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close <= open) {
    return std::string(name);
  }
  std::string text(name.substr(0, open));
  text += kElided;
  std::string_view interior = name.substr(open + 1, close - open - 1);
  if (interior.find('[') != std::string_view::npos) {
    Middle middle = find_middle(interior);
    bool none = middle.begin == std::string_view::npos && middle.end == std::string_view::npos;
    bool both = middle.begin != std::string_view::npos && middle.end != std::string_view::npos;
    if (!middle.balanced || !(none || both)) return std::string(name);
    if (both) {
      text += interior.substr(middle.begin + 1, middle.end - middle.begin - 1);
      text += kElided;
    }
  }
  text += name.substr(close + 1);
  return text;
}

bool is_shown_by_name(std::string_view name) {
  constexpr std::string_view kRuntime = "runtime.";
  if (name.find('.') == std::string_view::npos) return false;
  if (!name.starts_with(kRuntime)) return true;
  std::string_view function = name.substr(kRuntime.size());
  std::string_view receiver;
  std::size_t dot = function.rfind('.');
  if (dot != std::string_view::npos) {
    receiver = function.substr(0, dot);
    function = function.substr(dot + 1);
    if (receiver.size() >= 3 && receiver.starts_with("(*") && receiver.ends_with(')')) {
      receiver = receiver.substr(2, receiver.size() - 3);
    }
  }
  return !function.empty() && is_capital(function[0]) &&
         (receiver.empty() || is_capital(receiver[0]));
}

}  // namespace seep::goruntime
