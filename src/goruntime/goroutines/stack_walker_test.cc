// A thread that was stopped between two stacks: in the few instructions with which a goroutine
// leaves its own or comes back to it. Stops meet them once in hundreds or thousands, so each
// goroutine that waits is taken back to them here: what mcall saved of it, and its stack, are as
// they were then.
#include "goruntime/goroutines/stack_walker.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "goruntime/member_value.h"
#include "support/runtime_of_process.h"
#include "support/target_process.h"
#include "target/read_array.h"

namespace seep::goruntime {
namespace {

/// A goroutine that waits, and where it goes on.
struct Parked {
  StackMemory stack;
  std::vector<std::byte> bytes;
  Address pc, sp;
};

class StackWalkerTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    Result<void> done = start();
    ASSERT_TRUE(done) << done.error().message;
  }

  Result<void> start() {
    std::string program = TRY(test::build_target("goroutines_10k", GetParam()));
    process_ = std::make_unique<test::TargetProcess>(
        TRY(test::TargetProcess::start(program, {"200", "/dev/null"})));
    runtime_ = TRY(test::RuntimeOfProcess::open(process_->pid()));
    plans_ = std::make_unique<FramePlans>(*runtime_.functions, strings_, nullptr);
    std::array<std::uint64_t, 2> list{};
    TRY(runtime_.memory->read(runtime_.variables.allgs, std::as_writable_bytes(std::span(list))));
    std::vector<std::uint64_t> goroutines;
    TRY(target::read_array(*runtime_.memory, Address(list[0]), list[1], goroutines));
    for (std::uint64_t g : goroutines) TRY(add_if_parked(Address(g)));
    return {};
  }

  Result<void> add_if_parked(Address g) {
    constexpr std::uint64_t kWaiting = 4;  // runtime/runtime2.go, _Gwaiting
    const RuntimeLayout& layout = runtime_.layout;
    std::vector<std::byte> bytes(layout.g.bytes);
    TRY(runtime_.memory->read(g, bytes));
    if (load_member(bytes, layout.g.atomicstatus) != kWaiting) return {};
    std::uint32_t sched = layout.g.sched.offset;
    Parked& parked = parked_.emplace_back();
    parked.pc = load_address(bytes, {sched + layout.gobuf.pc.offset, 8});
    parked.sp = load_address(bytes, {sched + layout.gobuf.sp.offset, 8});
    AddressRange whole{Address(load_word(bytes, layout.g.stack, 0)),
                       Address(load_word(bytes, layout.g.stack, 1))};
    parked.bytes.resize(static_cast<std::size_t>(whole.size()));
    TRY(runtime_.memory->read(whole.begin, parked.bytes));
    parked.stack = {whole, whole.begin, parked.bytes};
    return {};
  }

  Address entry_of(std::string_view name) {
    auto found = runtime_.functions->find_named(std::span(&name, 1));
    return found.empty() ? Address() : found.begin()->second.begin;
  }

  Walk walk(const Parked& parked, Address pc, Address sp, FrameState state) {
    Walk walk;
    walk_stack(*plans_, parked.stack, {pc, sp, state}, walk);
    return walk;
  }

  std::unique_ptr<test::TargetProcess> process_;
  test::RuntimeOfProcess runtime_;
  snapshot::StringTable strings_;
  std::unique_ptr<FramePlans> plans_;
  std::vector<Parked> parked_;
};
INSTANTIATE_TEST_SUITE_P(Go, StackWalkerTest, testing::ValuesIn(test::go_shape_versions()),
                         test::VersionName());

TEST_P(StackWalkerTest, who_is_about_to_leave_its_stack_has_all_its_frames) {
  Address mcall = entry_of("runtime.mcall");
  ASSERT_FALSE(mcall.is_null());
  ASSERT_GT(parked_.size(), 10u);
  for (const Parked& parked : parked_) {
    Walk saved = walk(parked, parked.pc, parked.sp, FrameState::kCalling);
    ASSERT_TRUE(saved.complete);
    // Its return address still lies where the call of mcall has put it.
    ASSERT_EQ(parked.stack.word(parked.sp - 8), parked.pc.value());
    Walk leaving = walk(parked, mcall, parked.sp - 8, FrameState::kInterrupted);
    EXPECT_TRUE(leaving.complete);
    ASSERT_EQ(leaving.frames.size(), saved.frames.size() + 1);
    for (std::size_t i = 0; i < saved.frames.size(); ++i) {
      EXPECT_EQ(leaving.frames[i + 1].plan->function, saved.frames[i].plan->function);
      EXPECT_EQ(leaving.frames[i + 1].sp, saved.frames[i].sp);
    }
  }
}

// The closure that is to run on the other stack lies in the frame that calls, which is not known to
// need it any more.
TEST_P(StackWalkerTest, any_word_counts_of_the_frame_that_calls_systemstack) {
  Address systemstack = entry_of("runtime.systemstack");
  ASSERT_FALSE(systemstack.is_null());
  for (const Parked& parked : parked_) {
    Walk leaving = walk(parked, systemstack, parked.sp - 8, FrameState::kInterrupted);
    EXPECT_TRUE(leaving.complete);
    ASSERT_GT(leaving.frames.size(), 2u);
    EXPECT_TRUE(leaving.frames[1].conservative);
    EXPECT_FALSE(leaving.frames[2].conservative);
  }
}

// gogo has set the stack pointer already, and not jumped yet.
TEST_P(StackWalkerTest, who_comes_back_to_its_stack_has_no_frames_that_are_known) {
  Address gogo = entry_of("gogo");
  if (gogo.is_null()) gogo = entry_of("runtime.gogo");
  ASSERT_FALSE(gogo.is_null());
  for (const Parked& parked : parked_) {
    Walk back = walk(parked, gogo, parked.sp, FrameState::kInterrupted);
    EXPECT_FALSE(back.complete);
    EXPECT_TRUE(back.frames.empty());
    EXPECT_EQ(back.end, parked.sp);
  }
}

}  // namespace
}  // namespace seep::goruntime
