#include "report/ps_json.h"

#include <nlohmann/json.hpp>

namespace seep::report {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json bytes_or_null(const std::optional<ByteSize>& size) {
  return size ? Json(size->bytes()) : Json(nullptr);
}

Json row_json(const analysis::ProcessRow& row) {
  return {{"pid", row.pid},
          {"program", row.program},
          {"go_version", row.go_version},
          {"container", text_or_null(row.container)},
          {"container_runtime", text_or_null(row.container_runtime)},
          {"pod_uid", text_or_null(row.pod_uid)},
          {"rss_bytes", row.rss.bytes()},
          {"heap_live_bytes", bytes_or_null(row.heap_live)},
          {"goroutines", row.goroutines ? Json(*row.goroutines) : Json(nullptr)},
          {"limit_bytes", bytes_or_null(row.limit)},
          {"limit_source", text_or_null(row.limit_source)},
          {"verdict", text_or_null(row.verdict)}};
}

}  // namespace

std::string ps_json(const analysis::ProcessReport& report) {
  Json json = {{"schema", "seep.ps/1"}};
  json["processes"] = Json::array();
  for (const analysis::ProcessRow& row : report.rows) json["processes"].push_back(row_json(row));
  json["notes"] = report.notes;
  // Names of programs need not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace seep::report
