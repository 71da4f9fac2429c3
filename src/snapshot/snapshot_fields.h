// Which fields of the handover values a snapshot file holds, and in which order: one list for the
// writer and the reader.
//
// Each list names all members of its struct in a structured binding, so that a new member does not
// compile until it has its place here. Adding to a list changes the format: then raise
// kCurrentVersion in snapshot_file.h, and ask for the version so that older files are still read.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "snapshot/section_reader.h"
#include "snapshot/section_writer.h"
#include "snapshot/snapshot.h"
#include "snapshot/snapshot_file.h"

namespace seep::snapshot {

template <typename T, typename Plain>
concept SameOrConst = std::is_same_v<std::remove_const_t<T>, Plain>;

template <typename Archive, SameOrConst<Field> T>
void fields_of(Archive& archive, T& value) {
  auto& [name, type, offset, role] = value;
  archive.all(name, type, offset);
  archive.one_of(role, PartRole::kInternal);
}

template <typename Archive, SameOrConst<GoType> T>
void fields_of(Archive& archive, T& value) {
  auto& [name, package_path, kind, size, pointer_bytes, element, key, length, referent,
         referent_if_first_word_is_pointer, referent_if_other_size, referent_if_interior, tail,
         element_role, synthetic, fields] = value;
  archive.all(name, package_path);
  archive.one_of(kind, TypeKind::kStruct);
  archive.all(size, pointer_bytes, element, key, length, referent,
              referent_if_first_word_is_pointer, referent_if_other_size, referent_if_interior,
              tail);
  archive.one_of(element_role, PartRole::kInternal);
  archive.all(synthetic, fields);
}

template <typename Archive, SameOrConst<Span> T>
void fields_of(Archive& archive, T& value) {
  auto& [start, bytes, slot_bytes, slot_count, first, data_offset, pointer_free] = value;
  archive.all(start, bytes, slot_bytes, slot_count, first, data_offset, pointer_free);
}

template <typename Archive, SameOrConst<AllocationSample> T>
void fields_of(Archive& archive, T& value) {
  auto& [object, site] = value;
  archive.all(object, site);
}

template <typename Archive, SameOrConst<AllocationSite> T>
void fields_of(Archive& archive, T& value) {
  auto& [stack, object_bytes, allocations, frees] = value;
  archive.all(stack, object_bytes, allocations, frees);
}

template <typename Archive, SameOrConst<RootReference> T>
void fields_of(Archive& archive, T& value) {
  auto& [target, interior, conservative, type, offset, boxed, name, frame, deferred] = value;
  archive.all(target, interior, conservative, type, offset, boxed, name, frame);
  if (archive.version() >= 3) archive.all(deferred);
}

template <typename Archive, SameOrConst<GcRoot> T>
void fields_of(Archive& archive, T& value) {
  auto& [kind, name, type, address, goroutine, subject, first_reference, reference_count] = value;
  archive.one_of(kind, RootKind::kInHand);
  archive.all(name, type, address, goroutine, subject, first_reference, reference_count);
}

template <typename Archive, SameOrConst<StackFrame> T>
void fields_of(Archive& archive, T& value) {
  auto& [function, file, line, inlined] = value;
  archive.all(function, file, line, inlined);
}

template <typename Archive, SameOrConst<WaitObject> T>
void fields_of(Archive& archive, T& value) {
  auto& [address, object] = value;
  archive.all(address, object);
}

template <typename Archive, SameOrConst<Goroutine> T>
void fields_of(Archive& archive, T& value) {
  auto& [id, status, wait_kind, wait_reason, wait_seconds, system, unwound, g, g_object, root,
         stack, created_by, parent_id, start_function, stack_bytes, waits_for, deferred, duty,
         went_on] = value;
  archive.all(id);
  archive.one_of(status, GoroutineStatus::kLeaked);
  archive.one_of(wait_kind, WaitKind::kOther);
  archive.all(wait_reason, wait_seconds, system, unwound, g, g_object, root, stack, created_by,
              parent_id, start_function, stack_bytes, waits_for);
  if (archive.version() >= 2) archive.all(deferred);
  if (archive.version() >= 3) archive.one_of(duty, QueueDuty::kCleanups);
  if (archive.version() >= 4) archive.all(went_on);
}

template <typename Archive, SameOrConst<DeferredCalls> T>
void fields_of(Archive& archive, T& value) {
  auto& [frame, function, count] = value;
  archive.all(frame, function, count);
}

template <typename Archive, SameOrConst<Timer> T>
void fields_of(Archive& archive, T& value) {
  auto& [kind, address, object, active, held, on_demand, root, due_seconds, period_seconds,
         function, argument, argument_object, waiting, buffered, capacity, goroutine,
         unread_seconds] = value;
  archive.one_of(kind, TimerKind::kOther);
  archive.all(address, object, active, held, on_demand, root, due_seconds, period_seconds, function,
              argument, argument_object, waiting, buffered, capacity, goroutine);
  if (archive.version() >= 3) archive.all(unread_seconds);
}

template <typename Archive, SameOrConst<ObjectMask> T>
void fields_of(Archive& archive, T& value) {
  auto& [bits, prefix] = value;
  archive.all(bits, prefix);
}

template <typename Archive, SameOrConst<RowLength> T>
void fields_of(Archive& archive, T& value) {
  auto& [object, elements] = value;
  archive.all(object, elements);
}

template <typename Archive, SameOrConst<HeapType> T>
void fields_of(Archive& archive, T& value) {
  auto& [type, layout, made_singly, made_in_rows] = value;
  archive.all(type, layout, made_singly, made_in_rows);
}

template <typename Archive, SameOrConst<MapSize> T>
void fields_of(Archive& archive, T& value) {
  auto& [object, entries, capacity, needed, held_more] = value;
  archive.all(object, entries, capacity, needed, held_more);
}

template <typename Archive, SameOrConst<OpenFiles> T>
void fields_of(Archive& archive, T& value) {
  auto& [files, sockets, pipes, others, limit] = value;
  archive.all(files, sockets, pipes, others, limit);
}

// When the process started has a section of its own, which readers that do not know it skip.
template <typename Archive, SameOrConst<ProgramInfo> T>
void fields_of(Archive& archive, T& value) {
  auto& [kind, pid, executable, program, go_version, main_package, build_id, stripped, uptime_s,
         start_ticks, boot_id, captured_unix_ms, rss_bytes, limit_bytes, limit_source, open_files] =
      value;
  archive.one_of(kind, TargetKind::kSnapshot);
  archive.all(pid, executable, program, go_version, main_package, build_id, stripped, uptime_s,
              captured_unix_ms, rss_bytes, limit_bytes);
  archive.one_of(limit_source, LimitSource::kHost);
  if (archive.version() >= 3) archive.all(open_files);
}

template <typename Archive, SameOrConst<LibraryFacts> T>
void fields_of(Archive& archive, T& value) {
  auto& [strings_clone, slices_package, clear_builtin, slices_delete_clears] = value;
  archive.all(strings_clone, slices_package, clear_builtin, slices_delete_clears);
}

template <typename Archive, SameOrConst<FreezeReport> T>
void fields_of(Archive& archive, T& value) {
  auto& [mode, stopped_ms, total_stopped_ms, attempts, threads, fallback_reason] = value;
  archive.one_of(mode, FreezeMode::kStop);
  archive.all(stopped_ms, total_stopped_ms, attempts, threads, fallback_reason);
}

template <typename Archive, SameOrConst<RuntimeStatistics> T>
void fields_of(Archive& archive, T& value) {
  auto& [heap_in_use, heap_live, heap_marked, heap_goal, heap_released, heap_free, stacks_in_use,
         gc_cycles, gc_percent, memory_limit, collecting] = value;
  archive.all(heap_in_use, heap_live, heap_marked, heap_goal, heap_released, heap_free,
              stacks_in_use, gc_cycles, gc_percent, memory_limit, collecting);
}

template <typename Archive, SameOrConst<Invariant> T>
void fields_of(Archive& archive, T& value) {
  auto& [name, holds, detail] = value;
  archive.all(name, holds, detail);
}

template <typename Archive, SameOrConst<ValuePreview> T>
void fields_of(Archive& archive, T& value) {
  auto& [object, bytes] = value;
  archive.all(object, bytes);
}

/// Puts values into a section.
class Encoder {
 public:
  explicit Encoder(SectionWriter& writer, std::uint32_t version = kCurrentVersion)
      : writer_(writer), version_(version) {}

