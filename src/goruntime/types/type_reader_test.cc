#include "goruntime/types/type_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "goruntime/code/dwarf_frame_variables.h"
#include "goruntime/code/function_table.h"
#include "goruntime/code/global_reader.h"
#include "goruntime/heap/span_reader.h"
#include "support/build_flavour.h"
#include "support/runtime_of_process.h"
#include "support/target_process.h"

namespace seep::goruntime {
namespace {

using snapshot::Field;
using snapshot::GoType;
using snapshot::PartRole;
using snapshot::TypeId;
using snapshot::TypeKind;

/// Types of tests/targets/heap_shapes.
class TypeReaderTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    std::string reason = test::no_debug_information();
    if (!reason.empty()) GTEST_SKIP() << reason;
    start("heap_shapes", {"-scale", "1", "/dev/null"});
  }

  void start(const std::string& name, const std::vector<std::string>& arguments) {
    Result<std::string> program = test::build_target(name, GetParam());
    ASSERT_TRUE(program) << program.error().message;
    test::TargetProcess::Options options;
    options.wait_until_ready = false;
    Result<test::TargetProcess> target = test::TargetProcess::start(*program, arguments, options);
    ASSERT_TRUE(target) << target.error().message;
    target_ = std::make_unique<test::TargetProcess>(std::move(*target));
    Result<std::string> line = target_->read_line();
    while (line && !line->starts_with("READY")) line = target_->read_line();
    ASSERT_TRUE(line) << line.error().message;
    Result<test::RuntimeOfProcess> runtime = test::RuntimeOfProcess::open(target_->pid());
    ASSERT_TRUE(runtime) << runtime.error().message;
    runtime_ = std::move(*runtime);
    make_reader(runtime_.dwarf());
  }

  void make_reader(const dwarf::DwarfInfo* dwarf) {
    types_ = snapshot::TypeTable();
    TypeSources sources = runtime_.type_sources();
    sources.dwarf = dwarf;
    reader_ = std::make_unique<TypeReader>(std::move(sources), types_, diagnostics_);
  }

  const GoType& global(const std::string& name) {
    const dwarf::Variable* variable = runtime_.dwarf()->find_variable(name);
    if (variable == nullptr) return types_[TypeId{}];
    return types_[reader_->of_variable(*variable)];
  }
  /// In the process.
  Address address_of(const dwarf::Variable* variable) const {
    return variable->address + runtime_.program->slide();
  }
  const GoType& referent(const GoType& type) { return types_[type.referent]; }
  const GoType& field(const GoType& type, const std::string& name) {
    auto found = std::ranges::find(type.fields, name, &Field::name);
    return types_[found == type.fields.end() ? TypeId{} : found->type];
  }
  PartRole role(const GoType& type, const std::string& name) {
    auto found = std::ranges::find(type.fields, name, &Field::name);
    return found == type.fields.end() ? PartRole::kField : found->role;
  }

  std::unique_ptr<test::TargetProcess> target_;
  test::RuntimeOfProcess runtime_;
  snapshot::TypeTable types_;
  Diagnostics diagnostics_;
  std::unique_ptr<TypeReader> reader_;
};

INSTANTIATE_TEST_SUITE_P(Go, TypeReaderTest, testing::ValuesIn(test::go_shape_versions()),
                         test::VersionName());

TEST_P(TypeReaderTest, names_sizes_and_fields_are_those_of_the_source) {
  const GoType& node = referent(global("main.tree"));
  EXPECT_EQ(node.name, "main.node");
  EXPECT_EQ(node.package_path, "main");
  EXPECT_EQ(node.kind, TypeKind::kStruct);
  EXPECT_EQ(node.size, 40u);
  EXPECT_EQ(node.pointer_bytes, 32u);
  ASSERT_EQ(node.fields.size(), 4u);
  EXPECT_EQ(node.fields[1].name, "right");
  EXPECT_EQ(node.fields[1].offset, 8u);
  EXPECT_EQ(types_[node.fields[0].type].name, "*main.node");
  EXPECT_EQ(&referent(types_[node.fields[0].type]), &node);
  EXPECT_EQ(field(node, "name").kind, TypeKind::kString);

  if (test::too_old("heap_shapes/generics", GetParam()).empty()) {
    EXPECT_EQ(global("main.generics").name, "*main.pair[string,*main.node]");
  }
  EXPECT_EQ(global("main.slices").name, "[][]string");
  EXPECT_EQ(referent(global("main.slices")).kind, TypeKind::kSlice);
  EXPECT_EQ(global("main.arrays").name, "*[64][4]*main.node");
  EXPECT_EQ(referent(global("main.arrays")).length, 64u);
  EXPECT_EQ(global("main.closures").name, "[]func() int");
  EXPECT_EQ(global("main.anything").name, "[]interface {}");
  EXPECT_EQ(referent(global("main.linked")).name, "list.List");
  EXPECT_EQ(referent(global("main.linked")).package_path, "container/list");
  EXPECT_EQ(types_[reader_->struct_named("time.Time")].name, "time.Time");
}

