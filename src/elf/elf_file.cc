#include "elf/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/byte_reader.h"

namespace seep::elf {
namespace {

constexpr std::uint64_t kMostSections = 100'000;  // also bounds what a hostile header can cost

ErrorKind kind_of_errno(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
    case ESRCH:
      return ErrorKind::kNotFound;
    case EACCES:
    case EPERM:
      return ErrorKind::kPermissionDenied;
    default:
      return ErrorKind::kIo;
  }
}

// The name at `offset` of a string table, empty when it runs out of it.
std::string name_at(std::span<const std::byte> names, std::uint64_t offset) {
  ByteReader reader(names, "section names");
  if (!reader.seek(offset)) return {};
  Result<std::string_view> name = reader.read_c_string();
  return name ? std::string(*name) : std::string();
}

}  // namespace

Result<ElfFile> ElfFile::open(const std::string& path, const std::string& name) {
  // O_NONBLOCK: a named pipe in place of a file must not hold seep up.
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return fail(kind_of_errno(errno), "cannot open " + path + ": " + std::strerror(errno));
  }
  return adopt(descriptor, name.empty() ? path : name);
}

Result<ElfFile> ElfFile::adopt(int descriptor, const std::string& name) {
  ElfFile file;
  TRY(file.map(descriptor, name));
  TRY(file.read_header());
  return file;
}

Result<ElfFile> ElfFile::adopt_debug_file(int descriptor, const std::string& name) {
  ElfFile file;
  file.may_lack_segments_ = true;
  TRY(file.map(descriptor, name));
  TRY(file.read_header());
  return file;
}

ElfFile::ElfFile(ElfFile&& other) noexcept { *this = std::move(other); }

ElfFile& ElfFile::operator=(ElfFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(image_, other.image_);
  std::swap(position_independent_, other.position_independent_);
  std::swap(dynamic_, other.dynamic_);
  std::swap(may_lack_segments_, other.may_lack_segments_);
  std::swap(entry_point_, other.entry_point_);
  std::swap(segments_, other.segments_);
  std::swap(sections_, other.sections_);
  return *this;
}

ElfFile::~ElfFile() {
  if (!image_.empty()) ::munmap(const_cast<std::byte*>(image_.data()), image_.size());
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::unexpected<Error> ElfFile::refuse(ErrorKind kind, const std::string& why) const {
  return fail(kind, path_ + " " + why);
}

Result<void> ElfFile::map(int descriptor, const std::string& name) {
  path_ = name;
  descriptor_ = descriptor;
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0) {
    return refuse(ErrorKind::kUnsupported, "is not an ELF executable");
  }
  std::size_t bytes = static_cast<std::size_t>(status.st_size);
  // A file that runs cannot be truncated meanwhile (ETXTBSY), so the mapping stays whole.
  void* memory = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, descriptor_, 0);
  if (memory == MAP_FAILED) {
    return fail(ErrorKind::kIo, "cannot map " + name + ": " + std::strerror(errno));
  }
  image_ = {static_cast<const std::byte*>(memory), bytes};
  return {};
}

Result<void> ElfFile::read_header() {
  if (image_.size() < SELFMAG || std::memcmp(image_.data(), ELFMAG, SELFMAG) != 0) {
    return refuse(ErrorKind::kUnsupported, "is not an ELF executable");
  }
  if (image_.size() > EI_CLASS && image_[EI_CLASS] == std::byte{ELFCLASS32}) {
    return refuse(ErrorKind::kUnsupported,
                  "is a 32-bit program; seep reads 64-bit x86 programs only");
  }
  if (image_.size() < sizeof(Elf64_Ehdr)) {
    return refuse(ErrorKind::kTruncated, "ends inside its ELF header");
  }
  Elf64_Ehdr header = load_unchecked<Elf64_Ehdr>(image_.data());
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != EM_X86_64) {
    return refuse(ErrorKind::kUnsupported, "is built for another processor (ELF machine " +
                                               std::to_string(header.e_machine) +
                                               "); seep reads 64-bit x86 programs only");
  }
  if (header.e_type != ET_EXEC && header.e_type != ET_DYN) {
    return refuse(ErrorKind::kUnsupported, header.e_type == ET_CORE
                                               ? "is a core file, not an executable"
                                               : "is an ELF file, but not an executable");
  }
  position_independent_ = header.e_type == ET_DYN;
  entry_point_ = Address(header.e_entry);
  TRY(read_segments(header.e_phoff, header.e_phnum, header.e_phentsize));
  if (header.e_shoff == 0) return {};
  std::uint64_t count = header.e_shnum;
  std::uint64_t names_index = header.e_shstrndx;
  if (count == 0 || names_index == SHN_XINDEX) {
    // More sections than fit the header: the first section says how many.
    if (header.e_shoff > image_.size() || image_.size() - header.e_shoff < sizeof(Elf64_Shdr)) {
      return refuse(ErrorKind::kTruncated, "ends before its section table");
    }
    Elf64_Shdr first = load_unchecked<Elf64_Shdr>(image_.data() + header.e_shoff);
    if (count == 0) count = first.sh_size;
    if (names_index == SHN_XINDEX) names_index = first.sh_link;
  }
  return read_sections(header.e_shoff, count, header.e_shentsize, names_index);
}

