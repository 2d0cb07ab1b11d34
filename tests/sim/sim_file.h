#pragma once

#include <array>
#include <map>

#include "sim/sim_disk.h"

namespace godwit::sim {

constexpr size_t kSectorBytes = 512;

/// A file's bytes, apart from its names. `bytes` is what a reader sees; `before` is what the disk surely holds of each
/// sector written since the last good sync.
struct SimDisk::Node {
  using Sector = std::array<uint8_t, kSectorBytes>;

  ByteVec bytes;
  uint64_t size = 0;  ///< may exceed bytes.size(): zeros follow
  uint64_t synced_size = 0;
  uint64_t allocated = 0;
  std::map<uint64_t, Sector> before;
  std::map<uint64_t, Sector> lost;  ///< like `before`, but a failed sync was told of it: later syncs do not write it

  uint64_t footprint() const;
  void write(uint64_t position, ByteView in);
  void sync();
  void fail_sync(std::mt19937_64& random);
  void crash(std::mt19937_64& random);

 private:
  void restore(uint64_t sector, const Sector& old);
};

class SimFile final : public runtime::File {
 public:
  SimFile(SimDisk& disk, std::shared_ptr<SimDisk::Node> node, std::string path, runtime::Disk::Mode mode)
      : disk_(disk), node_(std::move(node)), path_(std::move(path)), mode_(mode), generation_(disk.generation_) {}

  Result<void> write(uint64_t position, ByteView bytes) override;
  Result<size_t> read(uint64_t position, std::span<uint8_t> into) override;
  Result<void> sync() override;
  Result<void> allocate(uint64_t bytes) override;
  Result<uint64_t> size() override;

 private:
  Result<void> check_alive() const;
  void check_aligned(uint64_t position, const uint8_t* memory, size_t bytes) const;
  /// Whether the file may take up to `end` bytes.
  bool fits(uint64_t end) const;

  SimDisk& disk_;
  std::shared_ptr<SimDisk::Node> node_;
  std::string path_;
  runtime::Disk::Mode mode_;
  uint64_t generation_;
};

}  // namespace godwit::sim
