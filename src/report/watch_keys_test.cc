#include "report/watch_keys.h"

#include <gtest/gtest.h>

#include "report/watch_screen.h"
#include "support/drawn_watch.h"

namespace seep::report {
namespace {

using monitor::Figure;
using monitor::WatchState;

class WatchKeys : public testing::Test {
 protected:
  void SetUp() override { settle(view_, state_); }
  Request press(Key key) { return report::press(view_, state_, key); }
  std::string selected() const {
    const monitor::WatchedProcess* process = selected_process(view_, state_);
    return process == nullptr ? "" : process->program;
  }
  std::string shown() const { return text_of(watch_screen(view_, state_)); }

  WatchState state_ = test::drawn_watch(60);
  WatchView view_;
};

TEST_F(WatchKeys, the_most_urgent_process_is_selected_first) { EXPECT_EQ(selected(), "gateway"); }

TEST_F(WatchKeys, until_one_is_chosen_the_first_row_is_selected) {
  press(Key::kSort);
  press(Key::kReverse);
  EXPECT_EQ(view_.row, 0u);
  EXPECT_NE(selected(), "gateway");
}

TEST_F(WatchKeys, arrows_move_and_stop_at_the_ends) {
  press(Key::kUp);
  EXPECT_EQ(selected(), "gateway");
  press(Key::kDown);
  EXPECT_EQ(selected(), "session-store");
  press(Key::kEnd);
  EXPECT_EQ(selected(), "batch");
  press(Key::kDown);
  EXPECT_EQ(selected(), "batch");
  press(Key::kHome);
  EXPECT_EQ(selected(), "gateway");
}

TEST_F(WatchKeys, the_selection_stays_with_its_process_when_rows_move) {
  press(Key::kDown);
  std::string before = selected();
  while (view_.sort != SortBy::kPid) {
    press(Key::kSort);
    EXPECT_EQ(selected(), before);
  }
  press(Key::kReverse);
  EXPECT_EQ(selected(), before);
  state_.processes.erase(state_.processes.begin());
  settle(view_, state_);
  EXPECT_EQ(selected(), before);
}

TEST_F(WatchKeys, the_selection_goes_to_the_successor_after_a_restart) {
  for (int i = 0; i < 3; ++i) press(Key::kDown);
  ASSERT_EQ(selected(), "indexer");
  for (monitor::WatchedProcess& process : state_.processes)
    if (process.program == "indexer") process.identity.pid = 99999;
  settle(view_, state_);
  EXPECT_EQ(selected(), "indexer");
}

TEST_F(WatchKeys, the_selection_stays_in_its_row_when_its_process_is_gone) {
  press(Key::kDown);
  std::erase_if(state_.processes,
                [](const auto& process) { return process.program == "session-store"; });
  settle(view_, state_);
  EXPECT_EQ(selected(), "legacy");
  state_.processes.clear();
  settle(view_, state_);
  EXPECT_EQ(selected(), "");
}

TEST_F(WatchKeys, sorting_goes_through_all_columns_and_says_so) {
  std::vector<std::string> first;
  for (std::size_t i = 0; i < kSortings; ++i) {
    std::size_t index = ordered(state_, view_.sort, view_.reversed).front();
    first.push_back(std::string(name_of(view_.sort)) + ": " + state_.processes[index].program);
    EXPECT_NE(shown().find("sort: " + std::string(name_of(view_.sort))), std::string::npos);
    press(Key::kSort);
  }
  EXPECT_EQ(first, (std::vector<std::string>{"verdict: gateway", "RSS: gateway",
                                             "live heap: gateway", "goroutines: gateway",
                                             "limit: session-store", "forecast: session-store",
                                             "program: billing", "pid: nginx"}));
  EXPECT_EQ(view_.sort, SortBy::kVerdict);
}

TEST_F(WatchKeys, those_that_have_ended_come_last_either_way) {
  for (bool reversed : {false, true})
    EXPECT_EQ(state_.processes[ordered(state_, SortBy::kRss, reversed).back()].program, "batch");
}

TEST_F(WatchKeys, enter_opens_and_escape_goes_back) {
  press(Key::kDown);
  press(Key::kOpen);
  EXPECT_EQ(view_.page, Page::kProcess);
  EXPECT_EQ(shown().find("session-store (pid 3111)"), 0u) << shown();
  press(Key::kBack);
  EXPECT_EQ(view_.page, Page::kList);
  EXPECT_EQ(selected(), "session-store");
}

TEST_F(WatchKeys, a_page_scrolls_to_its_end_and_no_further) {
  press(Key::kOpen);
  for (int i = 0; i < 100; ++i) press(Key::kDown);
  std::string end = shown();
  EXPECT_NE(end.find("without a sure trend"), std::string::npos) << end;
  press(Key::kUp);
  EXPECT_NE(shown(), end);
  press(Key::kHome);
  EXPECT_EQ(view_.first_line, 0u);
}

TEST_F(WatchKeys, help_goes_back_to_where_it_was_asked) {
  press(Key::kOpen);
  press(Key::kHelp);
  EXPECT_NE(shown().find("save a snapshot"), std::string::npos);
  press(Key::kBack);
  EXPECT_EQ(view_.page, Page::kProcess);
}

TEST_F(WatchKeys, a_snapshot_is_asked_of_the_caller) {
  EXPECT_EQ(press(Key::kSnapshot), Request::kSnapshot);
  press(Key::kEnd);
  ASSERT_EQ(selected(), "batch");
  EXPECT_EQ(press(Key::kSnapshot), Request::kNone);
  EXPECT_NE(view_.message.find("has ended"), std::string::npos);
  press(Key::kUp);
  EXPECT_EQ(view_.message, "");
}

TEST_F(WatchKeys, quit_quits) {
  EXPECT_EQ(press(key_of('q')), Request::kQuit);
  EXPECT_EQ(press(key_of('x')), Request::kNone);
}

TEST_F(WatchKeys, a_resize_keeps_the_selection_in_sight) {
  press(Key::kEnd);
  view_.height = 12;
  settle(view_, state_);
  EXPECT_NE(shown().find("batch"), std::string::npos) << shown();
}

}  // namespace
}  // namespace seep::report
