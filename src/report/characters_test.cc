#include "report/characters.h"

#include <gtest/gtest.h>

#include "report/screen.h"
#include "report/text_layout.h"

namespace seep::report {
namespace {

TEST(Characters, wide_ones_take_two_columns) {
  EXPECT_EQ(columns("日本"), 4u);
  EXPECT_EQ(columns("a日"), 3u);
  EXPECT_EQ(columns("e\u0301"), 1u);
  EXPECT_EQ(columns("▁█─·"), 4u);
}

TEST(Characters, wide_text_is_shortened_to_fit) {
  EXPECT_EQ(shorten_middle("日本語日本語", 7), "日…語");
  EXPECT_LE(columns(shorten_middle("日本語日本語", 6)), 6u);
  EXPECT_EQ(columns(pad_left("日本", 6)), 6u);
}

TEST(Characters, what_does_not_print_becomes_a_question_mark) {
  EXPECT_EQ(printable("a\033[31m\nb\x7f"), "a?[31m?b?");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "31m"),
            "a?31m");                                               // C1: CSI
  EXPECT_EQ(printable("x\u202egnp\u200b"), "x?gnp?");               // right-to-left, no width
  EXPECT_EQ(printable("\xff\xc3z\xe2\x82"), "??z??");               // not UTF-8
  EXPECT_EQ(printable("\xed\xa0\x80\xf4\x90\x80\x80"), "???????");  // surrogate, beyond Unicode
  EXPECT_EQ(printable("\xc0\xaf"), "??");                           // overlong
  EXPECT_EQ(printable("grüße 日本 ▁"), "grüße 日本 ▁");
}

TEST(Characters, ascii_has_the_same_width) {
  for (const char* text : {"▁▂▃▄▅▆▇█", "日本 ✗ leak · a", "└1 h ago ── now", "plain"})
    EXPECT_EQ(columns(in_ascii(text)), columns(text)) << text;
  EXPECT_EQ(in_ascii("✗ leak · 3 %"), "x leak - 3 %");
  EXPECT_EQ(in_ascii("日"), "??");
}

TEST(Line, nothing_that_does_not_print_gets_in) {
  EXPECT_EQ(Line("a\033]0;title\007b").text(), "a?]0;title?b");
}

TEST(Line, fits_exactly) {
  EXPECT_EQ(Line("abc").fit(5).text(), "abc  ");
  EXPECT_EQ(Line("abcdef").fit(3).text(), "abc");
  EXPECT_EQ(Line("日本語").fit(5).text(), "日本 ");
  Line mixed("ab", {.ink = Ink::kLeak});
  mixed.add("cd", Ink::kDetail).fit(3);
  ASSERT_EQ(mixed.spans().size(), 2u);
  EXPECT_EQ(mixed.spans()[1].text, "c");
  EXPECT_EQ(mixed.width(), 3u);
}

}  // namespace
}  // namespace seep::report
