#include "report/past_lines.h"

#include "base/count_text.h"
#include "report/watch_lines.h"

namespace seep::report {

namespace {

using monitor::PastEvent;

constexpr std::size_t kMostTold = 200;

std::string end_text(const PastEvent& event) {
  std::string text = event.seen ? "ended" : "ended while nobody watched";
  if (event.oom) text += ": " + oom_text(*event.oom);
  return text;
}

std::string text_of(const PastEvent& event) {
  switch (event.kind) {
    case PastEvent::Kind::kWatched:
      return "watched: " + (event.text.empty() ? "not a Go program" : event.text);
    case PastEvent::Kind::kRestarted:
      return "started again: " + (event.text.empty() ? "not a Go program" : event.text);
    case PastEvent::Kind::kVerdict:
      return event.text + (event.detail.empty() ? "" : ": " + event.detail);
    case PastEvent::Kind::kNote:
      return event.text;
    case PastEvent::Kind::kEnded:
      return end_text(event);
  }
  return event.text;
}

}  // namespace

std::string past_lines(std::span<const PastEvent> events) {
  std::string text;
  if (events.size() > kMostTold) {
    text = count_text(events.size() - kMostTold) + " earlier events; --json tells all\n";
    events = events.last(kMostTold);
  }
  for (const PastEvent& event : events) {
    monitor::WatchedProcess process;
    process.program = event.program;
    process.identity = event.identity;
    text += watch_line(event.wall_ns, process, text_of(event));
  }
  return text;
}

}  // namespace seep::report
