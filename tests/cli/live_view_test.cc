// The live view on a real terminal: what a person sees, and how the terminal is left behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/seep_command.h"
#include "support/target_process.h"
#include "support/terminal_session.h"

namespace seep::test {
namespace {

std::string drawn_live_view() {
  return (std::filesystem::path(seep_binary()).parent_path() / "drawn_live_view").string();
}

class LiveViewTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string why = no_terminal(); !why.empty()) GTEST_SKIP() << why;
  }

  void start(TerminalSession& terminal, const std::string& arguments = "") {
    write_settings(terminal, "before");
    terminal.run(drawn_live_view() + " " + arguments + "; echo ended $?");
  }
  /// Empty if the view has ended and the terminal is as it was; else what is not.
  std::string left_behind(TerminalSession& terminal) {
    if (!terminal.is_left()) return "it is still on the alternate screen:\n" + terminal.shown();
    write_settings(terminal, "after");
    if (terminal.state("cursor_flag") != "1") return "the cursor is hidden";
    if (terminal.state("keypad_cursor_flag") != "0") return "arrows are in application mode";
    std::string before = read(file("before")), after = read(file("after"));
    return before == after ? "" : "stty says\n" + after + "and not\n" + before;
  }
  void write_settings(TerminalSession& terminal, const std::string& name) {
    // What is typed is shown too, so it must not look like what is waited for.
    terminal.run("stty -a >" + file(name) + "; echo wro''te " + name);
    ASSERT_TRUE(terminal.shows("wrote " + name)) << terminal.shown();
  }
  std::string file(const std::string& name) const { return folder_.file(name); }
  static std::string read(const std::string& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  TemporaryFolder folder_;
};

TEST_F(LiveViewTest, draws_opens_sorts_and_quits) {
  TerminalSession terminal(80, 24);
  start(terminal);
  ASSERT_TRUE(terminal.shows("sort: verdict")) << terminal.shown();
  EXPECT_TRUE(terminal.shows("seep watch  9 processes · 1 leaking")) << terminal.shown();
  EXPECT_TRUE(terminal.shows("✗ leak"));

  terminal.press({"s"});
  EXPECT_TRUE(terminal.shows("sort: RSS")) << terminal.shown();
  terminal.press({"Down", "Down", "k", "Enter"});
  EXPECT_TRUE(terminal.shows("legacy (pid 640)")) << terminal.shown();
  EXPECT_TRUE(terminal.shows("by what it is made of"));
  terminal.press({"S"});
  EXPECT_TRUE(terminal.shows("snapshot asked of legacy")) << terminal.shown();
  terminal.press({"?"});
  EXPECT_TRUE(terminal.shows("save a snapshot"));
  terminal.press({"Escape"});
  EXPECT_TRUE(terminal.shows("legacy (pid 640)"));
  terminal.press({"Escape"});
  EXPECT_TRUE(terminal.shows("sort: RSS"));
  terminal.press({"q"});
  EXPECT_EQ(left_behind(terminal), "");
  EXPECT_TRUE(terminal.shows("ended 0")) << terminal.shown();
  EXPECT_EQ(terminal.shown().find("leak"), std::string::npos) << terminal.shown();
}

TEST_F(LiveViewTest, time_goes_on_without_keys) {
  TerminalSession terminal(80, 24);
  start(terminal);
  ASSERT_TRUE(terminal.shows("14:03:23")) << terminal.shown();
  EXPECT_TRUE(terminal.shows("14:03:26")) << terminal.shown();
}

TEST_F(LiveViewTest, follows_the_size_of_the_terminal) {
  TerminalSession terminal(80, 24);
  start(terminal);
  ASSERT_TRUE(terminal.shows("sort: verdict"));
  EXPECT_EQ(terminal.shown().find("container"), std::string::npos);
  terminal.resize(160, 40);
  EXPECT_TRUE(terminal.shows("3f9d2c1ab770")) << terminal.shown();
  terminal.resize(40, 10);
  EXPECT_TRUE(terminal.shows("This terminal is 40x10")) << terminal.shown();
  terminal.resize(80, 24);
  EXPECT_TRUE(terminal.shows("✗ leak")) << terminal.shown();
  terminal.press({"q"});
  EXPECT_EQ(left_behind(terminal), "");
}

TEST_F(LiveViewTest, ctrl_c_quits_and_leaves_a_sane_terminal) {
  TerminalSession terminal(80, 24);
  start(terminal);
  ASSERT_TRUE(terminal.shows("sort: verdict"));
  terminal.press({"C-c"});
  EXPECT_EQ(left_behind(terminal), "");
}

