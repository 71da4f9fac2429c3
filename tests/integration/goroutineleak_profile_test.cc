// Hung goroutines, against Go's own goroutineleak profile on the toolchain's own test programs: the
// micro tests and the bugs of cockroach, etcd, grpc, kubernetes, moby and others that stand in
// runtime/testdata/testgoroutineleakprofile (Go 1.26+), run as runtime/goroutineleakprofile_test.go
// runs them. Each program stops where it writes its profile; seep looks; the program writes its
// profile; seep looks again. Goroutines are compared one by one, by their ids.
//
// Other goroutines run on between these moments, and who hangs once hangs for ever. So all that the
// runtime finds, seep's second look must find; and what its first look finds must be found by the
// runtime too, or be a leak that the toolchain knows: it matches one of the patterns that
// goroutineleakprofile_test.go lists for the program.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include "analysis/leaked_goroutines.h"
#include "graph/object_graph.h"
#include "pipeline/capture.h"
#include "support/stack_text.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

namespace fs = std::filesystem;

class GoroutineLeakProfileTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, GoroutineLeakProfileTest, testing::ValuesIn(go_versions()),
                         VersionName());

/// One of the toolchain's test cases.
struct LeakCase {
  std::string name;
  bool goker = false;   ///< stands in the goker folder, a program of its own
  bool simple = false;  ///< runs with one processor, for a schedule that repeats
  std::vector<std::string> patterns;
};

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

/// The cases of goroutineleakprofile_test.go: makeTest("Name", `pattern`, ...) and makeFlakyTest.
std::vector<LeakCase> cases_of(const fs::path& go_root) {
  std::ifstream file(go_root / "src" / "runtime" / "goroutineleakprofile_test.go");
  std::regex start("^\\s*make(Flaky)?Test\\(\"(\\w+)\"");
  std::regex pattern("`([^`]*)`");
  std::vector<LeakCase> cases;
  bool goker = false;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (line.find("gokerTestCases :=") != std::string::npos) goker = true;
    if (line.find("\t//") == 0 || line.find("\t\t//") == 0) continue;
    if (std::regex_search(line, match, start)) {
      cases.push_back({match[2], goker, match[1].length() == 0, {}});
      inside = true;
    } else if (line.find("makeTest :=") != std::string::npos) {
      inside = false;
    }
    if (!inside || line.find("//") != std::string::npos) continue;
    for (std::sregex_iterator at(line.begin(), line.end(), pattern), end; at != end; ++at) {
      cases.back().patterns.push_back((*at)[1]);
    }
    if (line.ends_with("),")) inside = false;
  }
  return cases;
}

/// A copy of the toolchain's program that calls profilePoint instead of writing its profile.
Result<std::string> build_with_profile_point(const fs::path& sources, const std::string& name,
                                             const std::string& version) {
  fs::path copy = fs::path(cache_directory()) / "targets" /
                  (name + "-source-go" + version + "-" + std::to_string(getpid()));
  fs::create_directories(copy);
  std::regex write_profile("prof\\.WriteTo\\(os\\.Stdout, 2\\)");
  for (const fs::directory_entry& entry : fs::directory_iterator(sources)) {
    if (entry.path().extension() != ".go") continue;
    std::string text = read_text(entry.path());
    text = std::regex_replace(text, write_profile, "profilePoint(prof)");
    // The import must stay used.
    if (text.find("\t\"os\"\n") != std::string::npos) text += "\nvar _ = os.Stdout\n";
    std::ofstream(copy / entry.path().filename()) << text;
  }
  fs::copy_file(fs::path(source_directory()) / "tests" / "targets" / "goroutineleak_profile" /
                    "profile_point.go",
                copy / "profile_point.go");
  // The profile is an experiment in Go 1.26 and always there from 1.27 on.
  BuildOptions options;
  if (version.starts_with("1.26.")) options.environment = {"GOEXPERIMENT=goroutineleakprofile"};
  Result<std::string> program = build_directory(name, copy.string(), version, options);
  fs::remove_all(copy);
  return program;
}

/// "NilRecv.func1(...) [chan receive (nil chan)]": what the toolchain's patterns are matched with.
std::string leak_text(const snapshot::Snapshot& seen, const snapshot::Goroutine& goroutine) {
  std::string function;
  for (const snapshot::StackFrame& frame : seen.stacks[goroutine.stack]) {
    const std::string& name = seen.strings.text(frame.function);
    if (!name.starts_with("runtime.")) function = name;
  }
  if (function.starts_with("main.")) function = function.substr(5);
  return function + "(...) [" + seen.strings.text(goroutine.wait_reason) + "]";
}

struct Outcome {
  std::size_t runtime = 0;  ///< leaked for the runtime
  std::size_t before = 0;   ///< leaked for seep before the profile
  std::size_t after = 0;    ///< leaked for seep after the profile, at the last look
  int looks = 0;            ///< after the profile
  std::size_t beyond = 0;   ///< before, for seep only, and known to be a leak
  std::multiset<std::string> missed;
  std::multiset<std::string> unknown;
};

bool matches_any(const std::string& text, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (std::regex_search(text, std::regex(pattern))) return true;
  }
  return false;
}

using GoroutinesById = std::map<std::uint64_t, const snapshot::Goroutine*>;

