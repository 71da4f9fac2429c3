#include "snapshot/snapshot_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>

#include "snapshot/snapshot_check.h"
#include "snapshot/snapshot_fields.h"
#include "support/graph_notation.h"
#include "support/random_graph.h"

namespace seep::snapshot {
namespace {

namespace fs = std::filesystem;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

class SnapshotFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("seep-snapshot-file-" + std::to_string(getpid()));
    fs::create_directories(folder_);
    path_ = folder_ / "a.seep";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string bytes_of_file() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void put(const std::string& bytes) const {
    // A new file each time: the kernel flushes one that is cut and written again.
    fs::remove(path_);
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::size_t files_in_folder() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
  std::string path_;
};

ResidentReading full_reading() {
  ResidentReading reading;
  reading.memory = {0, {}, true, true, 1};
  for (std::uint64_t i = 0; i < kResidentAccounts; ++i) {
    reading.memory.accounts[i] = i << 40 | 1;
    reading.memory.rss_bytes += reading.memory.accounts[i];
  }
  ResidentFacts& facts = reading.facts;
  facts.go = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, std::nullopt, -1, 14, -15};
  facts.occupancy = {1, 2, 3, 4, 5};
  facts.lazy_free = 1ull << 33;
  facts.swap = 0;
  facts.threads = 12;
  facts.returns_lazily = true;
  facts.cgroup_limit = 1ull << 31;
  facts.collecting_share = 0.25;
  facts.goroutine_struct_bytes = 384;
  facts.stacks_needed = 2048;
  facts.largest_mapped = LargestFile{"/var/lib/x.db", 1 << 30};
  reading.diagnostics.count("pages that went", 3);
  facts.later = {"Go 1.16", "", "Go 1.19", "Go 1.23"};
  return reading;
}

Snapshot full_snapshot() {
  Snapshot snapshot = test::draw(R"(
    type main.node[48] { key string @0; next *main.node @16; value any @24 }
    root global main.cache:map[string]*main.node -> a:map[string]*main.node[48]
    root finalizer of n:main.node[48] -> a
    a.directory -> n
    n.next -> n
    n.key -> text:string[16]+3
    goroutine 17 waiting select ch:chan int[96], outside in main.f@f.go:12 in main.main by main.g for 300s parent 4 -> x=ch, n+8
    goroutine 1 running system cut
    sample n in main.make@f.go:4
    object free:[]byte[64]
    dead text
  )")
                          .snapshot;
  snapshot.heap.allocated.clear(5);
  ProgramInfo& program = snapshot.program;
  program = {TargetKind::kLive,
             4711,
             "/bin/x",
             "x",
             "go1.27.4",
             "example.com/x",
             "abcd",
             true,
             12.5,
             4321,
             "6e2f0a3c-boot",
             123456789,
             1ull << 40,
             1ull << 33,
             LimitSource::kCgroup,
             OpenFiles{1, 2, 3, 4, 1024}};
  snapshot.freeze = {FreezeMode::kStop, 1.5, 2.5, 3, 8, "no room"};
  snapshot.runtime = {1, 2, 3, 4, 5, 6, 7, 8, -1, 1ull << 63, true};
  snapshot.resident = full_reading();
  snapshot.types.at(TypeId{1}).package_path = "example.com/x";
  snapshot.types.at(TypeId{1}).tail = TypeId{2};
  snapshot.types.at(TypeId{1}).fields.at(0).role = PartRole::kKey;
  snapshot.roots.references.at(0).conservative = true;
  snapshot.roots.references.at(0).frame = 3;
  snapshot.roots.references.at(0).deferred = true;
  snapshot.roots.references.at(0).boxed = TypeId{1};
  snapshot.library = {true, false, true, false};
  snapshot.windows_read = true;
  snapshot.heap.windows = {{1, 3, 4, 5}, {2, 0, 0, Window::kNone}};
  snapshot.roots.windows = {{0, 70000, 1, 2}};
  snapshot.goroutines.at(0).deferred = {{1, snapshot.strings.intern("main.unlock"), 70000}};
  snapshot.goroutines.at(0).duty = QueueDuty::kCleanups;
  snapshot.roots.roots.at(1).kind = RootKind::kInHand;
  snapshot.heap.maps = {{ObjectId{1}, 2, 1024, 8, true}, {ObjectId{2}, 1, 16, 8, false}};
  snapshot.timers = {
      {TimerKind::kFunction, Address(0xc000), ObjectId{2}, true, true, false, RootId{1}, -0.5, 0,
       snapshot.strings.intern("main.tick"), Address(0xd000), ObjectId{1}, 1, 2, 3, 4, 60.5},
      Timer{}};
  snapshot.timers[1].period_seconds = 1e-9;
  snapshot.timers[1].on_demand = true;
  snapshot.values = {{ObjectId{2}, std::string("a\0b", 3)}, {ObjectId{4}, "key"}};
  snapshot.unreadable_bytes = 4096;
  snapshot.invariants = {{"sums hold", false, "3 of 4"}};
  snapshot.diagnostics.count("stacks not unwound", 12);
  return snapshot;
}

void expect_equal(const Snapshot& a, const Snapshot& b) {
  ProgramInfo program = b.program;
  program.kind = TargetKind::kSnapshot;
  EXPECT_EQ(a.program, program);
  EXPECT_EQ(a.freeze, b.freeze);
  EXPECT_EQ(a.runtime, b.runtime);
  EXPECT_EQ(a.strings.strings(), b.strings.strings());
  ASSERT_EQ(a.types.size(), b.types.size());
  for (std::uint32_t i = 0; i < a.types.size(); ++i)
    EXPECT_EQ(a.types[TypeId{i}], b.types[TypeId{i}]);
  EXPECT_EQ(a.resident, b.resident);
  EXPECT_EQ(a.library, b.library);
  EXPECT_EQ(a.windows_read, b.windows_read);
  EXPECT_EQ(a.heap, b.heap);
  EXPECT_EQ(a.roots, b.roots);
  EXPECT_EQ(a.goroutines, b.goroutines);
  EXPECT_EQ(a.stacks, b.stacks);
  EXPECT_EQ(a.timers, b.timers);
  EXPECT_EQ(a.allocation_sites, b.allocation_sites);
  EXPECT_EQ(a.allocation_sample_rate, b.allocation_sample_rate);
  EXPECT_EQ(a.values, b.values);
  EXPECT_EQ(a.unreadable_bytes, b.unreadable_bytes);
  EXPECT_EQ(a.invariants, b.invariants);
  EXPECT_EQ(a.diagnostics.counts(), b.diagnostics.counts());
}

TEST_F(SnapshotFile, everything_comes_back_as_it_was_written) {
  Snapshot snapshot = full_snapshot();
  ASSERT_TRUE(check_snapshot(snapshot)) << check_snapshot(snapshot).error().message;
  ASSERT_TRUE(write_snapshot_file(snapshot, path_));
  EXPECT_EQ(files_in_folder(), 1u);
  EXPECT_TRUE(is_snapshot_file(path_));
  Result<Snapshot> read = read_snapshot_file(path_);
  ASSERT_TRUE(read) << read.error().message;
  expect_equal(*read, snapshot);
}

TEST_F(SnapshotFile, a_snapshot_without_windows_comes_back_as_one) {
  Snapshot snapshot = full_snapshot();
  snapshot.windows_read = false;
  ASSERT_TRUE(write_snapshot_file(snapshot, path_));
  Result<Snapshot> read = read_snapshot_file(path_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->windows_read);
  EXPECT_TRUE(read->heap.windows.empty());
  EXPECT_TRUE(read->roots.windows.empty());
}

TEST_F(SnapshotFile, an_empty_snapshot_comes_back) {
  Snapshot snapshot = test::draw("").snapshot;
  ASSERT_TRUE(write_snapshot_file(snapshot, path_));
  Result<Snapshot> read = read_snapshot_file(path_);
  ASSERT_TRUE(read) << read.error().message;
  expect_equal(*read, snapshot);
}

TEST_F(SnapshotFile, sections_of_many_chunks_come_back) {
  Snapshot snapshot = test::random_graph(7, {20000, 100, 200000, 5000});
  for (int i = 0; i < 50000; ++i)
    snapshot.strings.intern(std::string(static_cast<std::size_t>(i % 100), 'x') +
                            std::to_string(i));
  snapshot.values = {{ObjectId{1}, std::string(5 << 20, 'y')}};
  ASSERT_TRUE(write_snapshot_file(snapshot, path_));
  Result<Snapshot> read = read_snapshot_file(path_);
  ASSERT_TRUE(read) << read.error().message;
  expect_equal(*read, snapshot);
}

TEST_F(SnapshotFile, no_part_of_a_file_is_taken_for_the_whole) {
  ASSERT_TRUE(write_snapshot_file(full_snapshot(), path_));
  std::string bytes = bytes_of_file();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    put(bytes.substr(0, length));
    Result<Snapshot> read = read_snapshot_file(path_);
    ASSERT_FALSE(read) << length << " of " << bytes.size();
    EXPECT_EQ(read.error().kind, ErrorKind::kTruncated) << length << read.error().message;
  }
}

