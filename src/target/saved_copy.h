// Stop mode: the memory that matters, copied to seep while the target stands still.
//
// The copy is made twice: once while the target runs, which only serves to have seep's own pages
// ready (faulting them in takes longer than copying), and once for good while it is stopped.
// Memory that cannot change (not writable) is not copied but read from the process when asked for.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "procfs/maps.h"
#include "target/freeze.h"
#include "target/live_process.h"

namespace seep::target {

class SavedCopy final : public Freeze::Image, private MemoryReader {
 public:
  explicit SavedCopy(LiveProcess live) : live_(std::move(live)) {}
  SavedCopy(const SavedCopy&) = delete;
  SavedCopy& operator=(const SavedCopy&) = delete;
  ~SavedCopy() override;

  /// Copies these ranges, which need no order; replaces what was copied before. Pages that were
  /// never touched are not read: they are zero. kIo if seep has no room for the copy.
  Result<void> fill(const std::vector<AddressRange>& ranges, std::vector<procfs::Mapping> mappings);

  const MemoryReader& memory() const override { return *this; }
  double release() override { return 0; }

 private:
  struct Piece {
    AddressRange range;
    std::byte* store;
    bool anonymous;
  };

  std::size_t read_some(Address address, std::span<std::byte> out) const override;
  std::size_t read_piece(Address address, std::span<std::byte> out) const;
  Result<void> make_store(std::size_t bytes);
  void plan(const std::vector<AddressRange>& ranges);
  void copy_piece(Piece& piece, int pagemap) const;
  void copy_pieces(int pagemap);

  LiveProcess live_;
  std::vector<procfs::Mapping> mappings_;
  std::vector<Piece> pieces_;  ///< rise by address; cut off where memory was not readable
  std::byte* store_ = nullptr;
  std::size_t store_bytes_ = 0;
};

/// All readable and writable private memory.
std::vector<AddressRange> private_writable_ranges(const std::vector<procfs::Mapping>& mappings);

}  // namespace seep::target
