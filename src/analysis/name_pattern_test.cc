#include "analysis/name_pattern.h"

#include <gtest/gtest.h>

namespace seep::analysis {
namespace {

TEST(NamePattern, is_the_whole_name_where_it_has_no_star) {
  EXPECT_TRUE(matches("net/http.Transport", "net/http.Transport"));
  EXPECT_FALSE(matches("net/http.Transport", "net/http.TransportX"));
  EXPECT_FALSE(matches("net/http.Transport", "net/http.Transpor"));
  EXPECT_TRUE(matches("", ""));
}

TEST(NamePattern, a_star_stands_for_any_text) {
  EXPECT_TRUE(matches("context.propagateCancel.func*", "context.propagateCancel.func12"));
  EXPECT_TRUE(matches("github.com/*/sarama.(*client).x", "github.com/IBM/sarama.(*client).x"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(matches("a*b*c", "a-b-b-d"));
  EXPECT_FALSE(matches("*x", "abc"));
}

TEST(NamePattern, a_star_in_the_name_of_a_method_matches_itself) {
  EXPECT_TRUE(matches("main.(*T).run", "main.(*T).run"));
}

TEST(NamePattern, copies_of_packages_are_the_packages) {
  EXPECT_EQ(without_vendor_folder("example.org/shop/vendor/google.golang.org/grpc.Dial"),
            "google.golang.org/grpc.Dial");
  EXPECT_EQ(without_vendor_folder("vendor/golang.org/x/net/http2/hpack.x"),
            "golang.org/x/net/http2/hpack.x");
  EXPECT_EQ(without_vendor_folder("main.vendor"), "main.vendor");
}

TEST(NamePattern, a_type_has_the_full_path_of_its_package) {
  snapshot::GoType type;
  type.name = "sql.driverConn";
  type.package_path = "database/sql";
  EXPECT_EQ(qualified_name(type), "database/sql.driverConn");
  type = {};
  type.name = "map[sql.finalCloser]sql.depSet";
  EXPECT_EQ(qualified_name(type), "map[sql.finalCloser]sql.depSet");
}

}  // namespace
}  // namespace seep::analysis
