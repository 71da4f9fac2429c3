// Expected texts as Go's own tracebacks print them.
#include "goruntime/code/function_name.h"

#include <gtest/gtest.h>

namespace seep::goruntime {
namespace {

TEST(FunctionNameTest, type_arguments_are_elided) {
  EXPECT_EQ(printed_function_name("main.Map[go.shape.int,go.shape.string]"), "main.Map[...]");
  EXPECT_EQ(printed_function_name("main.(*list[go.shape.map[string][]int]).each"),
            "main.(*list[...]).each");
  EXPECT_EQ(printed_function_name("main.Map[go.shape.int].func1"), "main.Map[...].func1");
}

TEST(FunctionNameTest, methods_with_type_parameters_keep_both_brackets) {
  EXPECT_EQ(printed_function_name("main.(*list[go.shape.int]).convert[go.shape.string]"),
            "main.(*list[...]).convert[...]");
}

TEST(FunctionNameTest, unbalanced_brackets_are_left_alone) {
  EXPECT_EQ(printed_function_name("main.f]["), "main.f][");
  EXPECT_EQ(printed_function_name("main.f[a]b]c[d[e]"), "main.f[a]b]c[d[e]");
  EXPECT_EQ(printed_function_name(""), "");
  EXPECT_EQ(printed_function_name("["), "[");
  EXPECT_EQ(printed_function_name("main.plain"), "main.plain");
}

TEST(FunctionNameTest, only_exported_functions_of_the_runtime_are_shown) {
  EXPECT_TRUE(is_shown_by_name("main.main"));
  EXPECT_TRUE(is_shown_by_name("runtime/debug.FreeOSMemory"));
  EXPECT_TRUE(is_shown_by_name("runtime.GC"));
  EXPECT_TRUE(is_shown_by_name("runtime.(*Func).Entry"));
  EXPECT_FALSE(is_shown_by_name("runtime.gopark"));
  EXPECT_FALSE(is_shown_by_name("runtime.(*mheap).Alloc"));
  EXPECT_FALSE(is_shown_by_name("gcWriteBarrier"));
  EXPECT_FALSE(is_shown_by_name("runtime."));
}

}  // namespace
}  // namespace seep::goruntime