TEST_P(TypeReaderTest, a_map_of_tables_leads_to_keys_and_values) {
  if (runtime_.layout.map != MapShape::kSwiss) GTEST_SKIP() << "maps of this release have buckets";
  const GoType& map = global("main.largeMap");
  EXPECT_EQ(map.name, "map[string]*main.node");
  EXPECT_EQ(types_[map.key].name, "string");
  EXPECT_EQ(types_[map.element].name, "*main.node");
  const GoType& header = referent(map);
  EXPECT_EQ(header.name, "map[string]*main.node");
  EXPECT_TRUE(header.synthetic);
  const GoType& pointer = field(header, "dirPtr");
  EXPECT_EQ(role(header, "dirPtr"), PartRole::kInternal);
  const GoType& entries = referent(pointer);
  EXPECT_EQ(entries.name, "map[string]*main.node (entries)");
  EXPECT_EQ(entries.size, 8 + 8 * 24u);
  const GoType& directory = types_[pointer.referent_if_first_word_is_pointer];
  EXPECT_EQ(directory.kind, TypeKind::kPointer);
  EXPECT_EQ(&referent(field(referent(directory), "groups")), &entries);
  const GoType& slot = types_[field(entries, "slots").element];
  EXPECT_EQ(role(slot, "key"), PartRole::kKey);
  EXPECT_EQ(role(slot, "elem"), PartRole::kValue);
  EXPECT_EQ(field(slot, "elem").name, "*main.node");
  // Values above 128 bytes are allocated one by one.
  const GoType& large = referent(field(referent(global("main.bigValueMap")), "dirPtr"));
  EXPECT_EQ(field(types_[field(large, "slots").element], "elem").name, "*[200]uint8");
}

TEST_P(TypeReaderTest, a_map_of_buckets_leads_to_keys_and_values) {
  if (runtime_.layout.map != MapShape::kBuckets) GTEST_SKIP() << "maps of this release have tables";
  const GoType& map = global("main.largeMap");
  EXPECT_EQ(map.name, "map[string]*main.node");
  const GoType& header = referent(map);
  EXPECT_EQ(header.name, "map[string]*main.node");
  EXPECT_TRUE(header.synthetic);
  EXPECT_EQ(role(header, "buckets"), PartRole::kInternal);
  EXPECT_EQ(role(header, "oldbuckets"), PartRole::kInternal);
  EXPECT_EQ(referent(field(header, "extra")).name, "runtime.mapextra");
  const GoType& buckets = field(header, "buckets");
  EXPECT_EQ(buckets.kind, TypeKind::kSlice);
  const GoType& bucket = referent(buckets);
  EXPECT_EQ(bucket.name, "map[string]*main.node (entries)");
  EXPECT_EQ(bucket.size, 8 + 8 * 24u + 8);
  EXPECT_EQ(types_[field(bucket, "keys").element].name, "string");
  EXPECT_EQ(field(bucket, "keys").element_role, PartRole::kKey);
  // "values" in Go 1.12.
  const GoType& values = types_[bucket.fields.at(2).type];
  EXPECT_EQ(types_[values.element].name, "*main.node");
  EXPECT_EQ(values.element_role, PartRole::kValue);
  EXPECT_EQ(&referent(field(bucket, "overflow")), &bucket);
  // Values above 128 bytes are allocated one by one.
  const GoType& large = referent(field(referent(global("main.bigValueMap")), "buckets"));
  EXPECT_EQ(types_[types_[large.fields.at(2).type].element].name, "*[200]uint8");
}

