// Cores in which any structure that seep follows may say anything: each case is read, analysed and
// rendered whole, and must end in a bounded time with bounded memory, in answers or in an error.
// Of ten cases one damages the core file itself, one the executable that it is read with, and one a
// snapshot file.
//
//   SEEP_HOSTILE_CASES=10000 hostile_core_test     (default 400, shared by the releases)
//   SEEP_HOSTILE_SEED=4711 SEEP_HOSTILE_CASES=1    repeats what failed; add SEEP_TEST_GO=1.27.4
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <thread>

#include "pipeline/analyze.h"
#include "pipeline/capture_core.h"
#include "pipeline/value_previews.h"
#include "report/diagnosis_text.h"
#include "report/goroutines_text.h"
#include "report/heap_text.h"
#include "report/json_reports.h"
#include "snapshot/snapshot_check.h"
#include "snapshot/snapshot_file.h"
#include "support/case_pool.h"
#include "support/damaged_file.h"
#include "support/damaged_memory.h"
#include "support/hostile_subject.h"
#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

using snapshot::Snapshot;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::vector<std::string> open_files() {
  std::vector<std::string> files;
  for (const std::filesystem::directory_entry& entry :
       std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    files.push_back(entry.path().string() + " " +
                    std::filesystem::read_symlink(entry.path(), error).string());
  }
  std::ranges::sort(files);
  return files;
}

// Everything that the commands would do with it. Errors are answers too.
void ask_everything(const Snapshot& snapshot, std::uint64_t seed) {
  report::TextStyle style;
  if (Result<analysis::Diagnosis> diagnosis = pipeline::diagnose(snapshot, {})) {
    (void)report::diagnosis_text(*diagnosis, style);
    (void)report::diagnosis_json(*diagnosis);
  }
  if (Result<analysis::GoroutineReport> report =
          pipeline::explain_goroutines(snapshot, seed % 2 == 0, {})) {
    (void)report::goroutines_text(*report, style);
    (void)report::goroutines_json(*report);
  }
  analysis::HeapQuestion question;
  question.by = static_cast<analysis::HeapRowsBy>(seed % 4);
  question.tree = seed % 5 == 0;
  question.garbage = seed % 7 == 0;
  if (seed % 6 == 0) question.path = "string";
  if (seed % 6 == 1 && !snapshot.heap.spans.empty()) {
    const snapshot::Span& span = snapshot.heap.spans[seed / 6 % snapshot.heap.spans.size()];
    std::ostringstream address;
    address << "0x" << std::hex << span.start.value();
    question.path = address.str();
  }
  if (seed % 9 == 0) question.type = "string";
  if (Result<analysis::HeapReport> report = pipeline::explain_heap(snapshot, question, {})) {
    (void)report::heap_text(*report, style);
    (void)report::heap_json(*report);
  }
}