TEST_F(SnapshotFile, no_changed_byte_goes_unnoticed) {
  ASSERT_TRUE(write_snapshot_file(full_snapshot(), path_));
  std::string bytes = bytes_of_file();
  std::mt19937_64 random(1);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1 + random() % 255));
    put(changed);
    EXPECT_FALSE(read_snapshot_file(path_)) << "byte " << at << " of " << bytes.size();
  }
}

TEST_F(SnapshotFile, garbage_is_refused_in_bounded_time_and_memory) {
  ASSERT_TRUE(write_snapshot_file(full_snapshot(), path_));
  std::string head = bytes_of_file().substr(0, 12);
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    std::string bytes = head;
    for (std::size_t i = 0; i < 200 + seed; ++i)
      bytes += static_cast<char>(random() % (seed % 2 == 0 ? 256 : 4));
    put(bytes);
    EXPECT_FALSE(read_snapshot_file(path_)) << "seed " << seed;
  }
}

// What a well-formed file with a lie in it does: each case breaks one thing.
TEST_F(SnapshotFile, ids_that_lead_nowhere_are_refused) {
  using Lie = void (*)(Snapshot&);
  const Lie lies[] = {
      [](Snapshot& s) { s.heap.references.targets.at(0) = 6; },
      [](Snapshot& s) { s.heap.references.steps.at(0) = 7; },
      [](Snapshot& s) { s.heap.references.steps.at(0) = 0; },
      [](Snapshot& s) { s.heap.spans.at(1).first = ObjectId{7}; },
      [](Snapshot& s) { s.heap.spans.at(1).slot_count = 70000; },
      [](Snapshot& s) { s.heap.spans.at(1).slot_bytes = 0; },
      [](Snapshot& s) { s.heap.spans.at(1).start = Address(~0ull - 8191); },
      [](Snapshot& s) { s.heap.spans.at(1).bytes = 0; },
      [](Snapshot& s) { s.heap.spans.at(1).data_offset = 255; },
      [](Snapshot& s) { s.heap.allocated.words().at(0) |= std::uint64_t{1} << 60; },
      [](Snapshot& s) { s.heap.claims.at(2) = TypeClaim(TypeId{9999}, ClaimSource::kHeader); },
      [](Snapshot& s) { s.heap.samples.at(0).site = 1; },
      [](Snapshot& s) { s.heap.maps.at(0).object = ObjectId{6}; },
      [](Snapshot& s) { s.heap.maps.at(0).object = ObjectId{2}; },
      [](Snapshot& s) { s.heap.samples.at(0).object = ObjectId{6}; },
      [](Snapshot& s) { s.types.at(TypeId{2}).referent = TypeId{9999}; },
      [](Snapshot& s) { s.types.at(TypeId{1}).fields.at(0).type = TypeId{9999}; },
      [](Snapshot& s) { s.types.at(TypeId{1}).kind = static_cast<TypeKind>(99); },
      [](Snapshot& s) { s.roots.references.at(0).target = ObjectId{6}; },
      [](Snapshot& s) { s.roots.references.at(0).name = StringId{9999}; },
      [](Snapshot& s) { s.roots.roots.at(1).first_reference = 0xffffffff; },
      [](Snapshot& s) { s.roots.roots.at(1).reference_count = 0xffffffff; },
      [](Snapshot& s) { s.roots.roots.at(3).goroutine = 2; },
      [](Snapshot& s) { s.roots.roots.at(2).subject = ObjectId{77}; },
      [](Snapshot& s) { s.roots.roots.clear(); },
      [](Snapshot& s) { s.stacks.stacks.clear(); },
      [](Snapshot& s) { s.stacks.stacks.at(1).at(0).file = StringId{9999}; },
      [](Snapshot& s) { s.heap.windows.at(1).reference = 1; },
      [](Snapshot& s) { s.resident->memory.rss_bytes += 1; },
      [](Snapshot& s) { s.resident->memory[Resident::kHeapLive] = ~0ull; },
      [](Snapshot& s) { s.resident->memory.unjudged_bytes = ~0ull; },
      [](Snapshot& s) { s.resident->facts.collecting_share = 1e300; },
      [](Snapshot& s) { s.heap.windows.at(1).reference = 3; },
      [](Snapshot& s) { s.heap.windows.at(0).length = Window::kNone; },
      [](Snapshot& s) { s.roots.windows.at(0).reference = 77; },
      [](Snapshot& s) { s.goroutines.at(0).root = RootId{5}; },
      [](Snapshot& s) { s.goroutines.at(0).stack = StackId{50}; },
      [](Snapshot& s) { s.goroutines.at(0).waits_for.at(0).object = ObjectId{50}; },
      [](Snapshot& s) { s.goroutines.at(0).deferred.at(0).frame = 2; },
      [](Snapshot& s) { s.goroutines.at(0).deferred.at(0).function = StringId{9999}; },
      [](Snapshot& s) { s.timers.at(0).object = ObjectId{6}; },
      [](Snapshot& s) { s.timers.at(0).root = RootId{9}; },
      [](Snapshot& s) { s.timers.at(0).argument_object = ObjectId{6}; },
      [](Snapshot& s) { s.timers.at(0).kind = static_cast<TimerKind>(9); },
      [](Snapshot& s) { s.allocation_sites.at(0).stack = StackId{50}; },
      [](Snapshot& s) { s.values.at(0).object = ObjectId{50}; },
      [](Snapshot& s) { s.values.at(0).object = ObjectId{5}; },
  };
  for (std::size_t i = 0; i < std::size(lies); ++i) {
    Snapshot snapshot = full_snapshot();
    lies[i](snapshot);
    ASSERT_TRUE(write_snapshot_file(snapshot, path_));
    Result<Snapshot> read = read_snapshot_file(path_);
    ASSERT_FALSE(read) << "lie " << i;
    EXPECT_EQ(read.error().kind, ErrorKind::kCorrupt) << "lie " << i;
    EXPECT_FALSE(read.error().message.empty());
  }
}

