#include "snapshot/snapshot_file.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/whole_file.h"
#include "snapshot/resident_fields.h"
#include "snapshot/snapshot_check.h"
#include "snapshot/snapshot_fields.h"

namespace seep::snapshot {

namespace {

constexpr std::array<char, 8> kMagic = {'s', 'e', 'e', 'p', 's', 'n', 'a', 'p'};

enum class Section : std::uint32_t {
  kProgram = 1,
  kStrings,
  kTypes,
  kStacks,
  kSpans,
  kObjects,
  kReferences,
  kRoots,
  kGoroutines,
  kSamples,
  kValues,
  kEnd,
  kTimers,   // since version 2; the end is still the last in the file
  kShapes,   // only where there are any
  kWindows,  // only where they were read
  kMaps,     // only where there are any
  kProcess,
  kResident,  // only where it was read
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// The sections, written and read by turns of the same shape.

void write_bitmap(SectionWriter& writer, const Bitmap& bits) {
  for (std::uint64_t word : bits.words()) writer.number(word);
}

void read_bitmap(SectionReader& reader, Bitmap& bits, std::uint32_t slot_count) {
  // Room is made as words come: the number of slots is only the file's word.
  std::size_t size = std::size_t{slot_count} + 1;
  std::size_t words = (size + 63) / 64;
  std::vector<std::uint64_t> read;
  read.reserve(reader.believable(words));
  while (read.size() < words && reader.ok()) read.push_back(reader.number());
  if (!reader.ok()) return;
  bits = Bitmap(size);
  bits.words() = std::move(read);
}

void write_objects(SectionWriter& writer, const Heap& heap) {
  writer.number(heap.slot_count);
  write_bitmap(writer, heap.allocated);
  write_bitmap(writer, heap.dead_unswept);
  for (std::size_t i = 1; i < heap.claims.size(); ++i) {
    writer.number(std::uint64_t{heap.claims[i].type().value} << 2 |
                  static_cast<std::uint64_t>(heap.claims[i].source()));
  }
}

void read_objects(SectionReader& reader, Heap& heap) {
  heap.slot_count = static_cast<std::uint32_t>(reader.number_up_to(0xfffffff0));
  read_bitmap(reader, heap.allocated, heap.slot_count);
  read_bitmap(reader, heap.dead_unswept, heap.slot_count);
  heap.claims.clear();
  heap.claims.reserve(reader.believable(heap.slot_count) + 1);
  heap.claims.emplace_back();
  for (std::uint32_t i = 1; i <= heap.slot_count && reader.ok(); ++i) {
    std::uint64_t bits = reader.number_up_to(0xffffffff);
    heap.claims.emplace_back(TypeId{static_cast<std::uint32_t>(bits >> 2)},
                             static_cast<ClaimSource>(bits & 3));
  }
}

// Targets are written relative to their source: most are near, so most are small.
void write_references(SectionWriter& writer, const ReferenceTable& table) {
  std::uint64_t slots = table.first.size() < 2 ? 0 : table.first.size() - 2;
  writer.number(slots);
  writer.number(table.targets.size());
  for (std::size_t source = 1; source <= slots; ++source) {
    writer.number(table.first[source + 1] - table.first[source]);
    for (std::uint32_t i = table.first[source]; i < table.first[source + 1]; ++i) {
      writer.number(table.steps[i]);
      writer.signed_number(static_cast<std::int64_t>(table.targets[i]) -
                           static_cast<std::int64_t>(source));
    }
  }
}

void read_references(SectionReader& reader, ReferenceTable& table) {
  std::uint64_t slots = reader.number_up_to(0xfffffff0);
  std::uint64_t total = reader.number_up_to(0xffffffff);
  table = {};
  table.targets.reserve(reader.believable(total));
  table.steps.reserve(reader.believable(total));
  table.first.reserve(reader.believable(slots) + 2);
  table.first.assign(2, 0);
  for (std::uint64_t source = 1; source <= slots && reader.ok(); ++source) {
    std::uint64_t count = reader.number_up_to(total - table.targets.size());
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
      table.steps.push_back(static_cast<std::uint16_t>(reader.number_up_to(0xffff)));
      std::uint64_t target = source + static_cast<std::uint64_t>(reader.signed_number());
      if (target > 0xffffffff) reader.broken("a reference leads nowhere");
      table.targets.push_back(static_cast<std::uint32_t>(target));
    }
    table.first.push_back(static_cast<std::uint32_t>(table.targets.size()));
  }
}

void write_shapes(SectionWriter& writer, Encoder& encoder, const Snapshot& snapshot) {
  encoder.all(snapshot.heap_types, snapshot.heap.mask_table, snapshot.heap.row_lengths);
  writer.number(snapshot.heap.masks.size());
  for (std::uint16_t mask : snapshot.heap.masks) writer.number(mask);
}

void read_shapes(SectionReader& reader, Decoder& decoder, Snapshot& snapshot) {
  decoder.all(snapshot.heap_types, snapshot.heap.mask_table, snapshot.heap.row_lengths);
  std::uint64_t slots = reader.number_up_to(0xfffffff0);
  std::vector<std::uint16_t>& masks = snapshot.heap.masks;
  masks.reserve(reader.believable(slots));
  for (std::uint64_t i = 0; i < slots && reader.ok(); ++i) {
    masks.push_back(static_cast<std::uint16_t>(reader.number_up_to(0xffff)));
  }
}

void write_windows(SectionWriter& writer, const std::vector<Window>& windows) {
  writer.number(windows.size());
  std::uint32_t before = 0;
  for (const Window& window : windows) {
    writer.number(window.reference - before);
    writer.number(window.offset);
    writer.number(window.length);
    writer.number(window.capacity);
    before = window.reference;
  }
}

void read_windows(SectionReader& reader, std::vector<Window>& windows) {
  std::uint64_t count = reader.number_up_to(0xffffffff);
  windows.reserve(reader.believable(count));
  std::uint64_t reference = 0;
  auto number = [&reader] { return static_cast<std::uint32_t>(reader.number_up_to(0xffffffff)); };
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    Window& window = windows.emplace_back();
    reference += number();
    if (reference > 0xffffffff) reader.broken("a window belongs to no reference");
    window.reference = static_cast<std::uint32_t>(reference);
    window.offset = number();
    window.length = number();
    window.capacity = number();
  }
}

void write_diagnostics(SectionWriter& writer, const Diagnostics& diagnostics) {
  writer.number(diagnostics.counts().size());
  for (const auto& [what, times] : diagnostics.counts()) {
    writer.text(what);
    writer.number(times);
  }
}

void read_diagnostics(SectionReader& reader, Diagnostics& diagnostics) {
  std::uint64_t count = reader.number();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    std::string what = reader.text();
    diagnostics.count(what, reader.number());
  }
}

