#include "report/ps_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "report/ps_json.h"

namespace seep::report {
namespace {

using analysis::ProcessReport;
using analysis::ProcessRow;

ProcessRow row(std::uint32_t pid, const std::string& program, std::uint64_t rss_mib) {
  ProcessRow row;
  row.pid = pid;
  row.program = program;
  row.go_version = "go1.27.4 X:nogreenteagc";
  row.rss = ByteSize(rss_mib << 20);
  row.heap_live = ByteSize(rss_mib << 19);
  row.goroutines = 48112;
  return row;
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, columns(line));
  return widest;
}

TEST(PsText, says_so_when_there_is_none) {
  EXPECT_EQ(ps_text({}, {}), "no Go process is running that this user may see\n");
}

TEST(PsText, columns_without_content_are_left_out) {
  std::string text = ps_text({{row(4242, "gateway", 100)}, {}}, {});
  EXPECT_EQ(text,
            " pid  program  go            rss  live heap  goroutines\n"
            "4242  gateway  go1.27.4  100 MiB   50.0 MiB      48,112\n"
            "\n"
            "more: seep diagnose 4242 · seep heap 4242\n");
}

TEST(PsText, what_is_not_known_is_a_dash) {
  ProcessRow unknown = row(7, "old", 1);
  unknown.go_version = "go1.26.11-X:goroutineleakprofile";
  unknown.heap_live.reset();
  unknown.goroutines.reset();
  std::string text = ps_text({{row(4242, "gateway", 100), unknown}, {}}, {});
  EXPECT_NE(text.find("   7  old      go1.26.11  1.00 MiB          –           –\n"),
            std::string::npos)
      << text;
}

TEST(PsText, limit_and_container_are_told_in_words_too) {
  ProcessRow near = row(12, "gateway", 81);
  near.limit = ByteSize(100 << 20);
  near.container = std::string(64, 'a');
  near.container_short = "aaaaaaaaaaaa";
  std::string plain = ps_text({{near}, {}}, {});
  EXPECT_NE(plain.find("81 % of 100 MiB"), std::string::npos) << plain;
  EXPECT_NE(plain.find("aaaaaaaaaaaa"), std::string::npos) << plain;
  EXPECT_EQ(plain.find('\033'), std::string::npos);
  EXPECT_NE(ps_text({{near}, {}}, {.colour = true}).find("\033[33m"), std::string::npos);
}

TEST(PsText, names_give_way_in_narrow_terminals) {
  ProcessRow wide = row(4194304, std::string(80, 'p'), 999);
  wide.limit = ByteSize(std::uint64_t{999} << 30);
  wide.container = wide.container_short = "a-container-with-quite-a-long-name";
  wide.go_version = "go1.28-devel_0123456789abcdef";
  EXPECT_LE(widest_line(ps_text({{wide}, {}}, {.width = 100})), 100u);
  wide.container = wide.container_short = "";
  EXPECT_LE(widest_line(ps_text({{wide}, {}}, {.width = 90})), 90u);
}

TEST(PsText, names_cannot_reach_the_terminal) {
  std::string text = ps_text({{row(1, "a\033[31m\nb", 1)}, {}}, {});
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_NE(text.find("a?[31m?b"), std::string::npos);
}

TEST(PsJson, keeps_the_contract) {
  ProcessRow known = row(4242, "gate\xffway", 2);
  known.limit = ByteSize(4 << 20);
  known.limit_source = "cgroup";
  known.container = "abc";
  ProcessRow unknown = row(7, "old", 1);
  unknown.heap_live.reset();
  unknown.goroutines.reset();
  nlohmann::json json = nlohmann::json::parse(ps_json({{known, unknown}, {"a note"}}));
  EXPECT_EQ(json["schema"], "seep.ps/1");
  ASSERT_EQ(json["processes"].size(), 2u);
  const nlohmann::json& first = json["processes"][0];
  EXPECT_EQ(first["pid"], 4242);
  EXPECT_EQ(first["go_version"], "go1.27.4 X:nogreenteagc");
  EXPECT_EQ(first["container"], "abc");
  EXPECT_EQ(first["rss_bytes"], 2 << 20);
  EXPECT_EQ(first["heap_live_bytes"], 1 << 20);
  EXPECT_EQ(first["goroutines"], 48112);
  EXPECT_EQ(first["limit_bytes"], 4 << 20);
  const nlohmann::json& second = json["processes"][1];
  for (const char* name : {"container", "heap_live_bytes", "goroutines", "limit_bytes", "verdict"})
    EXPECT_TRUE(second.contains(name) && second[name].is_null()) << name;
}

}  // namespace
}  // namespace seep::report
