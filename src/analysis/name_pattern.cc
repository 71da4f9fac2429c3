#include "analysis/name_pattern.h"

namespace seep::analysis {

bool matches(std::string_view pattern, std::string_view name) {
  // The last star met, and where in the name what it stands for may end: on a mismatch it takes in
  // one letter more.
  std::size_t star = std::string_view::npos, resume = 0;
  std::size_t p = 0, n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string_view without_vendor_folder(std::string_view name) {
  constexpr std::string_view kFolder = "/vendor/";
  std::size_t at = name.rfind(kFolder);
  if (at != std::string_view::npos) return name.substr(at + kFolder.size());
  return name.starts_with("vendor/") ? name.substr(7) : name;
}

std::string qualified_name(const snapshot::GoType& type) {
  std::size_t dot = type.name.find('.');
  if (type.package_path.empty() || dot == std::string::npos) return type.name;
  return std::string(without_vendor_folder(type.package_path)) + type.name.substr(dot);
}

}  // namespace seep::analysis
