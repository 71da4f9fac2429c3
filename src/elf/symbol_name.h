// Names as the Go linker writes them into symbols and debug information, and as people know them.
#pragma once

#include <string>
#include <string_view>

namespace seep::elf {

/// The name with its escapes taken back: "gopkg.in/yaml%2ev3.Node" is gopkg.in/yaml.v3.Node. Text
/// between double quotes, the tags in a struct type's name, stays as it is.
std::string readable_name(std::string_view symbol);

}  // namespace seep::elf