TEST_F(LiveViewTest, sigterm_quits_and_leaves_a_sane_terminal) {
  TerminalSession terminal(80, 24);
  start(terminal, "& P=$!; echo $P >" + file("pid") + "; fg");
  ASSERT_TRUE(terminal.shows("sort: verdict")) << terminal.shown();
  std::string pid = read(file("pid"));
  ASSERT_EQ(run_command({"kill", "-TERM", pid.substr(0, pid.find('\n'))}).status, 0);
  EXPECT_EQ(left_behind(terminal), "");
}

TEST_F(LiveViewTest, a_crash_leaves_a_sane_terminal) {
  TerminalSession terminal(80, 24);
  start(terminal, "abort");
  ASSERT_TRUE(terminal.shows("sort: verdict"));
  terminal.press({"S"});
  EXPECT_EQ(left_behind(terminal), "");
  EXPECT_TRUE(terminal.shows("ended 134")) << terminal.shown();
}

TEST_F(LiveViewTest, a_second_ctrl_c_waits_for_nothing_and_leaves_a_sane_terminal) {
  TerminalSession terminal(80, 24);
  start(terminal, "hang");
  ASSERT_TRUE(terminal.shows("sort: verdict"));
  terminal.press({"S"});
  // What was pressed and not yet read goes with an interrupt.
  ASSERT_TRUE(terminal.shows("snapshot asked of")) << terminal.shown();
  terminal.press({"C-c"});
  terminal.press({"C-c"});
  EXPECT_EQ(left_behind(terminal), "");
  EXPECT_EQ(terminal.shown().find("ended 0"), std::string::npos) << terminal.shown();
}

TEST_F(LiveViewTest, is_suspended_and_comes_back) {
  TerminalSession terminal(80, 24);
  start(terminal);
  ASSERT_TRUE(terminal.shows("sort: verdict"));
  terminal.press({"C-z"});
  ASSERT_TRUE(terminal.is_left()) << terminal.shown();
  terminal.run("fg");
  ASSERT_TRUE(terminal.shows("sort: verdict")) << terminal.shown();
  terminal.press({"q"});
  EXPECT_EQ(left_behind(terminal), "");
}

TEST_F(LiveViewTest, colours_say_verdicts_unless_they_are_not_wanted) {
  TerminalSession coloured(80, 24);
  start(coloured);
  ASSERT_TRUE(coloured.shows("sort: verdict"));
  EXPECT_NE(coloured.shown_with_colours().find("[33m"), std::string::npos);

  TerminalSession plain(80, 24, {"NO_COLOR=1"});
  start(plain);
  ASSERT_TRUE(plain.shows("sort: verdict"));
  plain.press({"Enter"});
  ASSERT_TRUE(plain.shows("▒ idle, not released")) << plain.shown();
  std::string shown = plain.shown_with_colours();
  for (const char* colour : {"[3", ";3", "[4", ";4"})
    for (char digit = '0'; digit < '8'; ++digit)
      EXPECT_EQ(shown.find(std::string(colour) + digit + "m"), std::string::npos)
          << colour << digit;
}

TEST_F(LiveViewTest, stays_in_ascii_where_the_locale_knows_nothing_else) {
  TerminalSession terminal(80, 24, {"LC_ALL=C"});
  start(terminal);
  ASSERT_TRUE(terminal.shows("sort: verdict"));
  EXPECT_TRUE(terminal.shows("x leak")) << terminal.shown();
  std::string shown = terminal.shown();
  EXPECT_TRUE(std::all_of(shown.begin(), shown.end(), [](char c) { return c > 0; })) << shown;
}

TEST_F(LiveViewTest, takes_utf8_where_no_locale_is_set) {
  TerminalSession terminal(80, 24, {"LC_ALL=", "LC_CTYPE=", "LANG="});
  start(terminal);
  EXPECT_TRUE(terminal.shows("✗ leak")) << terminal.shown();
}