TEST_P(TypeReaderTest, a_named_map_has_its_package) {
  std::string reason = test::too_old("demo_service", GetParam());
  if (!reason.empty()) GTEST_SKIP() << reason;
  start("demo_service", {"serve"});
  const GoType& request = types_[reader_->struct_named("net/http.Request")];
  EXPECT_EQ(request.name, "http.Request");
  EXPECT_EQ(request.package_path, "net/http");
  EXPECT_EQ(field(request, "Header").name, "http.Header");
  EXPECT_EQ(field(request, "Header").package_path, "net/http");
  EXPECT_EQ(referent(field(request, "Header")).name, "http.Header");
}

TEST_P(TypeReaderTest, a_channel_leads_to_its_buffer) {
  const GoType& channel = types_[referent(global("main.channels")).referent];
  EXPECT_EQ(channel.name, "chan *main.node");
  EXPECT_EQ(channel.size, runtime_.layout.hchan.bytes);
  EXPECT_EQ(referent(field(channel, "buf")).name, "*main.node");
  EXPECT_EQ(field(channel, "buf").element_role, PartRole::kElement);
  EXPECT_EQ(referent(field(channel, "first")).name, "runtime.sudog");
}

TEST_P(TypeReaderTest, hidden_parts_of_the_standard_library_are_known) {
  const GoType& timer_pointer = types_[global("main.timers").referent];
  const GoType& timer = types_[timer_pointer.referent_if_other_size];
  EXPECT_EQ(timer.name, "time.Timer");
  EXPECT_GT(timer.size, referent(timer_pointer).size);
  EXPECT_EQ(field(timer, "timer").name, "runtime.timer");

  const GoType& pool = global("main.pool");
  EXPECT_EQ(referent(field(pool, "local")).name, "sync.poolLocal");
}

TEST_P(TypeReaderTest, atomic_pointers_lead_to_what_they_point_to) {
  std::string reason = test::too_old("heap_shapes/atomic_pointer", GetParam());
  if (!reason.empty()) GTEST_SKIP() << reason;
  const GoType& atomic = global("main.atomicNode");
  ASSERT_FALSE(atomic.fields.empty());
  EXPECT_EQ(referent(types_[atomic.fields.back().type]).name, "main.node");
}

TEST_P(TypeReaderTest, nodes_of_a_trie_of_sync_map_have_their_types) {
  std::string reason = test::too_old("heap_shapes/hash_trie", GetParam());
  if (!reason.empty()) GTEST_SKIP() << reason;
  const GoType& trie = field(field(global("main.sessions"), "m"), "root");
  ASSERT_FALSE(trie.fields.empty());
  const GoType& indirect = referent(types_[trie.fields.back().type]);
  EXPECT_EQ(indirect.name, "sync.indirect[interface {},interface {}]");
  const GoType& child = types_[field(indirect, "children").element];
  const GoType& pointer = types_[child.fields.back().type];
  EXPECT_EQ(referent(pointer).name, "sync.entry[interface {},interface {}]");
  EXPECT_EQ(&types_[pointer.referent_if_other_size], &indirect);
}

TEST_P(TypeReaderTest, interfaces_say_what_they_box) {
  const dwarf::Variable* shapes = runtime_.dwarf()->find_variable("main.shapes");
  ASSERT_NE(shapes, nullptr);
  Result<Address> first = runtime_.memory->read_address(address_of(shapes));
  ASSERT_TRUE(first);
  std::vector<std::string> boxed;
  for (std::uint64_t i = 0; i < 2; ++i) {
    Result<Address> itab = runtime_.memory->read_address(*first + i * 16);
    ASSERT_TRUE(itab);
    boxed.push_back(types_[reader_->boxed(*itab)].name);
  }
  EXPECT_EQ(boxed, (std::vector<std::string>{"main.square", "main.polygon"}));

  const dwarf::Variable* anything = runtime_.dwarf()->find_variable("main.anything");
  ASSERT_NE(anything, nullptr);
  first = runtime_.memory->read_address(address_of(anything));
  ASSERT_TRUE(first);
  boxed.clear();
  for (std::uint64_t i = 0; i < 10; ++i) {
    Result<Address> type = runtime_.memory->read_address(*first + i * 16);
    ASSERT_TRUE(type);
    boxed.push_back(types_[reader_->boxed(*type)].name);
  }
  EXPECT_EQ(boxed, (std::vector<std::string>{"int", "string", "main.point", "main.node", "[]uint8",
                                             "main.node", "map[int]int", "func() int",
                                             "[3]*main.node", "main.node"}));
}