void read_strings(SectionReader& reader, StringTable& strings) {
  std::uint64_t count = reader.number_up_to(0xffffffff);
  for (std::uint64_t i = 1; i <= count && reader.ok(); ++i) {
    StringId id = strings.intern(reader.text());
    if (reader.ok() && id.value != i) reader.broken("a text occurs twice");
  }
}

void read_types(SectionReader& reader, Decoder& decoder, TypeTable& types) {
  std::uint64_t count = reader.number_up_to(0x3fffffff);
  for (std::uint64_t i = 1; i <= count && reader.ok(); ++i) {
    GoType type;
    decoder.all(type);
    types.add(std::move(type));
  }
}

void write_sections(SectionWriter& writer, const Snapshot& snapshot) {
  Encoder encoder(writer);
  auto section = [&writer](Section id, auto&& content) {
    writer.begin(static_cast<std::uint32_t>(id));
    content();
    writer.end();
  };
  section(Section::kProgram, [&] {
    encoder.all(snapshot.program, snapshot.freeze, snapshot.runtime,
                snapshot.allocation_sample_rate, snapshot.unreadable_bytes, snapshot.invariants);
    write_diagnostics(writer, snapshot.diagnostics);
  });
  section(Section::kStrings, [&] {
    writer.number(snapshot.strings.size() - 1);
    for (std::size_t i = 1; i < snapshot.strings.size(); ++i)
      writer.text(snapshot.strings.strings()[i]);
  });
  section(Section::kTypes, [&] {
    writer.number(snapshot.types.size() - 1);
    for (std::uint32_t i = 1; i < snapshot.types.size(); ++i)
      encoder.all(snapshot.types[TypeId{i}]);
  });
  section(Section::kStacks, [&] { encoder.all(snapshot.stacks.stacks); });
  section(Section::kSpans, [&] { encoder.all(snapshot.heap.spans); });
  section(Section::kObjects, [&] { write_objects(writer, snapshot.heap); });
  section(Section::kReferences, [&] { write_references(writer, snapshot.heap.references); });
  section(Section::kRoots, [&] { encoder.all(snapshot.roots.roots, snapshot.roots.references); });
  section(Section::kGoroutines, [&] { encoder.all(snapshot.goroutines); });
  section(Section::kTimers, [&] { encoder.all(snapshot.timers); });
  section(Section::kProcess,
          [&] { encoder.all(snapshot.program.start_ticks, snapshot.program.boot_id); });
  section(Section::kSamples,
          [&] { encoder.all(snapshot.allocation_sites, snapshot.heap.samples); });
  if (snapshot.windows_read) {
    section(Section::kWindows, [&] {
      encoder.all(snapshot.library);
      write_windows(writer, snapshot.heap.windows);
      write_windows(writer, snapshot.roots.windows);
    });
  }
  if (!snapshot.heap.masks.empty()) {
    section(Section::kShapes, [&] { write_shapes(writer, encoder, snapshot); });
  }
  if (!snapshot.heap.maps.empty())
    section(Section::kMaps, [&] { encoder.all(snapshot.heap.maps); });
  if (snapshot.resident) {
    section(Section::kResident, [&] {
      encoder.all(snapshot.resident->memory, snapshot.resident->facts);
      write_diagnostics(writer, snapshot.resident->diagnostics);
    });
  }
  if (!snapshot.values.empty()) section(Section::kValues, [&] { encoder.all(snapshot.values); });
  section(Section::kEnd, [] {});
}

