// Which changes of a g end a wait. Real programs: tests/integration/went_on_test.cc.
#include "goruntime/goroutines/went_on.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>

namespace seep::goruntime {
namespace {

using snapshot::Goroutine;
using snapshot::GoroutineStatus;

constexpr Address kG(0x10000);

// Words of a g, by name.
enum Word { kStackLow, kStackHigh, kSp, kPc, kStatus, kGoid, kSudog, kSince, kWords };

using G = std::array<std::uint64_t, kWords>;

RuntimeLayout layout() {
  auto at = [](Word word) { return Member{word * 8u, 8}; };
  RuntimeLayout layout;
  layout.g.bytes = kWords * 8;
  layout.g.stack = {kStackLow * 8, 16};
  layout.g.sched = at(kSp);
  layout.gobuf.sp = {0, 8};
  layout.gobuf.pc = {8, 8};
  layout.g.atomicstatus = {kStatus * 8, 4};
  layout.g.goid = at(kGoid);
  layout.g.waiting = at(kSudog);
  layout.g.waitsince = at(kSince);
  return layout;
}

// At most one g; nothing else is readable.
class OneG final : public target::MemoryReader {
 public:
  OneG() = default;
  explicit OneG(const G& g) : g_(g), there_(true) {}

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    if (!there_ || address != kG || out.size() > sizeof g_) return 0;
    std::memcpy(out.data(), g_.data(), out.size());
    return out.size();
  }

 private:
  G g_{};
  bool there_ = false;
};

constexpr G kWaits = {0x8000, 0xa000, 0x9f00, 0x401000, 4, 17, 0xc000100, 0};

bool went_on(const target::MemoryReader& before, const target::MemoryReader& now,
             GoroutineStatus status = GoroutineStatus::kWaiting) {
  std::vector<Goroutine> goroutines(1);
  goroutines[0].g = kG;
  goroutines[0].status = status;
  mark_those_that_went_on(before, now, layout(), goroutines);
  return goroutines[0].went_on;
}

bool went_on_to(std::map<Word, std::uint64_t> changes, G from = kWaits) {
  G now = from;
  for (auto [word, value] : changes) now[word] = value;
  return went_on(OneG(from), OneG(now));
}

TEST(WentOn, a_wait_lasts_as_long_as_nothing_of_it_changes) { EXPECT_FALSE(went_on_to({})); }

TEST(WentOn, the_collector_may_look_at_it_note_it_and_move_its_stack) {
  EXPECT_FALSE(went_on_to({{kStatus, 0x1004}}));
  EXPECT_FALSE(went_on_to({{kSince, 123456}}));
  EXPECT_FALSE(went_on_to({{kStackLow, 0x20000}, {kStackHigh, 0x21000}, {kSp, 0x20f00}}));
  EXPECT_FALSE(went_on_to({{kStatus, 10}}));  // said to be leaked by Go's own profile
}

TEST(WentOn, who_runs_or_has_ended_waits_no_more) {
  for (std::uint64_t status : {1u, 2u, 3u, 6u, 0x1002u})
    EXPECT_TRUE(went_on_to({{kStatus, status}})) << status;
}

TEST(WentOn, another_wait_is_not_the_same) {
  G noted = kWaits;
  noted[kSince] = 500;
  EXPECT_TRUE(went_on_to({{kGoid, 18}}));
  EXPECT_TRUE(went_on_to({{kPc, 0x401010}}));
  EXPECT_TRUE(went_on_to({{kSp, 0x9e00}}));
  EXPECT_TRUE(went_on_to({{kSudog, 0xc000200}}));
  EXPECT_TRUE(went_on_to({{kSince, 0}}, noted));
  EXPECT_TRUE(went_on_to({{kSince, 600}}, noted));
}

TEST(WentOn, what_cannot_be_read_any_more_counts_as_before) {
  EXPECT_FALSE(went_on(OneG(kWaits), OneG()));
  EXPECT_FALSE(went_on(OneG(), OneG(kWaits)));
}

TEST(WentOn, it_is_asked_only_of_who_waited) {
  G ended = kWaits;
  ended[kStatus] = 6;
  EXPECT_FALSE(went_on(OneG(kWaits), OneG(ended), GoroutineStatus::kRunnable));
}

TEST(WentOn, each_of_many_is_judged_by_its_own) {
  class Many final : public target::MemoryReader {
   public:
    explicit Many(bool later) : later_(later) {}
    std::size_t read_some(Address address, std::span<std::byte> out) const override {
      std::uint64_t number = (address - kG) / sizeof(G);
      G g = kWaits;
      g[kGoid] = number;
      if (later_ && number % 3 == 0) g[kStatus] = 1;
      return OneG(g).read_some(kG, out);
    }

   private:
    bool later_;
  };
  std::vector<Goroutine> goroutines(1500);
  for (std::size_t i = 0; i < goroutines.size(); ++i) {
    goroutines[i].g = kG + i * sizeof(G);
    goroutines[i].status = GoroutineStatus::kWaiting;
  }
  mark_those_that_went_on(Many(false), Many(true), layout(), goroutines);
  for (std::size_t i = 0; i < goroutines.size(); ++i)
    EXPECT_EQ(goroutines[i].went_on, i % 3 == 0) << i;
}

}  // namespace
}  // namespace seep::goruntime
