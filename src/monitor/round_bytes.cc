#include "monitor/round_bytes.h"

#include <algorithm>

#include "monitor/sample_chunk.h"
#include "monitor/sealed_bytes.h"

namespace seep::monitor {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr const char* kWhat = "a round of samples";
static_assert(kFigures <= 64, "which figures are there stands in 64 bits");

void write_sample(SealedBytesBuilder& out, const ProcessSample& sample) {
  out.signed_number(sample.monotonic_ns / kMillisecond);
  out.signed_number(sample.wall_ns / kMillisecond);
  std::uint64_t present = 0;
  for (std::size_t i = 0; i < kFigures; ++i)
    if (sample.values[i]) present |= std::uint64_t{1} << i;
  out.number(present);
  for (const std::optional<std::int64_t>& value : sample.values)
    if (value) out.signed_number(*value);
}

Result<std::int64_t> read_time(ByteReader& in) {
  std::int64_t time = from_zigzag(TRY(in.read_uvarint()));
  if (time > kLatestMs || time < -kLatestMs)
    return fail(ErrorKind::kCorrupt, std::string(kWhat) + " has times beyond any calendar");
  return time * kMillisecond;
}

Result<ProcessSample> read_sample(ByteReader& in) {
  ProcessSample sample;
  sample.monotonic_ns = TRY(read_time(in));
  sample.wall_ns = TRY(read_time(in));
  std::uint64_t present = TRY(in.read_uvarint());
  for (std::size_t i = 0; i < 64; ++i) {
    if ((present >> i & 1) == 0) continue;
    std::int64_t value = from_zigzag(TRY(in.read_uvarint()));
    if (i < kFigures) sample.values[i] = value;
  }
  return sample;
}

}  // namespace

std::vector<std::byte> encode_round(std::span<const StoredSample> samples) {
  SealedBytesBuilder out;
  SealedBytesBuilder bytes;
  for (const StoredSample& stored : samples.first(std::min(samples.size(), kMostRoundSamples))) {
    bytes.clear();
    write_sample(bytes, stored.sample);
    out.number(static_cast<std::uint64_t>(stored.process));
    out.number(bytes.bytes().size());
    out.append(bytes.bytes());
  }
  return std::move(out).seal();
}

Result<std::vector<StoredSample>> decode_round(
    std::span<const std::byte> round, const std::function<bool(std::int64_t process)>& wanted) {
  ByteReader in(TRY(unsealed(round, kWhat)), kWhat);
  std::vector<StoredSample> samples;
  while (!in.at_end()) {
    if (samples.size() == kMostRoundSamples)
      return fail(ErrorKind::kCorrupt, std::string(kWhat) + " has too many of them");
    std::int64_t process = static_cast<std::int64_t>(TRY(in.read_uvarint()));
    std::uint64_t size = TRY(in.read_uvarint());
    ByteReader bytes(TRY(in.read_bytes(size)), kWhat);
    if (wanted(process)) samples.push_back({process, TRY(read_sample(bytes))});
  }
  return samples;
}

}  // namespace seep::monitor
