#include "monitor/sample_chunk.h"

#include <algorithm>
#include <optional>

#include "monitor/sealed_bytes.h"

namespace seep::monitor {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr const char* kWhat = "a chunk of samples";

std::int64_t to_ms(std::int64_t ns) { return ns / kMillisecond; }

// Differences wrap around: any two values have one.
std::int64_t difference(std::int64_t to, std::int64_t from) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to) -
                                   static_cast<std::uint64_t>(from));
}
std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// Each value as its difference to the one before; a difference of zero is followed by how many more
// of them there are.
void write_values(SealedBytesBuilder& out, std::span<const std::int64_t> values) {
  std::int64_t before = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::int64_t step = difference(values[i], before);
    out.signed_number(step);
    before = values[i];
    if (step != 0) continue;
    std::size_t last = i;
    while (last + 1 < values.size() && values[last + 1] == before) ++last;
    out.number(last - i);
    i = last;
  }
}

Result<std::vector<std::int64_t>> read_values(ByteReader& in, std::size_t count) {
  std::vector<std::int64_t> values;
  values.reserve(count);
  std::int64_t value = 0;
  while (values.size() < count) {
    std::int64_t step = from_zigzag(TRY(in.read_uvarint()));
    value = sum(value, step);
    values.push_back(value);
    if (step != 0) continue;
    std::uint64_t more = TRY(in.read_uvarint());
    if (more > count - values.size())
      return fail(ErrorKind::kCorrupt, std::string(kWhat) + " repeats a value too often");
    values.insert(values.end(), static_cast<std::size_t>(more), value);
  }
  return values;
}

// Which rows have a value, as lengths of runs: with, without, with …
void write_presence(SealedBytesBuilder& out, std::span<const ProcessSample> rows, Figure figure) {
  bool present = true;
  std::size_t run = 0;
  for (const ProcessSample& row : rows) {
    if (row[figure].has_value() != present) {
      out.number(run);
      present = !present;
      run = 0;
    }
    ++run;
  }
  out.number(run);
}

Result<std::vector<std::size_t>> read_presence(ByteReader& in, std::size_t rows) {
  std::vector<std::size_t> with;
  with.reserve(rows);
  bool present = true;
  for (std::size_t row = 0; row < rows; present = !present) {
    std::uint64_t run = TRY(in.read_uvarint());
    if (run > rows - row || (run == 0 && row > 0))
      return fail(ErrorKind::kCorrupt, std::string(kWhat) + ": runs of values do not fit");
    for (std::uint64_t i = 0; i < run; ++i, ++row)
      if (present) with.push_back(row);
  }
  return with;
}

void write_figure(SealedBytesBuilder& out, std::span<const ProcessSample> rows, Figure figure) {
  std::vector<std::int64_t> values;
  for (const ProcessSample& row : rows)
    if (row[figure]) values.push_back(*row[figure]);
  if (values.empty()) return;
  SealedBytesBuilder column;
  write_presence(column, rows, figure);
  write_values(column, values);
  out.number(static_cast<std::uint64_t>(figure));
  out.number(column.bytes().size());
  out.append(column.bytes());
}

struct Times {
  std::vector<std::int64_t> monotonic_ns;
  std::vector<std::int64_t> wall_ns;
};

Result<std::vector<std::int64_t>> read_times(ByteReader& in, std::size_t count) {
  std::vector<std::int64_t> times = TRY(read_values(in, count));
  for (std::int64_t& time : times) {
    if (time > kLatestMs || time < -kLatestMs)
      return fail(ErrorKind::kCorrupt, std::string(kWhat) + " has times beyond any calendar");
    time *= kMillisecond;
  }
  return times;
}

Result<Times> read_head(ByteReader& in) {
  std::uint64_t rows = TRY(in.read_uvarint());
  if (rows > kMostChunkRows)
    return fail(ErrorKind::kCorrupt, std::string(kWhat) + " says it has too many rows");
  Times times;
  times.monotonic_ns = TRY(read_times(in, static_cast<std::size_t>(rows)));
  // The wall clock stands as its distance from the store's time: that hardly ever changes.
  times.wall_ns = TRY(read_times(in, static_cast<std::size_t>(rows)));
  for (std::size_t i = 0; i < times.wall_ns.size(); ++i)
    times.wall_ns[i] = sum(times.wall_ns[i], times.monotonic_ns[i]);
  return times;
}

struct Column {
  std::uint64_t figure = 0;
  std::span<const std::byte> bytes;
};

Result<Column> read_column(ByteReader& in) {
  Column column;
  column.figure = TRY(in.read_uvarint());
  std::uint64_t size = TRY(in.read_uvarint());
  column.bytes = TRY(in.read_bytes(size));
  return column;
}

struct Values {
  std::vector<std::size_t> rows;
  std::vector<std::int64_t> values;
};

Result<Values> read_column_values(const Column& column, std::size_t rows) {
  ByteReader in(column.bytes, kWhat);
  Values values;
  values.rows = TRY(read_presence(in, rows));
  values.values = TRY(read_values(in, values.rows.size()));
  return values;
}

}  // namespace

std::vector<std::byte> encode_chunk(std::span<const ProcessSample> rows) {
  rows = rows.first(std::min(rows.size(), kMostChunkRows));
  SealedBytesBuilder out;
  out.number(rows.size());
  std::vector<std::int64_t> times;
  std::vector<std::int64_t> distances;
  for (const ProcessSample& row : rows) {
    times.push_back(to_ms(row.monotonic_ns));
    distances.push_back(to_ms(difference(row.wall_ns, row.monotonic_ns)));
  }
  write_values(out, times);
  write_values(out, distances);
  for (std::size_t i = 0; i < kFigures; ++i) write_figure(out, rows, static_cast<Figure>(i));
  return std::move(out).seal();
}

Result<std::vector<ProcessSample>> decode_chunk(std::span<const std::byte> chunk) {
  ByteReader in(TRY(unsealed(chunk, kWhat)), kWhat);
  Times times = TRY(read_head(in));
  std::vector<ProcessSample> rows(times.monotonic_ns.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].monotonic_ns = times.monotonic_ns[i];
    rows[i].wall_ns = times.wall_ns[i];
  }
  while (!in.at_end()) {
    Column column = TRY(read_column(in));
    if (column.figure >= kFigures) continue;
    Values values = TRY(read_column_values(column, rows.size()));
    for (std::size_t i = 0; i < values.rows.size(); ++i)
      rows[values.rows[i]].values[column.figure] = values.values[i];
  }
  return rows;
}

Result<std::vector<Sample>> decode_figure(std::span<const std::byte> chunk, Figure wanted) {
  ByteReader in(TRY(unsealed(chunk, kWhat)), kWhat);
  Times times = TRY(read_head(in));
  std::vector<Sample> samples;
  while (!in.at_end()) {
    Column column = TRY(read_column(in));
    if (column.figure != static_cast<std::uint64_t>(wanted)) continue;
    Values values = TRY(read_column_values(column, times.monotonic_ns.size()));
    for (std::size_t i = 0; i < values.rows.size(); ++i) {
      std::size_t row = values.rows[i];
      samples.push_back(
          {times.monotonic_ns[row], times.wall_ns[row], static_cast<double>(values.values[i])});
    }
    break;
  }
  return samples;
}

}  // namespace seep::monitor