Result<void> ElfFile::read_segments(std::uint64_t offset, std::uint64_t count,
                                    std::uint64_t entry_bytes) {
  if (count == 0) return {};
  if (entry_bytes != sizeof(Elf64_Phdr)) {
    return refuse(ErrorKind::kCorrupt, "has program headers of a size that ELF does not know");
  }
  if (offset > image_.size() || (image_.size() - offset) / entry_bytes < count) {
    return refuse(ErrorKind::kTruncated, "ends before its program headers");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    Elf64_Phdr entry = load_unchecked<Elf64_Phdr>(image_.data() + offset + i * entry_bytes);
    if (entry.p_type == PT_DYNAMIC) dynamic_ = true;
    if (entry.p_type != PT_LOAD) continue;
    if (may_lack_segments_) entry.p_offset = entry.p_filesz = 0;
    if (entry.p_vaddr + entry.p_memsz < entry.p_vaddr || entry.p_filesz > entry.p_memsz) {
      return refuse(ErrorKind::kCorrupt, "has a segment that contradicts itself");
    }
    if (entry.p_offset > image_.size() || entry.p_filesz > image_.size() - entry.p_offset) {
      return refuse(ErrorKind::kTruncated, "ends inside a segment: the file is not complete");
    }
    segments_.push_back({{Address(entry.p_vaddr), Address(entry.p_vaddr + entry.p_memsz)},
                         entry.p_offset,
                         entry.p_filesz,
                         (entry.p_flags & PF_R) != 0,
                         (entry.p_flags & PF_W) != 0,
                         (entry.p_flags & PF_X) != 0});
  }
  return {};
}

Result<void> ElfFile::read_sections(std::uint64_t offset, std::uint64_t count,
                                    std::uint64_t entry_bytes, std::uint64_t names_index) {
  if (entry_bytes != sizeof(Elf64_Shdr) || count > kMostSections) {
    return refuse(ErrorKind::kCorrupt, "has a section table that ELF does not know");
  }
  if (offset > image_.size() || (image_.size() - offset) / entry_bytes < count) {
    return refuse(ErrorKind::kTruncated, "ends before its section table: the file is not complete");
  }
  std::vector<std::uint32_t> name_offsets;
  for (std::uint64_t i = 0; i < count; ++i) {
    Elf64_Shdr entry = load_unchecked<Elf64_Shdr>(image_.data() + offset + i * entry_bytes);
    Section section;
    section.address = Address(entry.sh_addr);
    section.bytes = entry.sh_size;
    section.file_offset = entry.sh_offset;
    section.type = entry.sh_type;
    section.link = entry.sh_link;
    section.loaded = (entry.sh_flags & SHF_ALLOC) != 0;
    section.in_file = entry.sh_type != SHT_NOBITS && entry.sh_type != SHT_NULL &&
                      entry.sh_offset <= image_.size() &&
                      entry.sh_size <= image_.size() - entry.sh_offset;
    section.compressed = (entry.sh_flags & SHF_COMPRESSED) != 0;
    name_offsets.push_back(entry.sh_name);
    sections_.push_back(std::move(section));
  }
  if (names_index >= sections_.size()) return {};
  std::span<const std::byte> names = contents(sections_[static_cast<std::size_t>(names_index)]);
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    sections_[i].name = name_at(names, name_offsets[i]);
  }
  return {};
}

const Section* ElfFile::find_section(std::string_view name) const {
  for (const Section& section : sections_) {
    if (section.name == name) return &section;
  }
  return nullptr;
}

std::span<const std::byte> ElfFile::contents(const Section& section) const {
  if (!section.in_file) return {};
  return image_.subspan(static_cast<std::size_t>(section.file_offset),
                        static_cast<std::size_t>(section.bytes));
}

std::span<const std::byte> ElfFile::loaded_bytes(Address address, std::uint64_t bytes) const {
  for (const Segment& segment : segments_) {
    AddressRange filled{segment.addresses.begin, segment.addresses.begin + segment.file_bytes};
    if (!filled.contains(address, bytes)) continue;
    std::uint64_t offset = segment.file_offset + (address - filled.begin);
    return image_.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(bytes));
  }
  return {};
}

bool ElfFile::has_debug_info() const {
  return find_section(".debug_info") != nullptr || find_section(".zdebug_info") != nullptr;
}

}  // namespace seep::elf
