// Snapshot files that lie inside sections whose checksums are right: what is read holds together,
// so that the graph can be computed from it without a look at any index.
#include <gtest/gtest.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>

#include "graph/dominator_tree.h"
#include "graph/reachability.h"
#include "graph/root_path.h"
#include "graph/type_inference.h"
#include "snapshot/snapshot_file.h"
#include "support/graph_notation.h"

namespace seep::graph {
namespace {

namespace fs = std::filesystem;
using snapshot::ObjectId;
using snapshot::Snapshot;

template <typename T>
T take(std::string_view& bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

template <typename T>
void put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Takes a file apart, changes what one section holds, and puts it together as a writer would.
// Sections are of one chunk here.
std::string with_changed_section(std::string_view file, std::uint32_t wanted,
                                 const std::function<void(std::string&)>& change) {
  std::string result(file.substr(0, 12));
  file.remove_prefix(12);
  while (!file.empty()) {
    std::uint32_t section = take<std::uint32_t>(file);
    std::uint32_t unpacked = take<std::uint32_t>(file);
    std::uint32_t packed = take<std::uint32_t>(file);
    std::string content(unpacked, 0);
    if (unpacked != 0) {
      ZSTD_decompress(content.data(), content.size(), file.data(), packed);
      file.remove_prefix(packed + 8);
    }
    file.remove_prefix(8);
    if (section == wanted) change(content);
    std::string body;
    put(body, section);
    if (!content.empty()) {
      std::string frame(ZSTD_compressBound(content.size()), 0);
      frame.resize(ZSTD_compress(frame.data(), frame.size(), content.data(), content.size(), 1));
      put(body, static_cast<std::uint32_t>(content.size()));
      put(body, static_cast<std::uint32_t>(frame.size()));
      body += frame;
    }
    XXH64_hash_t checksum = XXH3_64bits(body.data(), body.size());
    put(body, std::uint64_t{0});
    put(body, checksum);
    result += body;
  }
  return result;
}

void use(const Snapshot& snapshot) {
  ObjectGraph graph(snapshot);
  Reachability all = reachable(graph);
  DominatorTree tree(graph);
  EXPECT_EQ(tree.retained(kSuperRoot).objects, all.extent().objects);
  RootPaths paths(graph);
  for (std::uint32_t i = 1; i <= graph.slot_count() && i < 1000; ++i)
    EXPECT_EQ(paths.path_to(ObjectId{i}).empty(), !all.reached(ObjectId{i}));
  infer_types(snapshot);
}

constexpr const char* kDrawing = R"(
  type main.node[48] { key string @0; next *main.node @16; value any @24 }
  root global main.cache:map[string]*main.node -> a:map[string]*main.node[48]
  root finalizer of n:main.node[48] -> a
  a.directory -> n
  n.next -> m:main.node[48]
  m.next -> n
  n.key -> text:string[16]+3
  goroutine 17 waiting select ch:chan int[96], outside in main.f@f.go:12 by main.g for 300s -> x=ch, n+8
  sample n in main.make@f.go:4
  object free:[]byte[64]
)";

TEST(HostileSnapshot, whatever_a_section_holds_it_is_refused_or_can_be_used) {
  fs::path path =
      fs::temp_directory_path() / ("seep-hostile-" + std::to_string(getpid()) + ".seep");
  ASSERT_TRUE(snapshot::write_snapshot_file(test::draw(kDrawing).snapshot, path));
  std::ifstream in(path, std::ios::binary);
  std::string original{std::istreambuf_iterator<char>(in), {}};
  unsigned accepted = 0, refused = 0;
  constexpr std::uint64_t kSeeds = 3000;
  for (std::uint64_t seed = 0; seed <= kSeeds; ++seed) {
    std::mt19937_64 random(seed);
    std::uint32_t section = static_cast<std::uint32_t>(1 + seed % 10);
    std::string changed = with_changed_section(original, section, [&](std::string& content) {
      if (seed == 0 || content.empty()) return;
      static constexpr std::uint8_t kOdd[] = {0, 1, 2, 0x7f, 0x80, 0xff};
      for (std::uint64_t times = 1 + random() % 3; times > 0; --times)
        content[random() % content.size()] = static_cast<char>(kOdd[random() % 6]);
      if (random() % 8 == 0) content.resize(random() % content.size());
    });
    fs::remove(path);
    std::ofstream(path, std::ios::binary) << changed;
    Result<Snapshot> read = snapshot::read_snapshot_file(path);
    ASSERT_TRUE(read || seed != 0) << read.error().message;
    if (read) use(*read);
    ++(read ? accepted : refused);
    if (HasFailure()) FAIL() << "seed " << seed;
  }
  fs::remove(path);
  EXPECT_GT(accepted, 100u);
  EXPECT_GT(refused, 100u);
}

}  // namespace
}  // namespace seep::graph