// The contents of one section; false for one that this version does not know.
bool read_section(SectionReader& reader, std::uint32_t version, Section id, Snapshot& snapshot) {
  Decoder decoder(reader, version);
  switch (id) {
    case Section::kProgram:
      decoder.all(snapshot.program, snapshot.freeze, snapshot.runtime,
                  snapshot.allocation_sample_rate, snapshot.unreadable_bytes, snapshot.invariants);
      read_diagnostics(reader, snapshot.diagnostics);
      return true;
    case Section::kStrings:
      read_strings(reader, snapshot.strings);
      return true;
    case Section::kTypes:
      read_types(reader, decoder, snapshot.types);
      return true;
    case Section::kStacks:
      decoder.all(snapshot.stacks.stacks);
      return true;
    case Section::kSpans:
      decoder.all(snapshot.heap.spans);
      return true;
    case Section::kObjects:
      read_objects(reader, snapshot.heap);
      return true;
    case Section::kReferences:
      read_references(reader, snapshot.heap.references);
      return true;
    case Section::kRoots:
      decoder.all(snapshot.roots.roots, snapshot.roots.references);
      return true;
    case Section::kGoroutines:
      decoder.all(snapshot.goroutines);
      return true;
    case Section::kSamples:
      decoder.all(snapshot.allocation_sites, snapshot.heap.samples);
      return true;
    case Section::kValues:
      decoder.all(snapshot.values);
      return true;
    case Section::kTimers:
      decoder.all(snapshot.timers);
      return true;
    case Section::kShapes:
      read_shapes(reader, decoder, snapshot);
      return true;
    case Section::kWindows:
      decoder.all(snapshot.library);
      read_windows(reader, snapshot.heap.windows);
      read_windows(reader, snapshot.roots.windows);
      snapshot.windows_read = true;
      return true;
    case Section::kMaps:
      decoder.all(snapshot.heap.maps);
      return true;
    case Section::kProcess:
      decoder.all(snapshot.program.start_ticks, snapshot.program.boot_id);
      return true;
    case Section::kResident:
      snapshot.resident.emplace();
      decoder.all(snapshot.resident->memory, snapshot.resident->facts);
      read_diagnostics(reader, snapshot.resident->diagnostics);
      return true;
    case Section::kEnd:
      return true;
  }
  return false;
}

