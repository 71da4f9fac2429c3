#include "cli/watch_command.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "cli/live_display.h"
#include "cli/output.h"
#include "cli/plain_display.h"
#include "cli/round_pace.h"
#include "cli/round_timer.h"
#include "cli/target.h"
#include "cli/watch_display.h"
#include "pipeline/process_watch.h"
#include "pipeline/watch_past.h"
#include "report/past_lines.h"
#include "report/watch_json.h"
#include "report/watch_lines.h"

namespace seep::cli {
namespace {

constexpr double kSecond = 1e9;
constexpr double kLeastInterval = 0.1;
constexpr double kMostInterval = 3600;

/// The live view on a terminal that can show it, else lines.
std::unique_ptr<WatchDisplay> display_on(const Terminal& terminal) {
  if (!terminal.bars) return std::make_unique<PlainDisplay>();
  Result<LiveDisplay> live = LiveDisplay::open();
  if (live) return std::make_unique<LiveDisplay>(std::move(*live));
  std::string why = "seep: lines instead of the live view: " + live.error().message + "\n";
  static_cast<void>(write_all(STDERR_FILENO, why));
  return std::make_unique<PlainDisplay>();
}

/// `--json`: nothing is said before the end.
class SilentDisplay final : public WatchDisplay {
 public:
  Result<void> show(const monitor::WatchState&, const pipeline::WatchNews&, Instant) override {
    return {};
  }
};

Result<pipeline::WatchTargets> targets_of(const Arguments& arguments) {
  constexpr std::string_view kName = "name:";
  pipeline::WatchTargets targets;
  targets.all = arguments.has("--all") || arguments.positional().empty();
  for (const std::string& target : arguments.positional()) {
    if (!target.starts_with(kName)) {
      targets.pids.push_back(TRY(parse_pid(target)));
    } else if (target.size() == kName.size()) {
      return fail(ErrorKind::kInvalidArgument, "name: needs a program name after the colon");
    } else {
      targets.patterns.push_back(target.substr(kName.size()));
    }
  }
  return targets;
}

/// "90%" or "90".
Result<double> share_of(const std::string& text) {
  std::string_view digits = text;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  int percent = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  if (error != std::errc() || end != digits.data() + digits.size() || percent < 1 || percent > 100)
    return fail(ErrorKind::kInvalidArgument,
                "--snapshot-at needs a share of the limit such as 90%, not \"" + text + "\"");
  return percent / 100.0;
}

/// "256MiB" or "256".
Result<std::uint64_t> mebibytes_of(const std::string& text) {
  constexpr std::string_view kUnit = "MiB";
  constexpr std::uint64_t kMost = 1 << 20;  // a tebibyte
  std::string_view digits = text;
  if (digits.ends_with(kUnit)) digits.remove_suffix(kUnit.size());
  std::uint64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number > kMost)
    return fail(ErrorKind::kInvalidArgument,
                "--store-size needs a size such as 256MiB, not \"" + text + "\"");
  return number;
}

/// How long the store keeps what, and how large it may become.
Result<monitor::StoreLimits> limits_of(const Arguments& arguments) {
  constexpr std::string_view kSettings[] = {"--keep-samples", "--keep-10s", "--keep",
                                            "--store-size"};
  for (std::string_view flag : kSettings)
    if (arguments.has(std::string(flag)) && !arguments.has("--store"))
      return fail(ErrorKind::kInvalidArgument,
                  std::string(flag) + " is a setting of the store; add --store FILE");
  monitor::StoreLimits limits;
  bool samples = arguments.has("--keep-samples"), tens = arguments.has("--keep-10s");
  double& every = limits.every_sample_s;
  double& ten = limits.ten_seconds_s;
  every = TRY(arguments.duration("--keep-samples", every));
  ten = TRY(arguments.duration("--keep-10s", ten));
  limits.minutes_s = TRY(arguments.duration("--keep", limits.minutes_s));
  // What was not asked for gives way to what was.
  if (!arguments.has("--keep"))
    limits.minutes_s = std::max({limits.minutes_s, tens ? ten : 0, samples ? every : 0});
  if (!tens) ten = std::max(std::min(ten, limits.minutes_s), samples ? every : 0);
  if (!samples) every = std::min(every, ten);
  if (arguments.has("--store-size"))
    limits.most_bytes = TRY(mebibytes_of(arguments.value("--store-size"))) << 20;
  return limits;
}

/// `keys`: there will be a live view, in which snapshots can be asked for.
Result<pipeline::ProcessWatchOptions> options_of(const Arguments& arguments, bool keys) {
  pipeline::ProcessWatchOptions options;
  options.targets = TRY(targets_of(arguments));
  options.interval_s = TRY(arguments.duration("--interval", 1));
  if (options.interval_s < kLeastInterval || options.interval_s > kMostInterval)
    return fail(ErrorKind::kInvalidArgument, "--interval is at least 100ms and at most 1h");
  options.store = arguments.value("--store");
  if (arguments.has("--store") && options.store.empty())
    return fail(ErrorKind::kInvalidArgument, "--store needs the name of a file");
  options.store_limits = TRY(limits_of(arguments));
  if (arguments.has("--snapshot-dir") && !arguments.has("--snapshot-at") && !keys)
    return fail(
        ErrorKind::kInvalidArgument,
        "--snapshot-dir is for snapshots, which --snapshot-at PERCENT asks for, or a key of "
        "the live view");
  std::string beside = options.store.empty() ? "seep-snapshots" : options.store + ".snapshots";
  options.snapshot_folder = arguments.value("--snapshot-dir", beside);
  if (arguments.has("--snapshot-at"))
    options.snapshot_share = TRY(share_of(arguments.value("--snapshot-at")));
  return options;
}

std::int64_t nanoseconds(double seconds) { return static_cast<std::int64_t>(seconds * kSecond); }

/// A watch from its first round to its last.
class Rounds {
 public:
  Rounds(pipeline::ProcessWatch& watch, WatchDisplay& display, double interval_s,
         std::optional<double> seconds)
      : watch_(watch),
        display_(display),
        pace_(start_.boot_ns, nanoseconds(interval_s),
              seconds ? std::optional(nanoseconds(*seconds)) : std::nullopt) {}

