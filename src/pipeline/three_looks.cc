// Read downwards: these are the steps of three looks.
#include "pipeline/three_looks.h"

#include <time.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/count_text.h"
#include "pipeline/live_heap.h"
#include "procfs/process_status.h"

namespace seep::pipeline {

using analysis::Diagnosis;
using analysis::WatchRecord;

namespace {

double seconds_on(const Stopwatch& watch) { return watch.elapsed().count() / 1000; }

class ThreeLooks {
 public:
  ThreeLooks(pid_t pid, const ThreeLooksOptions& options)
      : pid_(pid), options_(options), live_heap_(pid) {}

  Result<Diagnosis> run() {
    TRY(look(false));
    double distance = options_.seconds / 2;
    WaitEnd end = wait_until(distance);
    if (end == WaitEnd::kDone) {
      TRY(look(false));
      // If the first look took longer than it should, the second half is as long as the first was.
      double first_half = last_look_at_ - first_look_at_;
      end = wait_until(last_look_at_ + first_half);
    }
    if (end == WaitEnd::kGone) return as_it_was("the process ended");
    record_.complete = end == WaitEnd::kDone;
    Result<void> last = look(true);
    if (!last && last.error().kind == ErrorKind::kTargetGone) return as_it_was("the process ended");
    if (!last) return std::unexpected(std::move(last).error());
    if (!record_.complete)
      diagnosis_->notes.push_back("stopped by the user after " + duration_text(watched()) + " of " +
                                  duration_text(options_.seconds) +
                                  ": what grows slowly does not show in so short a time");
    return std::move(*diagnosis_);
  }

 private:
  double watched() const { return last_look_at_ - first_look_at_; }

  WaitEnd wait_until(double at) {
    double left = std::max(0.0, at - seconds_on(clock_));
    return options_.wait(left, [this] { live_heap_.look(seconds_on(clock_)); });
  }

  /// Takes a snapshot and diagnoses it; keeps of it what a later look needs.
  Result<void> look(bool last) {
    double at = seconds_on(clock_);
    Result<snapshot::Snapshot> taken = capture(pid_, options_.capture);
    if (!taken) return failed(std::move(taken).error());
    if (identity_.empty()) identity_ = analysis::process_identity(taken->program);
    if (analysis::process_identity(taken->program) != identity_)
      return failed({ErrorKind::kTargetGone, "the process ended, and another has its id"});
    if (!diagnosis_) first_look_at_ = at;
    last_look_at_ = at;
    live_heap_.look(at);
    record_.samples = live_heap_.samples();
    Look look = TRY(diagnose_look(*taken, record_, !last, options_.analyze));
    freezes_.push_back(taken->freeze);
    look.diagnosis.head.freezes = freezes_;
    diagnosis_ = std::move(look.diagnosis);
    if (look.milestone) record_.milestones.push_back(std::move(*look.milestone));
    return {};
  }

  /// With a first look there is an answer, whatever happens to the process.
  Result<void> failed(Error error) const {
    if (diagnosis_ && error.kind == ErrorKind::kNotFound) error.kind = ErrorKind::kTargetGone;
    return std::unexpected(std::move(error));
  }

  Result<Diagnosis> as_it_was(const std::string& why) {
    diagnosis_->notes.push_back(why + " before the watch did; this is what it was like " +
                                (freezes_.size() > 1
                                     ? duration_text(watched()) + " after the first look"
                                     : std::string("at the first look")));
    return std::move(*diagnosis_);
  }

  pid_t pid_;
  const ThreeLooksOptions& options_;
  Stopwatch clock_;
  LiveHeap live_heap_;
  std::string identity_;
  double first_look_at_ = 0, last_look_at_ = 0;
  WatchRecord record_;
  std::optional<Diagnosis> diagnosis_;  ///< of the last look
  std::vector<snapshot::FreezeReport> freezes_;
};

}  // namespace

Result<Diagnosis> diagnose_over_time(pid_t pid, const ThreeLooksOptions& options) {
  return ThreeLooks(pid, options).run();
}

WaitEnd wait_for_process(pid_t pid, double seconds, const std::function<void()>& look,
                         const std::function<bool()>& stopped) {
  constexpr double kStep = 0.1;  // in which the user's wish is seen
  constexpr double kBetweenLooks = 1;
  Result<procfs::ProcessStat> before = procfs::read_stat(pid);
  if (!before || before->is_zombie()) return WaitEnd::kGone;
  Stopwatch clock;
  double next_look = kBetweenLooks;
  while (true) {
    if (stopped()) return WaitEnd::kStopped;
    double left = seconds - seconds_on(clock);
    if (left <= 0) return WaitEnd::kDone;
    timespec step{0, static_cast<long>(std::min(left, kStep) * 1e9)};
    nanosleep(&step, nullptr);
    if (seconds_on(clock) < next_look) continue;
    next_look += kBetweenLooks;
    Result<procfs::ProcessStat> now = procfs::read_stat(pid);
    if (!now || now->is_zombie() || now->start_ticks != before->start_ticks) return WaitEnd::kGone;
    look();
  }
}

}  // namespace seep::pipeline
