// Memory that Go's collector does not see: what C allocates, and the stacks of threads.
#include <algorithm>

#include "analysis/rss/resident_rules.h"
#include "base/count_text.h"

namespace seep::analysis {

using snapshot::Resident;

std::vector<Finding> find_c_memory(const ResidentEvidence& evidence) {
  ByteSize bytes = evidence.of(Resident::kCMemory);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-c-memory", bytes);
  finding.title = to_text(bytes) + " of RSS is memory of C code, which Go's collector does not see";
  finding.evidence.push_back(
      {"why", "it lies in malloc's arenas, in [heap], and in blocks that C has mapped; " +
                  counted(evidence.facts.threads, "thread") + " may have arenas of their own"});
  finding.evidence.push_back({"go", to_text(go_memory(evidence)) +
                                        " is Go's own; a heap profile shows nothing of the rest"});
  finding.remedy =
      "if it grows, C memory is not freed: pair each C.CString, C.malloc and handle with its free, "
      "and look with heaptrack or jemalloc's profile; if it stays after a peak, run with "
      "MALLOC_ARENA_MAX=2, call malloc_trim, or preload jemalloc";
  return {finding};
}

std::vector<Finding> find_own_mappings(const ResidentEvidence& evidence) {
  ByteSize bytes = evidence.of(Resident::kOwnMappings);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-own-mappings", bytes);
  finding.title = to_text(bytes) + " of RSS is memory that the program has mapped by itself";
  finding.evidence.push_back(
      {"why",
       "it is anonymous, and neither the Go runtime's nor that of C: caches that keep their "
       "data outside of the heap do so"});
  finding.evidence.push_back({"go", to_text(go_memory(evidence)) +
                                        " is Go's own; a heap profile shows nothing of the rest"});
  finding.remedy =
      "look for syscall.Mmap and for caches outside of the heap: set their size, and count it "
      "beside GOMEMLIMIT, which does not see it";
  return {finding};
}

std::vector<Finding> find_thread_stacks(const ResidentEvidence& evidence) {
  ByteSize bytes = evidence.of(Resident::kThreadStacks);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-thread-stacks", bytes);
  finding.count = evidence.facts.threads;
  finding.title = to_text(bytes) + " of RSS is stacks of threads";
  finding.evidence.push_back({"now", counted(evidence.facts.threads, "thread")});
  finding.evidence.push_back(
      {"why",
       "each call into C that blocks holds a thread; Go never ends threads that are idle, "
       "and what was touched of their stacks stays"});
  finding.remedy =
      "bound how many goroutines call into C at once (a semaphore); a goroutine that ends after "
      "runtime.LockOSThread without unlocking takes its thread with it";
  return {finding};
}

}  // namespace seep::analysis
