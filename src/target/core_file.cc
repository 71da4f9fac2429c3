#include "target/core_file.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "base/byte_reader.h"

namespace seep::target {
namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kMostSegments = std::uint64_t{1} << 20;

ErrorKind kind_of_errno(int number) {
  if (number == ENOENT || number == ENOTDIR) return ErrorKind::kNotFound;
  if (number == EACCES || number == EPERM) return ErrorKind::kPermissionDenied;
  return ErrorKind::kIo;
}

std::uint64_t padded(std::uint64_t bytes) { return (bytes + 3) & ~std::uint64_t{3}; }

std::size_t read_at(int file, std::uint64_t offset, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    ssize_t got =
        ::pread(file, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

template <typename T>
std::span<std::byte> bytes_of(T& value) {
  return {reinterpret_cast<std::byte*>(&value), sizeof value};
}

}  // namespace

struct CoreFile::Header {
  AddressRange range;
  std::uint64_t offset = 0;
  std::uint64_t promised_bytes = 0;
  std::uint64_t present_bytes = 0;  ///< of those, what the file has
  bool private_kind = false;        ///< readable and writable
};

Result<std::unique_ptr<CoreFile>> CoreFile::open(const std::string& path) {
  std::unique_ptr<CoreFile> core(new CoreFile());
  TRY(core->open_file(path));
  TRY(core->read_headers());
  return core;
}

CoreFile::~CoreFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::unexpected<Error> CoreFile::refuse(ErrorKind kind, const std::string& why) const {
  return fail(kind, "the core file " + path_ + " " + why);
}

Result<void> CoreFile::open_file(const std::string& path) {
  path_ = path;
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) {
    return fail(kind_of_errno(errno), "cannot open " + path + ": " + std::strerror(errno));
  }
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorKind::kUnsupported, path + " is not a core file");
  }
  file_bytes_ = static_cast<std::uint64_t>(status.st_size);
  written_unix_ms_ = static_cast<std::uint64_t>(status.st_mtim.tv_sec) * 1000 +
                     static_cast<std::uint64_t>(status.st_mtim.tv_nsec) / 1'000'000;
  return {};
}

Result<void> CoreFile::read_headers() {
  std::vector<Header> headers = TRY(read_program_headers());
  std::ranges::stable_sort(headers, {}, [](const Header& header) { return header.range.begin; });
  add_dumped(headers);
  add_untouched(headers);
  diagnostics_.count("bytes cut off the end of the core file", cut_off_bytes_);
  return {};
}

Result<std::vector<CoreFile::Header>> CoreFile::read_program_headers() {
  Elf64_Ehdr header{};
  std::size_t got = read_at(descriptor_, 0, bytes_of(header));
  if (got < SELFMAG || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return fail(ErrorKind::kUnsupported, path_ + " is not a core file");
  }
  if (got < sizeof header) return refuse(ErrorKind::kTruncated, "ends inside its ELF header");
  if (header.e_type != ET_CORE) {
    return fail(ErrorKind::kUnsupported, path_ + " is not a core file");
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != EM_X86_64) {
    return refuse(
        ErrorKind::kUnsupported,
        "is the core of a 32-bit program or another processor; seep reads those of 64-bit "
        "x86 programs only");
  }
  std::uint64_t count = header.e_phnum;
  if (count == PN_XNUM) {
    // More segments than fit the header: the first section says how many.
    Elf64_Shdr first{};
    if (header.e_shoff == 0 ||
        read_at(descriptor_, header.e_shoff, bytes_of(first)) < sizeof first) {
      return refuse(ErrorKind::kTruncated, "ends before it says how many segments it has");
    }
    count = first.sh_info;
  }
  if (header.e_phentsize != sizeof(Elf64_Phdr) || count > kMostSegments) {
    return refuse(ErrorKind::kCorrupt, "has program headers that make no sense; take it again");
  }
  std::vector<Elf64_Phdr> entries(static_cast<std::size_t>(count));
  std::span<std::byte> room = std::as_writable_bytes(std::span(entries));
  if (read_at(descriptor_, header.e_phoff, room) < room.size()) {
    return refuse(ErrorKind::kTruncated, "ends before its program headers do");
  }

  std::vector<Header> headers;
  for (const Elf64_Phdr& entry : entries) {
    if (entry.p_type != PT_LOAD && entry.p_type != PT_NOTE) continue;
    std::uint64_t present =
        entry.p_offset < file_bytes_ ? std::min(entry.p_filesz, file_bytes_ - entry.p_offset) : 0;
    std::uint64_t missing = entry.p_filesz - present;
    if (__builtin_add_overflow(cut_off_bytes_, missing, &cut_off_bytes_)) cut_off_bytes_ = ~0ull;
    if (entry.p_type == PT_NOTE) {
      read_notes(entry.p_offset, present);
    } else if (entry.p_memsz > ~entry.p_vaddr || entry.p_filesz > entry.p_memsz) {
      diagnostics_.count("segments of the core that make no sense");
    } else {
      constexpr std::uint32_t kPrivate = PF_R | PF_W;
      headers.push_back({{Address(entry.p_vaddr), Address(entry.p_vaddr) + entry.p_memsz},
                         entry.p_offset,
                         entry.p_filesz,
                         present,
                         (entry.p_flags & kPrivate) == kPrivate});
    }
  }
  return headers;
}