  std::uint32_t version() const { return version_; }

  template <typename... Values>
  void all(const Values&... values) {
    (put(values), ...);
  }
  template <typename Enum>
  void one_of(const Enum& value, Enum) {
    writer_.number(static_cast<std::uint64_t>(value));
  }

 private:
  void put(std::uint64_t value) { writer_.number(value); }
  void put(std::uint32_t value) { writer_.number(value); }
  void put(std::uint8_t value) { writer_.number(value); }
  void put(bool value) { writer_.number(value ? 1 : 0); }
  void put(std::int32_t value) { writer_.signed_number(value); }
  void put(std::int64_t value) { writer_.signed_number(value); }
  void put(double value) { writer_.number(std::bit_cast<std::uint64_t>(value)); }
  void put(const std::string& value) { writer_.text(value); }
  void put(Address value) { writer_.number(value.value()); }
  template <typename Tag>
  void put(StrongId<Tag> value) {
    writer_.number(value.value);
  }
  template <typename T>
  void put(const std::optional<T>& value) {
    writer_.number(value ? 1 : 0);
    if (value) put(*value);
  }
  template <typename T>
  void put(const std::vector<T>& values) {
    writer_.number(values.size());
    for (const T& value : values) put(value);
  }
  template <typename T>
    requires std::is_class_v<T>
  void put(const T& value) {
    fields_of(*this, value);
  }

