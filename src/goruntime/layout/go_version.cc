#include "goruntime/layout/go_version.h"

#include <charconv>
#include <optional>

namespace seep::goruntime {
namespace {

// The number at the front of `text`, which it is taken off.
std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  std::from_chars_result parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return number;
}

std::vector<std::string> parse_experiments(std::string_view text) {
  std::vector<std::string> experiments;
  std::size_t mark = text.find("X:");
  if (mark == std::string_view::npos) return experiments;
  text.remove_prefix(mark + 2);
  text = text.substr(0, text.find(' '));
  while (!text.empty()) {
    std::size_t comma = text.find(',');
    experiments.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return experiments;
}

}  // namespace

Result<GoVersion> parse_go_version(std::string_view text) {
  constexpr std::string_view kPrefix = "go1.";
  GoVersion version;
  version.text = text;
  version.development = text.starts_with("devel");
  std::size_t begin = text.find(kPrefix);
  std::string_view rest = text.substr(begin == std::string_view::npos ? text.size() : begin);
  rest.remove_prefix(rest.empty() ? 0 : kPrefix.size());
  std::optional<int> minor = take_number(rest);
  if (!minor) {
    return fail(ErrorKind::kUnsupported,
                "\"" + version.text.substr(0, 80) + "\" is not a version of Go 1");
  }
  version.minor = *minor;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    version.patch = take_number(rest).value_or(0);
  }
  version.experiments = parse_experiments(rest);
  return version;
}

Result<void> check_supported(const GoVersion& version) {
  if (version.minor >= kOldestSupportedMinor) return {};
  return fail(ErrorKind::kUnsupported, "the program was built with " + version.text +
                                           "; seep reads programs of Go 1." +
                                           std::to_string(kOldestSupportedMinor) + " and newer");
}

}  // namespace seep::goruntime