Result<Snapshot> read_sections(SectionReader& reader, std::uint32_t version) {
  Snapshot snapshot;
  std::uint32_t seen = 0;
  while (true) {
    std::uint32_t id = reader.begin();
    TRY(reader.status());
    // A section that stands twice would be appended to what is there.
    bool known = id <= static_cast<std::uint32_t>(Section::kResident);
    if (known && (seen >> id & 1) != 0) return fail(ErrorKind::kCorrupt, "a section occurs twice");
    if (known) seen |= 1u << id;
    if (!read_section(reader, version, static_cast<Section>(id), snapshot)) reader.skip_rest();
    reader.end();
    TRY(reader.status());
    if (id == static_cast<std::uint32_t>(Section::kEnd)) break;
  }
  snapshot.program.kind = TargetKind::kSnapshot;
  TRY(check_snapshot(snapshot));
  return snapshot;
}

Result<void> write_all(std::FILE* file, const Snapshot& snapshot) {
  SectionWriter writer(file);
  writer.raw(kMagic.data(), kMagic.size());
  writer.raw(&kCurrentVersion, sizeof kCurrentVersion);
  write_sections(writer, snapshot);
  return writer.status();
}

}  // namespace

Result<void> write_snapshot_file(const Snapshot& snapshot, const std::string& path) {
  return write_whole_file(path, [&](std::FILE* file) { return write_all(file, snapshot); });
}

Result<Snapshot> read_snapshot_file(const std::string& path) {
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) return system_error(path, errno);
  struct stat status{};
  if (fstat(fileno(file.get()), &status) != 0) return system_error(path, errno);
  SectionReader reader(file.get(), static_cast<std::uint64_t>(status.st_size));
  std::array<char, 8> magic{};
  std::uint32_t version = 0;
  Result<Snapshot> snapshot = fail(ErrorKind::kInvalidArgument, "this is no seep snapshot");
  if (!reader.raw(magic.data(), magic.size()) || magic == kMagic) {
    reader.raw(&version, sizeof version);
    if (!reader.ok()) {
      snapshot = std::unexpected(reader.status().error());
    } else if (version < kOldestSupportedVersion || version > kCurrentVersion) {
      snapshot = fail(ErrorKind::kUnsupported, "the snapshot has format version " +
                                                   std::to_string(version) + "; this seep reads " +
                                                   std::to_string(kOldestSupportedVersion) +
                                                   " to " + std::to_string(kCurrentVersion));
    } else {
      snapshot = read_sections(reader, version);
    }
  }
  if (!snapshot) return std::unexpected(std::move(snapshot).error().in_context("reading " + path));
  return snapshot;
}

bool is_snapshot_file(const std::string& path) {
  File file(std::fopen(path.c_str(), "rb"));
  std::array<char, 8> magic{};
  return file && std::fread(magic.data(), 1, magic.size(), file.get()) == magic.size() &&
         magic == kMagic;
}

}  // namespace seep::snapshot