GoroutinesById leaked_for_seep(const snapshot::Snapshot& seen) {
  analysis::LeakedGoroutines leaked = analysis::find_leaked_goroutines(graph::ObjectGraph(seen));
  GoroutinesById found;
  for (std::size_t i = 0; i < seen.goroutines.size(); ++i) {
    const snapshot::Goroutine& goroutine = seen.goroutines[i];
    if (leaked.never_runs_again.test(i) && !analysis::is_parked_main(goroutine, seen)) {
      found[goroutine.id] = &goroutine;
    }
  }
  return found;
}

std::multiset<std::string> missed_of(const std::vector<StackTextGoroutine>& profile,
                                     const GoroutinesById& found) {
  std::multiset<std::string> missed;
  for (const StackTextGoroutine& goroutine : profile)
    if (goroutine.leaked && !found.contains(goroutine.id))
      missed.insert(goroutine.frames.empty() ? "?" : goroutine.frames.back().function);
  return missed;
}

// A thread on the runtime's own stack, such as one that wakes the scavenger, may have the address
// of a goroutine among words of which nobody knows whether they are in use; then that one is not
// said to hang, at this look. Who hangs for ever is there at the next look as well.
Result<void> look_after(const TargetProcess& target, const std::vector<StackTextGoroutine>& profile,
                        Outcome& outcome) {
  constexpr int kMostLooks = 5;
  do {
    snapshot::Snapshot seen = TRY(pipeline::capture(target.pid(), {}));
    GoroutinesById found = leaked_for_seep(seen);
    outcome.after = found.size();
    outcome.missed = missed_of(profile, found);
    ++outcome.looks;
  } while (!outcome.missed.empty() && outcome.looks < kMostLooks);
  return {};
}

Outcome compare(const snapshot::Snapshot& before, const std::vector<StackTextGoroutine>& profile,
                const LeakCase& leak_case) {
  GoroutinesById first = leaked_for_seep(before);
  Outcome outcome;
  outcome.before = first.size();
  for (const StackTextGoroutine& goroutine : profile) {
    if (!goroutine.leaked) continue;
    ++outcome.runtime;
    first.erase(goroutine.id);
  }
  for (const auto& [id, goroutine] : first) {
    std::string text = leak_text(before, *goroutine);
    if (matches_any(text, leak_case.patterns)) {
      ++outcome.beyond;
    } else {
      outcome.unknown.insert(text);
    }
  }
  return outcome;
}

Result<Outcome> run_case(const std::string& program, const LeakCase& leak_case) {
  TargetProcess::Options options;
  options.environment = {"GODEBUG=asyncpreemptoff=1"};
  if (leak_case.simple) options.environment.push_back("GOMAXPROCS=1");
  TargetProcess target = TRY(TargetProcess::start(program, {leak_case.name}, options));
  snapshot::Snapshot before = TRY(pipeline::capture(target.pid(), {}));
  TRY(target.step("profile"));
  std::vector<StackTextGoroutine> profile = parse_stack_text(target.truth());
  Outcome outcome = compare(before, profile, leak_case);
  TRY(look_after(target, profile, outcome));
  return outcome;
}

void print_row(const std::string& name, const Outcome& outcome) {
  std::printf("%-24s %8zu %8zu %8zu %8zu %8zu %8zu %8d\n", name.c_str(), outcome.before,
              outcome.runtime, outcome.after, outcome.beyond, outcome.missed.size(),
              outcome.unknown.size(), outcome.looks);
}

TEST_P(GoroutineLeakProfileTest, finds_all_that_the_runtime_finds_and_nothing_false) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  std::string reason = too_old("goroutineleak_profile", GetParam());
  if (!reason.empty()) GTEST_SKIP() << reason;
  fs::path sources =
      fs::path(go_root(GetParam())) / "src" / "runtime" / "testdata" / "testgoroutineleakprofile";
  Result<std::string> plain = build_with_profile_point(sources, "leakprofile", GetParam());
  ASSERT_TRUE(plain) << plain.error().message;
  Result<std::string> goker = build_with_profile_point(sources / "goker", "goker", GetParam());
  ASSERT_TRUE(goker) << goker.error().message;
  std::vector<LeakCase> cases = cases_of(go_root(GetParam()));
  ASSERT_GT(cases.size(), 70u);

  std::printf("%-24s %8s %8s %8s %8s %8s %8s %8s\n", "program", "before", "runtime", "after",
              "beyond", "missed", "unknown", "looks");
  Outcome sum;
  for (const LeakCase& leak_case : cases) {
    Result<Outcome> outcome = run_case(leak_case.goker ? *goker : *plain, leak_case);
    ASSERT_TRUE(outcome) << leak_case.name << ": " << outcome.error().message;
    print_row(leak_case.name, *outcome);
    EXPECT_TRUE(outcome->missed.empty())
        << leak_case.name << ": missed " << *outcome->missed.begin();
    EXPECT_TRUE(outcome->unknown.empty())
        << leak_case.name
        << ": said to hang, but Go does not know it: " << *outcome->unknown.begin();
    sum.before += outcome->before;
    sum.runtime += outcome->runtime;
    sum.after += outcome->after;
    sum.beyond += outcome->beyond;
    sum.looks += outcome->looks;
  }
  print_row("sum", sum);
  EXPECT_GT(sum.runtime, 100u);
}

}  // namespace
}  // namespace seep::test
