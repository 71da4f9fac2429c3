#include "monitor/figure.h"

namespace seep::monitor {

namespace {

constexpr std::array<FigureRow, kFigures> kRows = {{
    {"rss_bytes", "RSS", Unit::kBytes},
    {"anonymous_bytes", "anonymous", Unit::kBytes},
    {"file_bytes", "files", Unit::kBytes},
    {"shared_bytes", "shared", Unit::kBytes},
    {"swap_bytes", "swap", Unit::kBytes},
    {"lazy_free_bytes", "given back lazily", Unit::kBytes},
    {"pss_bytes", "PSS", Unit::kBytes},
    {"threads", "threads", Unit::kCount},
    {"open_files", "open files", Unit::kCount},
    {"cgroup_usage_bytes", "cgroup usage", Unit::kBytes},
    {"cgroup_working_set_bytes", "cgroup working set", Unit::kBytes},
    {"cgroup_limit_bytes", "cgroup limit", Unit::kBytes},
    {"cgroup_oom_kills", "OOM kills", Unit::kCount},
    {"heap_marked_bytes", "live heap", Unit::kBytes},
    {"heap_alloc_bytes", "heap allocated", Unit::kBytes},
    {"heap_in_use_bytes", "heap in use", Unit::kBytes},
    {"heap_idle_bytes", "heap idle", Unit::kBytes},
    {"heap_released_bytes", "heap released", Unit::kBytes},
    {"stacks_bytes", "stacks", Unit::kBytes},
    {"metadata_bytes", "runtime metadata", Unit::kBytes},
    {"objects", "objects", Unit::kCount},
    {"goroutines", "goroutines", Unit::kCount},
    {"collections", "collections", Unit::kCount},
    {"heap_goal_bytes", "heap goal", Unit::kBytes},
    {"gc_percent", "GOGC", Unit::kPercent},
    {"memory_limit_bytes", "GOMEMLIMIT", Unit::kBytes},
    {"last_collection_ns", "last collection", Unit::kNanoseconds},
}};

}  // namespace

const FigureRow& row_of(Figure figure) { return kRows[static_cast<std::size_t>(figure)]; }

}  // namespace seep::monitor