TEST_P(TypeReaderTest, closures_name_their_function_and_what_they_captured) {
  const dwarf::Variable* closures = runtime_.dwarf()->find_variable("main.closures");
  const dwarf::Variable* methods = runtime_.dwarf()->find_variable("main.methods");
  ASSERT_TRUE(closures != nullptr && methods != nullptr);
  auto entry_of_element = [&](Address slice, std::uint64_t index) {
    Address elements = runtime_.memory->read_address(slice).value_or(Address());
    Address closure = runtime_.memory->read_address(elements + index * 8).value_or(Address());
    return runtime_.memory->read_address(closure).value_or(Address());
  };
  const GoType& counter = types_[reader_->closure(entry_of_element(address_of(closures), 0))];
  // Where makeFunctions is inlined its closures have longer names, or are makeAll's (Go 1.18).
  EXPECT_TRUE(counter.name.starts_with("func main.make")) << counter.name;
  EXPECT_TRUE(counter.name.ends_with(".func1")) << counter.name;
  if (test::too_old("debug_names/captured", GetParam()).empty()) {
    EXPECT_EQ(counter.size, 24u);
    EXPECT_EQ(role(counter, "owner"), PartRole::kCapture);
    EXPECT_EQ(field(counter, "owner").name, "*main.node");
  }
  const GoType& method = types_[reader_->closure(entry_of_element(address_of(methods), 1))];
  EXPECT_EQ(method.name, "func main.(*polygon).area-fm");
  EXPECT_EQ(referent(field(method, "receiver")).name, "main.polygon");
  EXPECT_TRUE(reader_->closure(Address(4096)).is_none());
  EXPECT_TRUE(reader_->closure(entry_of_element(address_of(methods), 1) + 1).is_none());
}

TEST_P(TypeReaderTest, descriptors_alone_are_enough) {
  std::string with = referent(global("main.sessions")).name;
  const dwarf::Variable* tree = runtime_.dwarf()->find_variable("main.tree");
  ASSERT_TRUE(tree != nullptr && tree->runtime_type);
  make_reader(nullptr);
  TypeId pointer = reader_->type_at(runtime_.modules.front().types.begin + *tree->runtime_type);
  EXPECT_EQ(types_[pointer].name, "*main.node");
  EXPECT_EQ(referent(types_[pointer]).fields.size(), 4u);
  if (!test::too_old("heap_shapes/hash_trie", GetParam()).empty()) return;
  TypeId entry = reader_->struct_named("internal/sync.entry[interface {},interface {}]");
  EXPECT_EQ(types_[entry].name, "sync.entry[interface {},interface {}]");
  EXPECT_EQ(types_[entry].package_path, "internal/sync");
}

// Whatever words a target holds, asking for types at them neither fails nor runs away.
TEST_P(TypeReaderTest, words_that_are_no_types_do_no_harm) {
  std::vector<std::byte> bytes(std::size_t{1} << 16);
  const ModuleData& module = runtime_.modules.front();
  for (Address start : {module.types.begin, module.data.begin, module.text.begin}) {
    ASSERT_TRUE(runtime_.memory->read(start, bytes));
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      reader_->type_at(start + at);
      Address word(load_unchecked<std::uint64_t>(bytes.data() + at));
      reader_->type_at(word);
      reader_->boxed(word);
    }
  }
  EXPECT_LE(types_.size(), TypeReader::kMaxTypes);
  for (std::uint64_t word :
       {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}, ~std::uint64_t{7}}) {
    EXPECT_TRUE(reader_->type_at(Address(word)).is_none());
    EXPECT_TRUE(reader_->boxed(Address(word)).is_none());
  }
  EXPECT_GT(diagnostics_.counts().at("type descriptors not readable"), 0u);
}