// What comes back of a value that was written by an older version.
template <typename T>
T after_version(std::uint32_t version, const T& written) {
  File file(std::tmpfile());
  SectionWriter writer(file.get());
  writer.begin(9);
  Encoder(writer, version).all(written);
  writer.end();
  EXPECT_TRUE(writer.status());
  std::rewind(file.get());
  SectionReader reader(file.get(), 1 << 20);
  EXPECT_EQ(reader.begin(), 9u);
  T read{};
  Decoder(reader, version).all(read);
  reader.end();
  EXPECT_TRUE(reader.status());
  return read;
}

TEST_F(SnapshotFile, older_versions_come_back_without_what_they_did_not_have) {
  Snapshot old = full_snapshot();
  for (RootReference& reference : old.roots.references) reference.deferred = false;
  for (Goroutine& goroutine : old.goroutines) goroutine.duty = QueueDuty::kNone;
  for (Timer& timer : old.timers) timer.unread_seconds.reset();
  old.program.open_files.reset();
  old.program.start_ticks = 0;  // has a section of its own
  old.program.boot_id.clear();
  Snapshot now = full_snapshot();
  EXPECT_EQ(after_version(2, now.roots.references), old.roots.references);
  EXPECT_EQ(after_version(2, now.goroutines), old.goroutines);
  EXPECT_EQ(after_version(2, now.timers), old.timers);
  EXPECT_EQ(after_version(2, now.program), old.program);
  for (Goroutine& goroutine : old.goroutines) goroutine.deferred.clear();
  EXPECT_EQ(after_version(1, now.goroutines), old.goroutines);
}

