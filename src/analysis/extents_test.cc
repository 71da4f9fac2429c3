#include "analysis/extents.h"

#include <gtest/gtest.h>

#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

using test::DrawnEvidence;

/// "b: 16-19(24) 40-42(42)": the views of an object, with where they end by capacity.
std::string views_of(const DrawnEvidence& drawn, std::string_view object) {
  std::string text;
  for (const PartView& view : drawn.extents.views) {
    if (view.target != drawn.drawing.object(object)) continue;
    text += (text.empty() ? "" : " ") + std::to_string(view.begin) + "-" +
            std::to_string(view.length_end) + "(" + std::to_string(view.capacity_end) + ")";
  }
  return text;
}

constexpr std::string_view kTypes = R"(
  type main.doc[24] { name string @0; id int @16 }
  type main.packet[24] { header []byte @0 }
  type main.queue[24] { jobs []*main.job @0 }
)";

std::string with_types(std::string_view drawing) {
  return std::string(kTypes) + std::string(drawing);
}

TEST(Extents, a_string_shows_its_bytes) {
  DrawnEvidence drawn(with_types(R"(
    root global main.d -> d:main.doc[24]
    d.name -> text:string[1024]+100~16
  )"));
  EXPECT_TRUE(drawn.extents.known);
  EXPECT_EQ(views_of(drawn, "text"), "100-116(116)");
}

TEST(Extents, what_looks_like_a_capacity_behind_a_string_is_none) {
  DrawnEvidence drawn(with_types(R"(
    root global main.d -> d:main.doc[24]
    d.name -> text:string[1024]~16/900
  )"));
  EXPECT_EQ(views_of(drawn, "text"), "0-16(16)");
}

TEST(Extents, a_slice_shows_what_its_capacity_reaches) {
  DrawnEvidence drawn(with_types(R"(
    root global main.p -> p:main.packet[24]
    p.header -> bytes:[]byte[1024]+8~4/16
  )"));
  EXPECT_EQ(views_of(drawn, "bytes"), "8-12(24)");
}

TEST(Extents, all_views_of_an_object_are_told) {
  DrawnEvidence drawn(with_types(R"(
    root global main.d -> d:main.doc[24], e:main.doc[24]
    e.name -> text:string[1024]+100~16
    d.name -> text+300~20
  )"));
  EXPECT_EQ(views_of(drawn, "text"), "100-116(116) 300-320(320)");
}

TEST(Extents, a_pointer_shows_all_whatever_else_there_is) {
  DrawnEvidence drawn(with_types(R"(
    root global main.d -> d:main.doc[24], text:string[1024]
    d.name -> text+100~16
  )"));
  EXPECT_EQ(views_of(drawn, "text"), "");
}

TEST(Extents, what_nothing_reaches_shows_nothing) {
  DrawnEvidence drawn(with_types(R"(
    root global main.d -> d:main.doc[24]
    d.name -> text:string[1024]+100~16
    object garbage:main.doc[24]
    garbage.name -> text
  )"));
  EXPECT_EQ(views_of(drawn, "text"), "100-116(116)");
}

TEST(Extents, room_at_the_end_of_a_slice_without_pointers_is_no_part) {
  DrawnEvidence drawn(with_types(R"(
    root global main.p -> p:main.packet[24]
    p.header -> bytes:[]byte[1024]~4/1024
  )"));
  EXPECT_EQ(views_of(drawn, "bytes"), "");
}

TEST(Extents, room_at_the_end_of_a_slice_with_pointers_is_one) {
  constexpr std::string_view kQueue = R"(
    root global main.q -> q:main.queue[24]
    q.jobs -> row:[]*main.job[128]~2/16
    row@0 -> a:main.job[64]
    row@8 -> b:main.job[64]
  )";
  EXPECT_EQ(views_of(DrawnEvidence(with_types(kQueue)), "row"), "");
  std::string stale = with_types(kQueue) + "row@64 -> c:main.job[64]\n";
  EXPECT_EQ(views_of(DrawnEvidence(stale), "row"), "0-16(128)");
}

TEST(Extents, a_slice_that_does_not_fit_its_object_shows_all_of_it) {
  DrawnEvidence drawn(with_types(R"(
    root global main.q -> q:main.queue[24]
    q.jobs -> row:[]*main.job[128]+64~2/16
    row@0 -> a:main.job[64]
  )"));
  EXPECT_EQ(views_of(drawn, "row"), "");
}

TEST(Extents, an_object_without_a_type_is_believed_where_it_can_only_hold_a_string) {
  DrawnEvidence drawn(R"(
    root global main.x -> x:?[24], y:?[24]
    x@0 -> text:string[1024]+100~16
    y@0 -> other:string[1024]~16/900
  )");
  EXPECT_EQ(views_of(drawn, "text"), "100-116(116)");
  EXPECT_FALSE(drawn.extents.views.front().sure);
  EXPECT_EQ(views_of(drawn, "other"), "");
}

TEST(Extents, what_a_type_does_not_describe_is_believed_as_little) {
  DrawnEvidence drawn(R"(
    type main.closure[8] { code uintptr @0 }
    root global main.x -> x:main.closure[24]
    x@8 -> text:string[1024]+100~16
  )");
  EXPECT_EQ(views_of(drawn, "text"), "100-116(116)");
  EXPECT_FALSE(drawn.extents.views.front().sure);
}

TEST(Extents, an_old_file_does_not_tell) {
  DrawnEvidence drawn(with_types(R"(
    root global main.d -> d:main.doc[24]
    d.name -> text:string[1024]+100
  )"));
  EXPECT_FALSE(drawn.extents.known);
  EXPECT_TRUE(drawn.extents.views.empty());
  drawn.drawing.snapshot.program.kind = snapshot::TargetKind::kSnapshot;
  Completeness read = measure_completeness(drawn.drawing.snapshot, drawn.types, drawn.reachable);
  ASSERT_EQ(read.anomalies.size(), 1u);
  EXPECT_NE(read.anomalies[0].first.find("substring"), std::string::npos);
}

}  // namespace
}  // namespace seep::analysis