class GlobalReaderTest : public TypeReaderTest {
 protected:
  void read() {
    Result<HeapSpans> spans =
        read_spans(*runtime_.memory, runtime_.layout, runtime_.variables, diagnostics_);
    ASSERT_TRUE(spans) << spans.error().message;
    spans_ = std::move(*spans);
    Result<snapshot::ObjectIndex> index = snapshot::ObjectIndex::build(spans_.heap.spans);
    ASSERT_TRUE(index) << index.error().message;
    index_ = std::move(*index);
    GlobalInput input{*runtime_.memory, runtime_.modules, index_, spans_.heap, *reader_, names()};
    Result<void> done = read_globals(input, strings_, roots_, diagnostics_);
    ASSERT_TRUE(done) << done.error().message;
  }

  std::vector<ModuleNames> names() const {
    if (!described_) return {};
    return names_of_modules(*runtime_.program, runtime_.modules);
  }

  const snapshot::GcRoot* root(const std::string& name) {
    for (const snapshot::GcRoot& candidate : roots_.roots) {
      if (strings_.text(candidate.name) == name) return &candidate;
    }
    return nullptr;
  }

  bool described_ = true;
  HeapSpans spans_;
  snapshot::ObjectIndex index_;
  snapshot::StringTable strings_;
  snapshot::Roots roots_;
};

INSTANTIATE_TEST_SUITE_P(Go, GlobalReaderTest, testing::ValuesIn(test::go_versions()),
                         test::VersionName());

TEST_P(GlobalReaderTest, every_variable_that_holds_an_object_is_a_root) {
  read();
  for (const char* name : {"main.tree", "main.largeMap", "main.linked", "main.texts",
                           "main.sessions", "main.cancelled", "main.hugeBytes", "os.Stdout"}) {
    const snapshot::GcRoot* found = root(name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(found->kind, snapshot::RootKind::kGlobal);
    EXPECT_GE(found->reference_count, 1u) << name;
    EXPECT_EQ(found->address, address_of(runtime_.dwarf()->find_variable(name))) << name;
  }
  const snapshot::GcRoot* tree = root("main.tree");
  EXPECT_EQ(types_[tree->type].name, "*main.node");
  const snapshot::RootReference& reference = roots_.references[tree->first_reference];
  EXPECT_EQ(spans_.heap.address_of(reference.target),
            runtime_.memory->read_address(tree->address).value_or(Address()));
  EXPECT_FALSE(reference.interior);
  EXPECT_EQ(reference.offset, 0u);
  const snapshot::GcRoot* context = root("main.cancelled");
  const snapshot::RootReference& boxed = roots_.references[context->first_reference];
  EXPECT_EQ(boxed.offset, 8u);
  EXPECT_EQ(types_[boxed.boxed].name, "context.valueCtx");
  EXPECT_FALSE(diagnostics_.counts().contains("pointers in package variables to free slots"));
}

TEST_P(GlobalReaderTest, references_belong_to_exactly_one_root_and_lie_inside_it) {
  read();
  std::uint32_t next = 0;
  for (std::size_t i = 1; i < roots_.roots.size(); ++i) {
    const snapshot::GcRoot& found = roots_.roots[i];
    EXPECT_EQ(found.first_reference, next);
    EXPECT_FALSE(strings_.text(found.name).empty());
    next += found.reference_count;
    for (std::uint32_t k = found.first_reference; k < next; ++k) {
      std::uint64_t size = types_[found.type].size;
      if (size != 0) {
        EXPECT_LT(roots_.references[k].offset, size) << strings_.text(found.name);
      }
    }
  }
  EXPECT_EQ(next, roots_.references.size());
}

TEST_P(GlobalReaderTest, without_names_the_same_references_are_found) {
  read();
  std::size_t described = roots_.references.size();
  roots_ = snapshot::Roots();
  described_ = false;
  read();
  EXPECT_EQ(roots_.references.size(), described);
  EXPECT_EQ(roots_.roots.size() - 1, described);
  EXPECT_TRUE(strings_.text(roots_.roots[1].name).starts_with(".data+0x"));
}

}  // namespace
}  // namespace seep::goruntime