  SectionWriter& writer_;
  std::uint32_t version_;
};

/// Takes them out again. What is out of the range of its type is an error of the reader; whether
/// ids lead anywhere is checked when all is read.
class Decoder {
 public:
  Decoder(SectionReader& reader, std::uint32_t version) : reader_(reader), version_(version) {}

  std::uint32_t version() const { return version_; }

  template <typename... Values>
  void all(Values&... values) {
    (get(values), ...);
  }
  template <typename Enum>
  void one_of(Enum& value, Enum last) {
    value = static_cast<Enum>(reader_.number_up_to(static_cast<std::uint64_t>(last)));
  }

 private:
  void get(std::uint64_t& value) { value = reader_.number(); }
  void get(std::uint32_t& value) {
    value = static_cast<std::uint32_t>(reader_.number_up_to(0xffffffff));
  }
  void get(std::uint8_t& value) { value = static_cast<std::uint8_t>(reader_.number_up_to(0xff)); }
  void get(bool& value) { value = reader_.number_up_to(1) != 0; }
  void get(std::int32_t& value) { value = static_cast<std::int32_t>(reader_.signed_number()); }
  void get(std::int64_t& value) { value = reader_.signed_number(); }
  void get(double& value) { value = std::bit_cast<double>(reader_.number()); }
  void get(std::string& value) { value = reader_.text(); }
  void get(Address& value) { value = Address(reader_.number()); }
  template <typename Tag>
  void get(StrongId<Tag>& value) {
    get(value.value);
  }
  template <typename T>
  void get(std::optional<T>& value) {
    if (reader_.number_up_to(1) != 0) get(value.emplace());
  }
  template <typename T>
  void get(std::vector<T>& values) {
    std::uint64_t count = reader_.number();
    values.clear();
    values.reserve(reader_.believable(count) / sizeof(T) + 1);
    for (std::uint64_t i = 0; i < count && reader_.ok(); ++i) get(values.emplace_back());
  }
  template <typename T>
    requires std::is_class_v<T>
  void get(T& value) {
    fields_of(*this, value);
  }

  SectionReader& reader_;
  std::uint32_t version_;
};

}  // namespace seep::snapshot