// The file of one case.
class WorkerFile {
 public:
  explicit WorkerFile(const TemporaryFolder& folder)
      : path_(folder.file("case-" + std::to_string(getpid()))),
        descriptor_(open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {}
  ~WorkerFile() {
    close(descriptor_);
    unlink(path_.c_str());
  }
  WorkerFile(const WorkerFile&) = delete;
  WorkerFile& operator=(const WorkerFile&) = delete;

  const std::string& path() const { return path_; }

  bool fill(const std::string& bytes) {
    return pwrite(descriptor_, bytes.data(), bytes.size(), 0) == std::ssize(bytes);
  }

  /// The damaged bytes; what follows them is `original`'s, holes and all.
  bool fill(const DamagedFile& damaged, const std::string& original) {
    int from = open(original.c_str(), O_RDONLY | O_CLOEXEC);
    bool whole = ftruncate(descriptor_, static_cast<off_t>(damaged.length())) == 0;
    auto end = static_cast<off_t>(damaged.length());
    auto at = static_cast<off_t>(damaged.bytes().size());
    std::vector<char> piece(std::size_t{64} << 10);
    while (whole && (at = lseek(from, at, SEEK_DATA)) >= 0 && at < end) {
      std::size_t want = std::min(piece.size(), static_cast<std::size_t>(end - at));
      ssize_t got = pread(from, piece.data(), want, at);
      whole =
          got > 0 && pwrite(descriptor_, piece.data(), static_cast<std::size_t>(got), at) == got;
      at += got;
    }
    close(from);
    std::size_t head = std::min<std::size_t>(damaged.bytes().size(), damaged.length());
    return whole &&
           pwrite(descriptor_, damaged.bytes().data(), head, 0) == static_cast<ssize_t>(head);
  }

 private:
  std::string path_;
  int descriptor_;
};

class HostileCoreTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
    for (const char* name : {"heap_shapes", "timers_and_defers", "goroutine_states"}) {
      if (!too_old(name, GetParam()).empty()) continue;
      Result<HostileSubject> subject = HostileSubject::open(name, GetParam(), folder_);
      ASSERT_TRUE(subject) << name << ": " << subject.error().message;
      subjects_.push_back(std::move(*subject));
    }
    ASSERT_FALSE(subjects_.empty());
  }

  CaseOutcome run_case(std::uint64_t seed) {
    const HostileSubject& subject = subjects_[seed % subjects_.size()];
    std::vector<std::string> files = open_files();
    CaseOutcome outcome = one_kind_of_damage(subject, seed);
    if (open_files() != files) outcome.wrong = "other files are open than before";
    return outcome;
  }

 private:
  CaseOutcome one_kind_of_damage(const HostileSubject& subject, std::uint64_t seed) {
    switch (seed % 10) {
      case 7:
        return damaged_snapshot(subject, seed);
      case 8:
        return damaged_executable(subject, seed);
      case 9:
        return damaged_core(subject, seed);
      default:
        return damaged_memory(subject, seed);
    }
  }

  CaseOutcome damaged_memory(const HostileSubject& subject, std::uint64_t seed) {
    DamagedMemory memory(*subject.core, subject.places, seed);
    // What is looked for in memory may be found elsewhere, or not at all.
    std::unique_ptr<goruntime::GoProgram> reopened;
    bool by_search = subject.program->symbols.empty();
    if (seed % (by_search ? 2 : 16) == 0) {
      const target::ProgramFiles& same = subject.program->files;
      Result<elf::ElfFile> file = elf::ElfFile::open(same.executable.path());
      if (!file) return {.wrong = file.error().message};
      Result<std::unique_ptr<goruntime::GoProgram>> opened =
          goruntime::open_program({std::move(*file), std::nullopt, same.slide}, memory);
      if (!opened) return refused(opened.error());
      reopened = std::move(*opened);
    }
    const goruntime::GoProgram& program = reopened ? *reopened : *subject.program;
    Snapshot snapshot;
    Result<void> done = read_core(program, memory, *subject.core, snapshot);
    if (!done) return refused(done.error());
    if (seed % 3 == 0) pipeline::add_value_previews(memory, snapshot);
    return checked(snapshot, seed, memory.what());
  }

  CaseOutcome damaged_core(const HostileSubject& subject, std::uint64_t seed) {
    DamagedFile damaged(subject.core_head, subject.core_bytes, subject.core_parts, seed);
    WorkerFile file(folder_);
    if (!file.fill(damaged, subject.path)) return {.wrong = "the core cannot be copied"};
    return captured(file.path(), subject.program->files.executable.path(), seed, damaged.what());
  }

  CaseOutcome damaged_executable(const HostileSubject& subject, std::uint64_t seed) {
    DamagedFile damaged(subject.executable, subject.executable.size(), subject.executable_parts,
                        seed);
    WorkerFile file(folder_);
    std::string original = subject.program->files.executable.path();
    if (!file.fill(damaged, original)) return {.wrong = "the executable cannot be copied"};
    return captured(subject.path, file.path(), seed, damaged.what());
  }

  // With checksums that hold.
  CaseOutcome damaged_snapshot(const HostileSubject& subject, std::uint64_t seed) {
    std::vector<SnapshotSection> sections = subject.snapshot_sections;
    std::string damaged = damage_sections(sections, seed);
    WorkerFile file(folder_);
    std::string bytes = snapshot_of_sections(subject.snapshot_head, sections);
    if (!file.fill(bytes)) return {.wrong = "the snapshot cannot be written"};
    Result<Snapshot> snapshot = snapshot::read_snapshot_file(file.path());
    if (!snapshot) return refused(snapshot.error());
    return checked(*snapshot, seed, damaged);
  }

  CaseOutcome captured(const std::string& core, const std::string& executable, std::uint64_t seed,
                       const std::string& damaged) {
    pipeline::CaptureOptions options;
    options.files.executable = executable;
    Result<Snapshot> snapshot = pipeline::capture_core(core, options);
    if (!snapshot) return refused(snapshot.error());
    return checked(*snapshot, seed, damaged);
  }

  static CaseOutcome refused(const Error& error) {
    return {.refused = true, .wrong = error.message.empty() ? "an error without a message" : ""};
  }

  CaseOutcome checked(const Snapshot& snapshot, std::uint64_t seed, const std::string& damaged) {
    if (Result<void> holds = snapshot::check_snapshot(snapshot); !holds) {
      return {.wrong = "damaged: " + damaged + "; " + holds.error().message};
    }
    ask_everything(snapshot, seed);
    if (seed % 16 == 1) {
      std::string path = folder_.file("snapshot-" + std::to_string(getpid()));
      Result<void> written = snapshot::write_snapshot_file(snapshot, path);
      if (!written) return {.wrong = written.error().message};
      Result<Snapshot> reread = snapshot::read_snapshot_file(path);
      unlink(path.c_str());
      if (!reread) return {.wrong = "its own file is refused: " + reread.error().message};
    }
    return {};
  }

  TemporaryFolder folder_;
  std::vector<HostileSubject> subjects_;
};

INSTANTIATE_TEST_SUITE_P(Go, HostileCoreTest, testing::ValuesIn(go_versions()), VersionName());

TEST_P(HostileCoreTest, any_damage_ends_in_answers_or_an_error) {
  std::vector<std::string> versions = go_versions();
  std::uint64_t total = number_from("SEEP_HOSTILE_CASES", 400);
  std::uint64_t count = std::max<std::uint64_t>(1, total / versions.size());
  std::uint64_t index =
      static_cast<std::uint64_t>(std::ranges::find(versions, GetParam()) - versions.begin());
  std::uint64_t first = number_from("SEEP_HOSTILE_SEED", 1 + index * count);
  CaseBounds bounds;
#if defined(__SANITIZE_ADDRESS__)
  bounds.time = std::chrono::seconds(60);
  bounds.deadline = std::chrono::seconds(300);
  bounds.memory_bytes = std::uint64_t{2} << 30;
#else
  bounds.time = std::chrono::seconds(10);
  bounds.memory_bytes = std::uint64_t{256} << 20;
  bounds.address_bytes = std::uint64_t{2} << 30;
#endif
  unsigned children = std::max(1u, std::thread::hardware_concurrency());
  CaseReport report = run_cases(first, count, children, bounds,
                                [this](std::uint64_t seed) { return run_case(seed); });
  std::printf("Go %s, seeds %llu ... %llu: %s\n", GetParam().c_str(),
              static_cast<unsigned long long>(first),
              static_cast<unsigned long long>(first + count - 1), report.text().c_str());
  EXPECT_TRUE(report.failures.empty()) << report.text();
}

}  // namespace
}  // namespace seep::test
