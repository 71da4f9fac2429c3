#include "cli/progress_line.h"

#include <unistd.h>

#include <string>

#include "cli/output.h"

namespace seep::cli {
namespace {

constexpr double kQuietMs = 1000;

// Progress that cannot be shown is no reason to fail.
void say(const std::string& text) { static_cast<void>(write_all(STDERR_FILENO, text)); }

}  // namespace

ProgressLine::ProgressLine(bool enabled) : enabled_(enabled) {}

ProgressLine::~ProgressLine() {
  if (shown_) say("\r\033[K");
}

pipeline::ProgressCallback ProgressLine::callback() {
  if (!enabled_) return [](pipeline::Step) {};
  return [this](pipeline::Step step) { show(step); };
}

void ProgressLine::show(pipeline::Step step) {
  if (!enabled_ || watch_.elapsed().count() < kQuietMs) return;
  shown_ = true;
  say(std::string("\r\033[K") + pipeline::to_text(step) + " …");
}

}  // namespace seep::cli
