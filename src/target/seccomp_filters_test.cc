#include "target/seccomp_filters.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace seep::target {
namespace {

seccomp_data data_for(int number, std::uint64_t first) {
  seccomp_data data{};
  data.nr = number;
  data.args[0] = first;
  return data;
}

TEST(SeccompFilters, follow_jumps_on_number_and_argument) {
  std::vector<sock_filter> filter = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 56},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, args)},
      {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x7e020000},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 1},
  };
  EXPECT_EQ(run_filter(filter, data_for(56, 0x400)), SECCOMP_RET_ALLOW);
  EXPECT_EQ(run_filter(filter, data_for(56, 0x10000000)), SECCOMP_RET_ERRNO | 1);
}

TEST(SeccompFilters, keep_values_in_memory_and_return_the_accumulator) {
  std::vector<sock_filter> filter = {
      {BPF_LD | BPF_IMM, 0, 0, 40},         {BPF_ST, 0, 0, 3},
      {BPF_LDX | BPF_MEM, 0, 0, 3},         {BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0},
      {BPF_MISC | BPF_TAX, 0, 0, 0},        {BPF_LD | BPF_W | BPF_LEN, 0, 0, 0},
      {BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0}, {BPF_RET | BPF_A, 0, 0, 0},
  };
  EXPECT_EQ(run_filter(filter, data_for(0, 0)), 80u + 64u);
}

TEST(SeccompFilters, that_are_broken_say_nothing) {
  seccomp_data data = data_for(1, 2);
  EXPECT_FALSE(run_filter({}, data));
  std::vector<std::vector<sock_filter>> broken = {
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 61}},
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0xfffffffc}},
      {{BPF_LD | BPF_MEM, 0, 0, 16}},
      {{BPF_STX, 0, 0, 99}},
      {{BPF_JMP | BPF_JA, 0, 0, 0xffffffff}, {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}},
      {{BPF_JMP | 0x70, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}},
      {{BPF_ALU | 0xf0, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}},
  };
  for (const std::vector<sock_filter>& filter : broken) EXPECT_FALSE(run_filter(filter, data));
}

}  // namespace
}  // namespace seep::target
