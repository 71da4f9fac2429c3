#include "report/text_layout.h"

#include <gtest/gtest.h>

namespace seep::report {
namespace {

TEST(TextLayout, columns_count_characters_and_no_colours) {
  EXPECT_EQ(columns("abc"), 3u);
  EXPECT_EQ(columns("→ ✓ é"), 5u);
  EXPECT_EQ(columns(ink({.colour = true}, Ink::kLeak, "abc")), 3u);
}

TEST(TextLayout, without_colour_text_stays_as_it_is) {
  EXPECT_EQ(ink({}, Ink::kLeak, "abc"), "abc");
  EXPECT_EQ(ink({.colour = true}, Ink::kLeak, "abc"), "\033[31mabc\033[0m");
}

TEST(TextLayout, a_bar_shows_eighths_and_never_nothing_for_something) {
  EXPECT_EQ(bar(1, 4), "████");
  EXPECT_EQ(bar(0.5, 4), "██  ");
  EXPECT_EQ(bar(0.69, 10), "██████▉   ");
  EXPECT_EQ(bar(0.0001, 4), "▏   ");
  EXPECT_EQ(bar(0, 4), "    ");
  EXPECT_EQ(bar(7, 2), "██");
}

TEST(TextLayout, long_text_is_shortened_in_its_middle) {
  EXPECT_EQ(shorten_middle("short", 10), "short");
  EXPECT_EQ(shorten_middle("abcdefghij", 7), "abc…hij");
  EXPECT_EQ(columns(shorten_middle("→→→→→→→→→→", 6)), 6u);
}

TEST(TextLayout, lines_break_at_spaces) {
  EXPECT_EQ(wrap("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("incomprehensibilities", 5), (std::vector<std::string>{"incomprehensibilities"}));
  EXPECT_EQ(wrap("", 5), (std::vector<std::string>{""}));
}

TEST(TextLayout, a_place_keeps_two_elements_of_its_path) {
  EXPECT_EQ(place_text("/home/x/src/gateway/retry/queue.go", 88), "retry/queue.go:88");
  EXPECT_EQ(place_text("main.go", 3), "main.go:3");
  EXPECT_EQ(place_text("/main.go", 3), "/main.go:3");
  EXPECT_EQ(place_text("", 0), "");
}

}  // namespace
}  // namespace seep::report
