#include "report/watch_screen.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "support/drawn_watch.h"
#include "support/golden.h"

namespace seep::report {
namespace {

using monitor::WatchState;

WatchView view_of(std::size_t width, std::size_t height, Page page = Page::kList) {
  WatchView view;
  view.width = width;
  view.height = height;
  view.page = page;
  return view;
}

Screen screen_of(WatchView view, const WatchState& state) {
  settle(view, state);
  return watch_screen(view, state);
}

std::string text(const WatchView& view, const WatchState& state) {
  return text_of(screen_of(view, state));
}

WatchState many(std::size_t count) {
  WatchState state;
  for (std::size_t i = 0; i < count; ++i) {
    double mib = 10 + static_cast<double>(i);
    state.processes.push_back(test::drawn_process(
        static_cast<std::uint32_t>(1000 + i), "service-" + std::to_string(i), "go1.27.4", 30,
        [mib](double) -> test::DrawnMemory { return {.live = mib, .rest = 1}; }));
  }
  return state;
}

/// The styles, a letter a column: for what colours say.
std::string inks(const Line& line) {
  std::string text;
  for (const Span& span : line.spans()) {
    char letter = ".LYGds"[static_cast<std::size_t>(span.style.ink)];
    text.append(columns(span.text), letter);
  }
  return text;
}

const Line& line_with(const Screen& screen, const std::string& word) {
  for (const Line& line : screen.lines)
    if (line.text().find(word) != std::string::npos) return line;
  ADD_FAILURE() << "no line with " << word << " in\n" << text_of(screen);
  return screen.lines.front();
}

TEST(WatchScreen, list_at_80x24) {
  EXPECT_EQ(
      test::compare_with_golden("watch_list_80x24.txt", text(view_of(80, 24), test::drawn_watch())),
      "");
}

TEST(WatchScreen, list_at_120x40) {
  EXPECT_EQ(test::compare_with_golden("watch_list_120x40.txt",
                                      text(view_of(120, 40), test::drawn_watch())),
            "");
}

TEST(WatchScreen, list_at_200x20) {
  EXPECT_EQ(test::compare_with_golden("watch_list_200x20.txt",
                                      text(view_of(200, 20), test::drawn_watch())),
            "");
}

TEST(WatchScreen, a_leak_at_80x24) {
  EXPECT_EQ(test::compare_with_golden("watch_leak_80x24.txt",
                                      text(view_of(80, 24, Page::kProcess), test::drawn_watch())),
            "");
}

TEST(WatchScreen, a_leak_at_120x40) {
  EXPECT_EQ(test::compare_with_golden("watch_leak_120x40.txt",
                                      text(view_of(120, 40, Page::kProcess), test::drawn_watch())),
            "");
}

TEST(WatchScreen, a_leak_in_ascii) {
  WatchView view = view_of(100, 30, Page::kProcess);
  view.ascii = true;
  std::string shown = text(view, test::drawn_watch());
  EXPECT_TRUE(std::all_of(shown.begin(), shown.end(), [](char c) { return c > 0; })) << shown;
  EXPECT_EQ(test::compare_with_golden("watch_leak_ascii.txt", shown), "");
}

TEST(WatchScreen, a_restarted_program_at_80x24) {
  WatchState state = test::drawn_watch();
  WatchView view = view_of(80, 24, Page::kProcess);
  view.selected = state.processes[2].identity;
  view.chosen = true;
  EXPECT_EQ(test::compare_with_golden("watch_restart_80x24.txt", text(view, state)), "");
}

TEST(WatchScreen, help_at_80x24) {
  EXPECT_EQ(test::compare_with_golden("watch_help_80x24.txt",
                                      text(view_of(80, 24, Page::kHelp), test::drawn_watch())),
            "");
}

TEST(WatchScreen, no_process_is_told_in_words) {
  EXPECT_NE(text(view_of(80, 24), {}).find("No process to watch yet"), std::string::npos);
  EXPECT_EQ(screen_of(view_of(80, 24, Page::kProcess), {}).lines.size(), 24u);
}

TEST(WatchScreen, too_small_a_terminal_is_told_in_words) {
  std::string shown = text(view_of(40, 10), test::drawn_watch());
  EXPECT_EQ(shown.find("This terminal is 40x10; the live view\nneeds 60x12."), 0u) << shown;
  EXPECT_EQ(screen_of(view_of(1, 1), test::drawn_watch()).lines.size(), 1u);
  EXPECT_EQ(screen_of(view_of(0, 0), test::drawn_watch()).lines.size(), 0u);
}

TEST(WatchScreen, fits_every_size_exactly) {
  WatchState drawn = test::drawn_watch(600);
  std::vector<WatchState> states = {{}, many(1), many(200), drawn};
  states.back().processes[3].program = "日本語のとても長い名前のプログラム";
  for (const WatchState& state : states) {
    for (std::size_t width : {40u, 60u, 61u, 79u, 80u, 97u, 120u, 200u, 400u}) {
      for (std::size_t height : {10u, 12u, 24u, 41u, 100u}) {
        for (Page page : {Page::kList, Page::kProcess, Page::kHelp}) {
          for (bool ascii : {false, true}) {
            WatchView view = view_of(width, height, page);
            view.ascii = ascii;
            view.layer_colours = ascii;
            Screen screen = screen_of(view, state);
            ASSERT_EQ(screen.lines.size(), height);
            for (const Line& line : screen.lines) ASSERT_EQ(line.width(), width) << line.text();
          }
        }
      }
    }
  }
}

TEST(WatchScreen, two_hundred_processes_scroll) {
  WatchState state = many(200);
  WatchView view = view_of(80, 24);
  view.chosen = true;
  view.selected = state.processes[0].identity;  // the smallest, so the last by RSS
  std::string shown = text(view, state);
  EXPECT_NE(shown.find("service-0 "), std::string::npos) << shown;
  EXPECT_NE(shown.find("181–200 of 200"), std::string::npos) << shown;
}

TEST(WatchScreen, colour_says_what_the_words_say) {
  Screen screen = screen_of(view_of(80, 24), test::drawn_watch());
  EXPECT_NE(inks(line_with(screen, "✗ leak")).find("LLLLLL"), std::string::npos);
  EXPECT_NE(inks(line_with(screen, "! growing")).find("YYYYYYYYY"), std::string::npos);
  EXPECT_NE(inks(line_with(screen, "✓ healthy")).find("GGGGGGGGG"), std::string::npos);
  std::string ended = inks(line_with(screen, "· ended"));
  EXPECT_EQ(ended.find_first_not_of("d."), std::string::npos) << ended;
  EXPECT_TRUE(line_with(screen, "✗ leak").spans().front().style.selected);
}

TEST(WatchScreen, names_cannot_reach_the_terminal) {
  WatchState state = test::drawn_watch(60);
  for (monitor::WatchedProcess& process : state.processes) {
    process.program =
        "evil\033[2J\xc2\x9b"
        "2J\r\n";
    process.container_short = "\033]0;x\007";
    process.go_version = "go1.\033c";
    process.notes = {"\033[31mred"};
    process.limit_source = "\x1b";
  }
  state.store = "/tmp/\033[H";
  state.notes = {"\007"};
  for (Page page : {Page::kList, Page::kProcess}) {
    std::string shown = text(view_of(200, 60, page), state);
    for (char c : shown) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
    EXPECT_EQ(shown.find("\xc2\x9b"), std::string::npos);
    EXPECT_NE(shown.find("evil?[2J"), std::string::npos) << shown;
  }
}

TEST(WatchScreen, figures_that_make_no_sense_do_no_harm) {
  WatchState state = test::drawn_watch(60);
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  std::mt19937 random(7);
  for (monitor::WatchedProcess& process : state.processes) {
    for (monitor::ProcessSample& sample : process.history) {
      if (random() % 4 == 0) sample.monotonic_ns = random() % 2 == 0 ? kMost : kLeast;
      for (std::optional<std::int64_t>& value : sample.values)
        if (random() % 2 == 0) value = random() % 2 == 0 ? kMost : kLeast;
    }
    process.latest = process.history.back();
    process.memory_limit = random() % 2;
    process.restarts_ns = {kLeast, kMost, 0};
  }
  state.wall_ns = kLeast;
  for (Page page : {Page::kList, Page::kProcess}) {
    for (const monitor::WatchedProcess& process : state.processes) {
      WatchView view = view_of(97, 31, page);
      view.chosen = true;
      view.selected = process.identity;
      for (const Line& line : screen_of(view, state).lines) EXPECT_EQ(line.width(), 97u);
    }
  }
}

TEST(WatchScreen, what_is_wrong_with_the_watch_is_said) {
  WatchState state = test::drawn_watch(60);
  state.notes = {"the store's disk is full since 14:03; sampling goes on"};
  EXPECT_NE(text(view_of(80, 24), state).find(state.notes[0]), std::string::npos);
  WatchView view = view_of(80, 24);
  view.message = "saved gateway.seep";
  EXPECT_NE(text(view, state).find("saved gateway.seep"), std::string::npos);
}

TEST(WatchScreen, says_what_explains_a_verdict_and_how_a_program_ended) {
  WatchState state;
  state.processes = {test::drawn_leak(600)};
  monitor::WatchedProcess& process = state.processes[0];
  monitor::JoinedFinding& finding = process.findings.emplace_back();
  finding.title = "48,050 goroutines hang for ever in gateway/retry.(*Queue).push";
  finding.confidence = "proven";
  finding.remedy = "make the channel buffered";
  process.snapshots = {"/var/lib/seep/gateway-4242.seep"};
  std::string shown = text(view_of(120, 60, Page::kProcess), state);
  EXPECT_NE(shown.find("because         48,050 goroutines hang"), std::string::npos) << shown;
  EXPECT_NE(shown.find("fix             make the channel buffered"), std::string::npos);
  EXPECT_NE(shown.find("snapshot        /var/lib/seep/gateway-4242.seep"), std::string::npos);

  process.ended = true;
  monitor::OomEnd& oom = process.oom.emplace();
  oom.counted = true;
  oom.limit = std::uint64_t{2} << 30;
  oom.answer = {.cause = monitor::OomCause::kLeak, .evidence = {"RSS rose before its last climb"}};
  EXPECT_NE(text(view_of(120, 24), state).find("✗ ended, OOM"), std::string::npos);
  shown = text(view_of(120, 60, Page::kProcess), state);
  EXPECT_NE(
      shown.find("✗ ended, OOM    killed by the kernel for want of memory, limit 2.00 GiB: a leak"),
      std::string::npos)
      << shown;
  EXPECT_NE(shown.find("its end         RSS rose before"), std::string::npos) << shown;
}

TEST(WatchScreen, shows_the_clock_of_this_place) {
  WatchView view = view_of(80, 24);
  view.utc_offset_s = -15 * 3600;
  EXPECT_NE(text(view, test::drawn_watch(60)).find("23:03:22"), std::string::npos);
}

}  // namespace
}  // namespace seep::report