  Result<void> run(const RoundTimer& timer) {
    while (true) {
      Instant now = Instant::now();
      if (pace_.is_due(now.boot_ns)) {
        TRY(display_.show(watch_.state(), watch_.round(now), now));
        ++count_;
        if (!pace_.go_on(now.boot_ns, Instant::now().boot_ns)) return {};
      }
      WaitEnd end = timer.wait_until(pace_.next_ns(), display_.input());
      if (end == WaitEnd::kStop) return {};
      if (end != WaitEnd::kInput && end != WaitEnd::kSignal) continue;
      DisplayWish wish = TRY(display_.handle_input(watch_.state()));
      if (wish.ends) return {};
      if (wish.snapshot) take_snapshot(*wish.snapshot);
    }
  }

  report::WatchSpan span() const {
    std::int64_t passed = Instant::now().boot_ns - start_.boot_ns;
    return {start_.wall_ns, static_cast<double>(passed) / kSecond, count_};
  }

 private:
  void take_snapshot(const monitor::ProcessIdentity& process) {
    Result<std::string> path = watch_.take_snapshot(process, Instant::now());
    display_.say(watch_.state(),
                 path ? "saving a snapshot to " + *path : "no snapshot: " + path.error().message);
  }

  pipeline::ProcessWatch& watch_;
  WatchDisplay& display_;
  Instant start_ = Instant::now();
  RoundPace pace_;
  std::uint64_t count_ = 0;
};

std::unexpected<Error> nothing_seen(const pipeline::WatchTargets& targets) {
  if (targets.patterns.empty())
    return fail(ErrorKind::kTargetGone, "process " + std::to_string(targets.pids.front()) +
                                            " ended before it could be looked at");
  return fail(ErrorKind::kNotFound, "no live Go process that this user may see was named \"" +
                                        targets.patterns.front() + "\" while seep watched");
}

bool is_found(const monitor::WatchedProcess& process) {
  return process.oom || (process.verdict && monitor::is_alarm(process.verdict->kind));
}

/// `--for 0`: what the store knows, without watching.
Result<CommandOutput> tell_past(const pipeline::ProcessWatchOptions& options, bool json) {
  if (options.store.empty())
    return fail(ErrorKind::kInvalidArgument,
                "--for 0 tells what a store knows, and none is named; add --store FILE, or leave "
                "--for out to watch until Ctrl-C");
  pipeline::WatchPast past = TRY(pipeline::read_watch_past(options.store, options.targets));
  CommandOutput output;
  output.text =
      json ? report::watch_json(past.state, {past.first_wall_ns, past.seconds, 0}, past.events)
           : report::past_lines(past.events) + report::watch_summary(past.state, past.seconds);
  if (std::ranges::any_of(past.state.processes, is_found)) output.status = ExitStatus::kFound;
  for (const std::string& note : past.state.notes) output.note += "seep: " + note + "\n";
  return output;
}

}  // namespace

Result<CommandOutput> run_watch(const Arguments& arguments, const Terminal& terminal) {
  bool json = arguments.has("--json");
  pipeline::ProcessWatchOptions options = TRY(options_of(arguments, terminal.bars && !json));
  std::optional<double> seconds;
  if (arguments.has("--for")) seconds = TRY(arguments.duration("--for", 0));
  if (seconds && !(*seconds > 0)) return tell_past(options, json);
  RoundTimer timer = TRY(RoundTimer::make());
  pipeline::ProcessWatch watch = TRY(pipeline::ProcessWatch::start(options));
  std::unique_ptr<WatchDisplay> display;
  if (json)
    display = std::make_unique<SilentDisplay>();
  else
    display = display_on(terminal);

  Rounds rounds(watch, *display, options.interval_s, seconds);
  TRY(rounds.run(timer));
  display.reset();  // the terminal is the shell's again while the last snapshot is waited for
  watch.finish(Instant::now());

  const monitor::WatchState& state = watch.state();
  if (state.processes.empty() && !options.targets.all) return nothing_seen(options.targets);
  CommandOutput output;
  output.text = json ? report::watch_json(state, rounds.span())
                     : report::watch_summary(state, rounds.span().seconds);
  if (std::ranges::any_of(state.processes, is_found)) output.status = ExitStatus::kFound;
  if (json)
    for (const std::string& note : state.notes) output.note += "seep: " + note + "\n";
  return output;
}

}  // namespace seep::cli
