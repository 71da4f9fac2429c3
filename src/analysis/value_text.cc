#include "analysis/value_text.h"

#include <algorithm>

namespace seep::analysis {

std::string value_text(const snapshot::Snapshot& snapshot, snapshot::ObjectId object) {
  auto found = std::lower_bound(snapshot.values.begin(), snapshot.values.end(), object,
                                [](const snapshot::ValuePreview& value, snapshot::ObjectId wanted) {
                                  return value.object < wanted;
                                });
  if (found == snapshot.values.end() || found->object != object) return {};
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text = "\"";
  for (char c : found->bytes) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += {'\\', c};
    } else if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return text + "\"";
}

}  // namespace seep::analysis
