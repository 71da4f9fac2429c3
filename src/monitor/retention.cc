#include "monitor/retention.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "monitor/round_bytes.h"
#include "monitor/sample_chunk.h"
#include "monitor/store_schema.h"
#include "monitor/thinning.h"

namespace seep::monitor {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kRoundsToChunk = 60;

/// In memory at once while rounds become chunks: 90 MB. Beyond, a part of the rounds is folded.
constexpr std::size_t kMostSamplesAtOnce = 200'000;

/// Chunks that become thinner ones in one go; the rest waits for the next.
constexpr std::size_t kMostThinnedAtOnce = 100'000;

struct TierRow {
  Tier tier;
  std::int64_t slot_ms;   ///< two samples each
  std::int64_t piece_ms;  ///< of time; no chunk reaches across two of them

  /// The number of the piece. A tenth of all processes each begins theirs a minute later, so that
  /// they do not all become old at once.
  std::int64_t piece(std::int64_t process, std::int64_t time_ms) const {
    return piece_of(time_ms - shift_ms(process), piece_ms);
  }
  std::int64_t end_ms(std::int64_t process, std::int64_t piece) const {
    return (piece + 1) * piece_ms + shift_ms(process);
  }

 private:
  static std::int64_t shift_ms(std::int64_t process) { return process % 10 * 60'000; }
};
// A chunk of every sample lies in one piece of the tier above, and so on: then thinning a piece
// takes whole chunks only.
constexpr TierRow kTenSeconds{Tier::kTenSeconds, 10'000, 600'000};
constexpr TierRow kMinutes{Tier::kMinutes, 60'000, 3'600'000};

/// Times in the file may be anything.
std::int64_t calendar_ms(std::int64_t ms) { return std::clamp(ms, -kLatestMs, kLatestMs); }

std::int64_t milliseconds(double seconds) {
  return static_cast<std::int64_t>(std::clamp(seconds * 1000, 0.0, double{kLatestMs}));
}

Result<void> put_chunk(Statement& insert, std::int64_t process, Tier tier,
                       std::span<const ProcessSample> rows) {
  auto [first, last] = std::minmax_element(rows.begin(), rows.end(),
                                           [](const ProcessSample& a, const ProcessSample& b) {
                                             return a.monotonic_ns < b.monotonic_ns;
                                           });
  std::vector<std::byte> bytes = encode_chunk(rows);
  insert.bind(process).bind(static_cast<std::int64_t>(tier));
  insert.bind(first->monotonic_ns / kMillisecond).bind(last->monotonic_ns / kMillisecond);
  return insert.bind(bytes).run();
}

Result<Statement> insert_chunk(Database& database) {
  return database.prepare(
      "INSERT INTO chunks(process, tier, first_ms, last_ms, bytes) VALUES(?, ?, ?, ?, ?)");
}

// Rounds to chunks.

struct Waiting {
  std::map<std::int64_t, std::vector<ProcessSample>> samples;  ///< by process
  std::int64_t last_round = 0;
  std::int64_t newest_ms = -kLatestMs;
  bool all = true;
};

Result<Waiting> read_rounds(Database& database) {
  Waiting waiting;
  std::size_t count = 0;
  Statement rounds = TRY(database.prepare("SELECT id, bytes FROM rounds ORDER BY id"));
  while (TRY(rounds.step())) {
    if (count > kMostSamplesAtOnce) {
      waiting.all = false;
      break;
    }
    waiting.last_round = rounds.number(0);
    Result<std::vector<StoredSample>> round = decode_round(rounds.bytes(1));
    if (!round) continue;
    count += round->size();
    for (const StoredSample& stored : *round) {
      waiting.newest_ms = std::max(waiting.newest_ms, stored.sample.monotonic_ns / kMillisecond);
      waiting.samples[stored.process].push_back(stored.sample);
    }
  }
  return waiting;
}

Result<void> chunks_of_process(Statement& insert, std::int64_t process,
                               std::vector<ProcessSample>& samples) {
  std::stable_sort(samples.begin(), samples.end(),
                   [](const ProcessSample& a, const ProcessSample& b) {
                     return a.monotonic_ns < b.monotonic_ns;
                   });
  auto piece = [process](const ProcessSample& sample) {
    return kTenSeconds.piece(process, sample.monotonic_ns / kMillisecond);
  };
  for (std::size_t begin = 0; begin < samples.size();) {
    std::size_t end = begin + 1;
    while (end < samples.size() && end - begin < kMostChunkRows &&
           piece(samples[end]) == piece(samples[begin]))
      ++end;
    TRY(put_chunk(insert, process, Tier::kEverySample,
                  std::span(samples).subspan(begin, end - begin)));
    begin = end;
  }
  return {};
}

Result<void> put_waiting(Database& database, Waiting& waiting) {
  Statement insert = TRY(insert_chunk(database));
  Statement seen =
      TRY(database.prepare("UPDATE processes SET last_ms = max(last_ms, ?) WHERE id=?"));
  for (auto& [process, samples] : waiting.samples) {
    TRY(chunks_of_process(insert, process, samples));
    TRY(seen.bind(samples.back().monotonic_ns / kMillisecond).bind(process).run());
  }
  Statement remove = TRY(database.prepare("DELETE FROM rounds WHERE id <= ?"));
  return remove.bind(waiting.last_round).run();
}

// Old chunks to thinner ones.

struct OldChunk {
  std::int64_t id;
  std::int64_t process;
  std::int64_t piece;

  bool same_piece(const OldChunk& other) const {
    return process == other.process && piece == other.piece;
  }
};

Result<std::vector<OldChunk>> old_chunks(Database& database, Tier from, const TierRow& to,
                                         std::int64_t before_ms) {
  Statement select = TRY(database.prepare(
      "SELECT id, process, first_ms FROM chunks WHERE tier=? AND last_ms<? ORDER BY last_ms "
      "LIMIT ?"));
  select.bind(static_cast<std::int64_t>(from)).bind(before_ms);
  select.bind(static_cast<std::int64_t>(kMostThinnedAtOnce));
  std::vector<OldChunk> chunks;
  while (TRY(select.step())) {
    std::int64_t process = select.number(1);
    std::int64_t piece = to.piece(process, calendar_ms(select.number(2)));
    // Whole pieces only: what is still to come of one belongs to the same thinner chunk.
    if (to.end_ms(process, piece) <= before_ms)
      chunks.push_back({select.number(0), process, piece});
  }
  std::stable_sort(chunks.begin(), chunks.end(), [](const OldChunk& a, const OldChunk& b) {
    return a.process != b.process ? a.process < b.process : a.piece < b.piece;
  });
  return chunks;
}

Result<void> thin_piece(Database& database, Statement& insert, const TierRow& to,
                        std::span<const OldChunk> chunks) {
  Thinning thinning(to.slot_ms * kMillisecond);
  Statement select = TRY(database.prepare("SELECT bytes FROM chunks WHERE id=?"));
  Statement remove = TRY(database.prepare("DELETE FROM chunks WHERE id=?"));
  for (const OldChunk& chunk : chunks) {
    if (TRY(select.bind(chunk.id).step())) {
      Result<std::vector<ProcessSample>> rows = decode_chunk(select.bytes(0));
      // Rows elsewhere are damage, and would be slots without end.
      if (rows) {
        std::erase_if(*rows, [&](const ProcessSample& row) {
          return to.piece(chunk.process, row.monotonic_ns / kMillisecond) != chunk.piece;
        });
        thinning.add(*rows);
      }
    }
    select.reset();
    TRY(remove.bind(chunk.id).run());
  }
  std::vector<ProcessSample> rows = thinning.rows();
  if (rows.empty()) return {};
  return put_chunk(insert, chunks.front().process, to.tier, rows);
}

Result<void> thin(Database& database, Tier from, const TierRow& to, std::int64_t before_ms) {
  std::vector<OldChunk> chunks = TRY(old_chunks(database, from, to, before_ms));
  Statement insert = TRY(insert_chunk(database));
  for (std::size_t begin = 0; begin < chunks.size();) {
    std::size_t end = begin + 1;
    while (end < chunks.size() && chunks[end].same_piece(chunks[begin])) ++end;
    TRY(thin_piece(database, insert, to, std::span(chunks).subspan(begin, end - begin)));
    begin = end;
  }
  return {};
}

// What goes.

Result<void> delete_older(Database& database, std::int64_t before_ms) {
  Statement chunks = TRY(database.prepare("DELETE FROM chunks WHERE tier=? AND last_ms<?"));
  TRY(chunks.bind(static_cast<std::int64_t>(Tier::kMinutes)).bind(before_ms).run());
  Statement events = TRY(database.prepare("DELETE FROM events WHERE time_ms<?"));
  return events.bind(before_ms).run();
}

// Of which no sample is left. Ids of boots are not used again while the newest stays.
Result<void> delete_forgotten(Database& database) {
  return database.run(
      "DELETE FROM processes WHERE NOT EXISTS"
      "(SELECT 1 FROM chunks WHERE chunks.process = processes.id);"
      "DELETE FROM events WHERE NOT EXISTS"
      "(SELECT 1 FROM processes WHERE processes.id = events.process);"
      "DELETE FROM series WHERE NOT EXISTS"
      "(SELECT 1 FROM processes WHERE processes.series = series.id);"
      "DELETE FROM boots WHERE id < (SELECT max(id) FROM boots) AND NOT EXISTS"
      "(SELECT 1 FROM processes WHERE processes.boot = boots.id)");
}

Result<std::int64_t> used_bytes(Database& database) {
  std::int64_t pages = TRY(database.number("PRAGMA page_count"));
  return (pages - TRY(database.number("PRAGMA freelist_count"))) * kPageBytes;
}

// Those that reach into the past farthest, and events as old as they. False: there are none.
Result<bool> delete_oldest(Database& database) {
  for (Tier tier : {Tier::kMinutes, Tier::kTenSeconds, Tier::kEverySample}) {
    Statement oldest = TRY(
        database.prepare("SELECT max(last_ms), count(*) FROM "
                         "(SELECT last_ms FROM chunks WHERE tier=? ORDER BY last_ms LIMIT 64)"));
    TRY(oldest.bind(static_cast<std::int64_t>(tier)).step());
    if (oldest.number(1) == 0) continue;
    std::int64_t until_ms = oldest.number(0);
    oldest.reset();
    Statement chunks = TRY(database.prepare("DELETE FROM chunks WHERE tier=? AND last_ms<=?"));
    TRY(chunks.bind(static_cast<std::int64_t>(tier)).bind(until_ms).run());
    Statement events = TRY(database.prepare("DELETE FROM events WHERE time_ms<=?"));
    TRY(events.bind(until_ms).run());
    return true;
  }
  return false;
}

// Before rounds become chunks: those take no more than twice the room of the rounds, because a
// difference has at most a byte more than the value.
Result<void> make_room(Database& database, const StoreLimits& limits) {
  std::int64_t rounds = TRY(database.number("SELECT total(length(bytes)) FROM rounds"));
  std::int64_t most = static_cast<std::int64_t>(limits.most_bytes / 16 * 15) -
                      std::max<std::int64_t>(2 * rounds, 0);
  while (TRY(used_bytes(database)) > most)
    if (!TRY(delete_oldest(database))) break;
  // The bound may have been lowered.
  std::int64_t beyond = TRY(database.number("PRAGMA page_count")) -
                        static_cast<std::int64_t>(limits.most_bytes) / kPageBytes;
  if (beyond > 0)
    TRY(database.run(("PRAGMA incremental_vacuum(" + std::to_string(beyond) + ")").c_str()));
  return {};
}

}  // namespace

Result<bool> rounds_are_due(Database& database, const StoreLimits& limits) {
  Statement waiting = TRY(database.prepare("SELECT count(*), total(length(bytes)) FROM rounds"));
  TRY(waiting.step());
  if (waiting.number(0) >= kRoundsToChunk) return true;
  if (waiting.number(1) > static_cast<std::int64_t>(limits.most_bytes / 16)) return true;
  // Events come at any time; room is made when rounds become chunks.
  return TRY(used_bytes(database)) > static_cast<std::int64_t>(limits.most_bytes / 32 * 31);
}

Result<void> fold_rounds(Database& database, const StoreLimits& limits) {
  TRY(make_room(database, limits));
  Waiting waiting;
  do {
    waiting = TRY(read_rounds(database));
    TRY(put_waiting(database, waiting));
  } while (!waiting.all);
  std::int64_t now_ms = calendar_ms(TRY(database.number("SELECT max(last_ms) FROM processes")));
  TRY(thin(database, Tier::kEverySample, kTenSeconds,
           now_ms - milliseconds(limits.every_sample_s)));
  TRY(thin(database, Tier::kTenSeconds, kMinutes, now_ms - milliseconds(limits.ten_seconds_s)));
  TRY(delete_older(database, now_ms - milliseconds(limits.minutes_s)));
  return delete_forgotten(database);
}

}  // namespace seep::monitor
