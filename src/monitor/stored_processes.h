// Which number a process has in the store, and of which series it is: processes of one executable
// in one container that did not live at the same time are one series.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "monitor/database.h"
#include "monitor/round_bytes.h"
#include "monitor/store.h"

namespace seep::monitor {

/// Remembers the processes of the last rounds.
class StoredProcesses {
 public:
  /// The samples of a round with their numbers, on the store's time; new processes are entered.
  /// `before_boot` is called before a boot of the machine is entered: its time begins later than
  /// that of all processes.
  Result<std::vector<StoredSample>> place(Database& database,
                                          const std::vector<RoundSample>& samples,
                                          const std::function<Result<void>()>& before_boot);

  struct Place {
    std::int64_t process = 0;
    std::int64_t offset_ms = 0;  ///< its CLOCK_BOOTTIME + this = the store's time
    bool ended = false;
  };
  /// The newest of this identity; nothing if it is not in the store.
  Result<std::optional<Place>> find(Database& database, const ProcessIdentity& identity);

  Result<void> end(Database& database, const RoundEnd& end);

  /// When a transaction failed, or processes may have been deleted.
  void forget();

 private:
  struct Boot {
    std::int64_t id = 0;
    std::int64_t offset_ms = 0;
  };
  struct Hash {
    std::size_t operator()(const ProcessIdentity& identity) const {
      return std::hash<std::uint64_t>{}(identity.start_ticks << 22 ^ identity.pid);
    }
  };

  Result<std::optional<Boot>> find_boot(Database& database, const std::string& boot_id);
  Result<Boot> add_boot(Database& database, const RoundSample& first);
  Result<std::int64_t> add(Database& database, const Boot& boot, const RoundSample& sample);
  Result<std::int64_t> series_for(Database& database, const ProgramName& name);
  bool lives(std::int64_t process) const;

  std::map<std::string, Boot> boots_;
  std::unordered_map<ProcessIdentity, std::int64_t, Hash> known_;  ///< seen of late, not ended
};

}  // namespace seep::monitor
