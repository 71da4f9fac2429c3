#include "monitor/sample_chunk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "monitor/round_bytes.h"
#include "monitor/sealed_bytes.h"

namespace seep::monitor {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// Times are whole milliseconds, values anything.
std::vector<ProcessSample> random_rows(std::mt19937_64& random, std::size_t count) {
  std::vector<ProcessSample> rows(count);
  std::int64_t time = static_cast<std::int64_t>(random() % 1'000'000) * kSecond;
  for (ProcessSample& row : rows) {
    time += static_cast<std::int64_t>(random() % 2000) * 1'000'000;
    row.monotonic_ns = time;
    row.wall_ns = time + static_cast<std::int64_t>(random() % 3) * kSecond;
    for (std::optional<std::int64_t>& value : row.values) {
      std::uint64_t kind = random() % 8;
      if (kind == 0) continue;
      value = kind == 1   ? kLeast
              : kind == 2 ? kMost
              : kind == 3 ? -1
                          : static_cast<std::int64_t>(random() >> (random() % 64));
    }
  }
  return rows;
}

void expect_same(const std::vector<ProcessSample>& read, const std::vector<ProcessSample>& rows) {
  ASSERT_EQ(read.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(read[i].monotonic_ns, rows[i].monotonic_ns);
    EXPECT_EQ(read[i].wall_ns, rows[i].wall_ns);
    EXPECT_EQ(read[i].values, rows[i].values);
  }
}

TEST(SampleChunk, gives_back_what_was_put_in) {
  std::mt19937_64 random(1);
  for (std::size_t count : {0, 1, 2, 60, 120, 4096}) {
    std::vector<ProcessSample> rows = random_rows(random, count);
    Result<std::vector<ProcessSample>> read = decode_chunk(encode_chunk(rows));
    ASSERT_TRUE(read) << read.error().message;
    expect_same(*read, rows);
  }
}

TEST(SampleChunk, one_figure_is_read_without_the_others) {
  std::mt19937_64 random(2);
  std::vector<ProcessSample> rows = random_rows(random, 60);
  Result<std::vector<Sample>> read = decode_figure(encode_chunk(rows), Figure::kGoroutines);
  ASSERT_TRUE(read);
  std::vector<ProcessSample> with;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(with),
               [](const ProcessSample& row) { return row[Figure::kGoroutines].has_value(); });
  ASSERT_EQ(read->size(), with.size());
  for (std::size_t i = 0; i < with.size(); ++i) {
    EXPECT_EQ((*read)[i].monotonic_ns, with[i].monotonic_ns);
    EXPECT_EQ((*read)[i].wall_ns, with[i].wall_ns);
    EXPECT_EQ((*read)[i].value, static_cast<double>(*with[i][Figure::kGoroutines]));
  }
}

TEST(SampleChunk, a_figure_that_does_not_change_costs_few_bytes) {
  std::vector<ProcessSample> rows(60);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].monotonic_ns = static_cast<std::int64_t>(i) * kSecond;
    rows[i].wall_ns = rows[i].monotonic_ns + 1700000000 * kSecond;
    for (std::optional<std::int64_t>& value : rows[i].values) value = 1 << 30;
  }
  // Twenty-seven columns of number, size, presence, first value and how often; times of 2 bytes.
  EXPECT_LT(encode_chunk(rows).size(), 27 * 10 + 60 * 2 + 20);
}

TEST(SampleChunk, figures_of_later_versions_are_left_out) {
  SealedBytesBuilder chunk;
  for (std::uint64_t number : {1, 2 * 5000, 0, 0}) chunk.number(number);  // one row at 5 s
  for (std::uint64_t number : {200, 3, 1, 2, 0}) chunk.number(number);    // figure 200: odd bytes
  for (std::uint64_t number : {0, 2, 1, 2 * 7}) chunk.number(number);     // RSS: 7
  std::vector<std::byte> bytes = std::move(chunk).seal();
  Result<std::vector<ProcessSample>> rows = decode_chunk(bytes);
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ((*rows)[0].monotonic_ns, 5 * kSecond);
  EXPECT_EQ((*rows)[0][Figure::kRss], 7);
  EXPECT_FALSE((*rows)[0][Figure::kAnonymous]);
}