TEST_F(LiveViewTest, terminals_that_cannot_show_it_are_named) {
  for (auto [type, why] : {std::pair("dumb", "a terminal of type \"dumb\" cannot place its cursor"),
                           std::pair("no-such", "a terminal of type \"no-such\" is not known here"),
                           std::pair("", "TERM does not say what terminal this is")}) {
    TerminalSession terminal(100, 24, {"TERM=" + std::string(type)});
    start(terminal);
    EXPECT_TRUE(terminal.shows("plain lines: " + std::string(why))) << terminal.shown();
  }
  CommandResult piped = run_command({drawn_live_view()});
  EXPECT_EQ(piped.err, "plain lines: input or output is not a terminal\n");
  EXPECT_EQ(piped.out, "");
}

/// The watch itself, on a real process.
class WatchOnTerminal : public LiveViewTest {
 protected:
  void SetUp() override {
    LiveViewTest::SetUp();
    if (IsSkipped()) return;
    std::string go = go_versions().back();
    if (!has_go(go)) GTEST_SKIP() << no_go(go);
    Result<std::string> program = build_target("hung_goroutines", go);
    ASSERT_TRUE(program) << program.error().message;
    target_ = TargetProcess::start(*program, {"send", "leaky"});
    ASSERT_TRUE(target_) << target_.error().message;
    pid_ = std::to_string(target_->pid());
  }
  void start_watch(TerminalSession& terminal, const std::string& arguments) {
    write_settings(terminal, "before");
    terminal.run("cd " + folder_.path() + "; " + seep_binary() + " watch " + arguments +
                 "; echo ended $?");
  }

  Result<TargetProcess> target_ = fail(ErrorKind::kNotFound, "not started");
  std::string pid_;
};

TEST_F(WatchOnTerminal, shows_a_process_and_takes_its_snapshot) {
  TerminalSession terminal(120, 30);
  start_watch(terminal, pid_ + " --interval 200ms");
  ASSERT_TRUE(terminal.shows("seep watch  1 process ")) << terminal.shown();
  EXPECT_TRUE(terminal.shows(" " + pid_ + " ")) << terminal.shown();
  terminal.press({"Enter"});
  ASSERT_TRUE(terminal.shows("(pid " + pid_ + ")")) << terminal.shown();
  EXPECT_TRUE(terminal.shows("live heap")) << terminal.shown();
  terminal.press({"S"});
  EXPECT_TRUE(terminal.shows("snapshot saved: seep-snapshots/")) << terminal.shown();
  terminal.press({"q"});
  EXPECT_EQ(left_behind(terminal), "");
  EXPECT_TRUE(terminal.shows("ended 0")) << terminal.shown();
  EXPECT_TRUE(terminal.shows("watched for")) << terminal.shown();
  EXPECT_EQ(harm_done_to(target_->pid()), "");

  std::string snapshot, goroutine_profile;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.file("seep-snapshots"))) {
    std::string path = entry.path().string();
    if (path.ends_with(".seep")) snapshot = path;
    if (path.ends_with(".goroutine.pb.gz")) goroutine_profile = path;
  }
  EXPECT_EQ(goroutine_profile.substr(0, goroutine_profile.find(".goroutine")) + ".seep", snapshot);
  CommandResult read_again = run_seep({"goroutines", snapshot});
  EXPECT_NE(read_again.out.find("main.sendResult"), std::string::npos) << read_again.err;
}

TEST_F(WatchOnTerminal, shows_the_end_of_a_process) {
  TerminalSession terminal(100, 24);
  start_watch(terminal, pid_ + " --interval 200ms");
  ASSERT_TRUE(terminal.shows("seep watch  1 process ")) << terminal.shown();
  target_->close_stdin();
  EXPECT_TRUE(terminal.shows("· ended")) << terminal.shown();
  terminal.press({"C-c"});
  EXPECT_EQ(left_behind(terminal), "");
}

TEST_F(WatchOnTerminal, writes_lines_where_the_view_cannot_be_shown) {
  TerminalSession dumb(120, 24, {"TERM=dumb"});
  start_watch(dumb, pid_ + " --interval 200ms --for 1s");
  EXPECT_TRUE(
      dumb.shows("lines instead of the live view: a terminal of type \"dumb\" cannot place"))
      << dumb.shown();
  EXPECT_TRUE(dumb.shows("watched: ")) << dumb.shown();
  EXPECT_TRUE(dumb.shows("ended 0")) << dumb.shown();

  CommandResult piped = run_seep({"watch", pid_, "--for", "1s"});
  EXPECT_NE(piped.out.find("watched: "), std::string::npos) << piped.out;
  EXPECT_EQ(piped.out.find('\033'), std::string::npos);
  EXPECT_EQ(piped.err, "");
}

}  // namespace
}  // namespace seep::test