// Owners and bodies are padded to four bytes, also in 64-bit files.
void CoreFile::read_notes(std::uint64_t offset, std::uint64_t bytes) {
  constexpr std::size_t kLongestOwner = 8;
  std::uint64_t end = offset + bytes;
  std::vector<std::byte> body;
  for (; notes_left_ > 0; --notes_left_) {
    Elf64_Nhdr note{};
    std::array<char, kLongestOwner> buffer{};
    if (end - offset < sizeof note || read_at(descriptor_, offset, bytes_of(note)) < sizeof note)
      return;
    std::uint64_t body_at = offset + sizeof note + padded(note.n_namesz);
    if (body_at > end || note.n_descsz > end - body_at) {
      return diagnostics_.count("damaged notes of the core");
    }
    std::uint64_t owner_at = offset + sizeof note;
    offset = std::min(end, body_at + padded(note.n_descsz));
    std::size_t wanted = std::min<std::size_t>(wanted_bytes_of_note(note.n_type), note.n_descsz);
    std::string_view owner = owner_of_note(note.n_type);
    if (wanted == 0 || note.n_namesz < owner.size()) continue;
    std::span<std::byte> name = bytes_of(buffer).first(owner.size());
    if (read_at(descriptor_, owner_at, name) < name.size()) return;
    if (std::string_view(buffer.data(), owner.size()) != owner) continue;
    if (wanted > note_bytes_left_) break;
    note_bytes_left_ -= wanted;
    body.resize(wanted);
    if (read_at(descriptor_, body_at, body) < wanted) return;
    add_core_note({note.n_type, body}, notes_, diagnostics_);
  }
  diagnostics_.count("notes of the core left out: there are too many");
}

void CoreFile::add_dumped(const std::vector<Header>& headers) {
  std::vector<Piece> pieces;
  for (const Header& header : headers) {
    if (header.present_bytes == 0) continue;
    Address begin = header.range.begin;
    pieces.push_back({{begin, begin + header.present_bytes}, descriptor_, header.offset});
  }
  add_where_free(pieces);
}

void CoreFile::add_untouched(const std::vector<Header>& headers) {
  if (notes_.files.empty()) return;  // nobody says which memory belongs to files
  auto is_private_memory = [this](const Header& header) {
    return header.private_kind && !is_mapped_file(header.range);
  };
  bool writes_private_memory = std::ranges::any_of(headers, [&](const Header& header) {
    return header.promised_bytes > 0 && is_private_memory(header);
  });
  if (!writes_private_memory) return;
  std::vector<Piece> pieces;
  for (const Header& header : headers) {
    if (header.promised_bytes == 0 && is_private_memory(header)) {
      pieces.push_back({header.range, kNoFile, 0});
    }
  }
  add_where_free(pieces);
}