TEST(SampleChunk, a_changed_byte_is_noticed) {
  std::mt19937_64 random(3);
  std::vector<std::byte> chunk = encode_chunk(random_rows(random, 30));
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    std::vector<std::byte> damaged = chunk;
    damaged[i] ^= std::byte{1};
    EXPECT_FALSE(decode_chunk(damaged)) << "byte " << i;
    EXPECT_FALSE(decode_figure(damaged, Figure::kRss)) << "byte " << i;
  }
}

/// Bytes changed, cut off or put in, under a checksum that holds.
std::vector<std::byte> damaged(std::span<const std::byte> content, std::mt19937_64& random) {
  std::vector<std::byte> bytes(content.begin(), content.end());
  for (std::uint64_t i = 1 + random() % 4; i > 0 && !bytes.empty(); --i) {
    std::size_t at = random() % bytes.size();
    switch (random() % 4) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), 9, std::byte{0xff});
        break;
      default:
        bytes[at] = static_cast<std::byte>(random());
    }
  }
  SealedBytesBuilder sealed;
  sealed.append(bytes);
  return std::move(sealed).seal();
}

TEST(SampleChunk, damage_under_a_checksum_that_holds_is_an_answer_or_an_error) {
  std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  int answered = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::byte> chunk = encode_chunk(random_rows(random, random() % 8));
    std::vector<std::byte> bytes =
        damaged(std::span(chunk).first(chunk.size() - sizeof(std::uint32_t)), random);
    Result<std::vector<ProcessSample>> rows = decode_chunk(bytes);
    if (rows) {
      ++answered;
      EXPECT_LE(rows->size(), kMostChunkRows);
    }
    Result<std::vector<Sample>> values = decode_figure(bytes, Figure::kRss);
    EXPECT_TRUE(!values || values->size() <= kMostChunkRows);
  }
  EXPECT_GT(answered, 0);
  EXPECT_LT(answered, 20000);
}

TEST(RoundBytes, give_back_what_was_put_in) {
  std::mt19937_64 random(4);
  std::vector<StoredSample> samples;
  for (const ProcessSample& row : random_rows(random, 200))
    samples.push_back({static_cast<std::int64_t>(random() % 1000), row});
  Result<std::vector<StoredSample>> read = decode_round(encode_round(samples));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ((*read)[i].process, samples[i].process);
    EXPECT_EQ((*read)[i].sample.monotonic_ns, samples[i].sample.monotonic_ns);
    EXPECT_EQ((*read)[i].sample.wall_ns, samples[i].sample.wall_ns);
    EXPECT_EQ((*read)[i].sample.values, samples[i].sample.values);
  }
}

TEST(RoundBytes, processes_that_are_not_wanted_are_skipped) {
  std::mt19937_64 random(5);
  std::vector<StoredSample> samples;
  std::int64_t process = 0;
  for (const ProcessSample& row : random_rows(random, 9)) samples.push_back({++process, row});
  Result<std::vector<StoredSample>> read =
      decode_round(encode_round(samples), [](std::int64_t one) { return one == 4; });
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().process, 4);
  EXPECT_EQ(read->front().sample.values, samples[3].sample.values);
}

TEST(RoundBytes, damage_under_a_checksum_that_holds_is_an_answer_or_an_error) {
  std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20000; ++i) {
    std::vector<StoredSample> samples;
    for (const ProcessSample& row : random_rows(random, random() % 4)) samples.push_back({1, row});
    std::vector<std::byte> round = encode_round(samples);
    Result<std::vector<StoredSample>> read =
        decode_round(damaged(std::span(round).first(round.size() - sizeof(std::uint32_t)), random));
    EXPECT_TRUE(!read || read->size() <= kMostRoundSamples);
  }
}

}  // namespace
}  // namespace seep::monitor