TEST_F(SnapshotFile, another_version_is_told_by_number) {
  ASSERT_TRUE(write_snapshot_file(full_snapshot(), path_));
  std::string bytes = bytes_of_file();
  bytes[8] = 99;
  put(bytes);
  Result<Snapshot> read = read_snapshot_file(path_);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(read.error().message.find("99"), std::string::npos);
}

TEST_F(SnapshotFile, what_is_no_snapshot_is_refused) {
  put("This is a text of more than a few bytes, and no snapshot.");
  EXPECT_EQ(read_snapshot_file(path_).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_FALSE(is_snapshot_file(path_));
  EXPECT_EQ(read_snapshot_file(folder_ / "none").error().kind, ErrorKind::kNotFound);
  EXPECT_FALSE(read_snapshot_file(folder_));
}

TEST_F(SnapshotFile, a_full_disk_is_an_error_and_leaves_nothing_behind) {
  Result<void> full = write_snapshot_file(full_snapshot(), "/dev/full");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::kIo);

  put("before");
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  rlimit tight{4096, old.rlim_max};
  auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &tight);
  Result<void> written = write_snapshot_file(test::random_graph(7, {20000, 10, 100000, 50}), path_);
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::kIo);
  EXPECT_EQ(files_in_folder(), 1u);
  EXPECT_EQ(bytes_of_file(), "before") << "what was there before stays";
}

TEST_F(SnapshotFile, a_folder_that_is_not_there_is_told) {
  Result<void> written = write_snapshot_file(full_snapshot(), folder_ / "no" / "a.seep");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace seep::snapshot