bool CoreFile::is_mapped_file(AddressRange range) const {
  auto file = std::ranges::upper_bound(notes_.files, range.begin, {},
                                       [](const MappedFile& mapped) { return mapped.range.end; });
  return file != notes_.files.end() && file->range.begin < range.end;
}

void CoreFile::take_from(elf::ElfFile file, std::uint64_t slide) {
  std::vector<Piece> pieces;
  for (const elf::Segment& segment : file.segments()) {
    // Whole pages are mapped, whatever of them belongs to the segment.
    std::uint64_t before = segment.addresses.begin.value() % kPageBytes;
    if (segment.writable || segment.file_bytes == 0) continue;
    if (segment.file_offset % kPageBytes != before) continue;
    std::uint64_t bytes = (before + segment.file_bytes + kPageBytes - 1) & ~(kPageBytes - 1);
    Address begin = segment.addresses.begin - before + slide;
    if (begin.value() > ~std::uint64_t{0} - bytes) continue;
    pieces.push_back({{begin, begin + bytes}, file.descriptor(), segment.file_offset - before});
  }
  std::ranges::sort(pieces, {}, [](const Piece& piece) { return piece.range.begin; });
  add_where_free(pieces);
  files_.push_back(std::move(file));
}

// `pieces` rise by where they begin, but may overlap each other: the first counts.
void CoreFile::add_where_free(const std::vector<Piece>& pieces) {
  std::vector<Piece> merged;
  merged.reserve(pieces_.size() + pieces.size());
  auto held = pieces_.begin();
  for (const Piece& piece : pieces) {
    Address at = piece.range.begin;
    if (!merged.empty()) at = std::max(at, merged.back().range.end);
    while (at < piece.range.end) {
      for (; held != pieces_.end() && held->range.begin <= at; ++held) {
        at = std::max(at, held->range.end);
        merged.push_back(*held);
      }
      if (at >= piece.range.end) break;
      Address end = piece.range.end;
      if (held != pieces_.end()) end = std::min(end, held->range.begin);
      merged.push_back({{at, end}, piece.file, piece.offset + (at - piece.range.begin)});
      at = end;
    }
  }
  merged.insert(merged.end(), held, pieces_.end());
  pieces_ = std::move(merged);
}

std::vector<Address> CoreFile::dumped_starts() const {
  std::vector<Address> starts;
  for (const Piece& piece : pieces_) {
    if (piece.file == descriptor_) starts.push_back(piece.range.begin);
  }
  return starts;
}

std::size_t CoreFile::read_some(Address address, std::span<std::byte> out) const {
  auto piece = std::ranges::upper_bound(pieces_, address, {},
                                        [](const Piece& held) { return held.range.end; });
  std::size_t done = 0;
  for (; done < out.size() && piece != pieces_.end(); ++piece) {
    Address at = address + done;
    if (!piece->range.contains(at)) break;
    std::uint64_t count = std::min<std::uint64_t>(out.size() - done, piece->range.end - at);
    std::span<std::byte> part = out.subspan(done, static_cast<std::size_t>(count));
    std::size_t got = read_piece(*piece, at - piece->range.begin, part);
    done += got;
    if (got < part.size()) break;
  }
  return done;
}

std::size_t CoreFile::read_piece(const Piece& piece, std::uint64_t at,
                                 std::span<std::byte> out) const {
  std::size_t got = piece.file == kNoFile ? 0 : read_at(piece.file, piece.offset + at, out);
  bool shrunk = out.size() - got >= kPageBytes;
  if (piece.file == descriptor_ || (piece.file != kNoFile && shrunk)) return got;
  // The last page of a mapped file is filled up with zeroes.
  std::ranges::fill(out.subspan(got), std::byte{});
  return out.size();
}

}  // namespace seep::target
