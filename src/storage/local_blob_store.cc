#include "storage/local_blob_store.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/limits.h"

namespace godwit::storage {
namespace {

using Mode = runtime::Disk::Mode;

/// Larger reads go past the page cache (docs/decisions/0008-large-reads.md).
constexpr uint64_t kDirectReadBytesMin = 256_KiB;
constexpr std::string_view kRoot = "blobs";
/// Of a file that is still being written; no key ends in it.
constexpr std::string_view kNewSuffix = ".new";

std::string path_of(std::string_view key) { return std::string(kRoot).append("/").append(key); }
std::string folder_of(const std::string& path) { return path.substr(0, path.find_last_of('/')); }

}  // namespace

LocalBlobStore::LocalBlobStore(runtime::Disk& disk, runtime::Executor& io, runtime::Executor& reads)
    : disk_(disk), io_(io), reads_(reads), writer_(disk) {}

Result<void> LocalBlobStore::open() {
  if (Result<void> made = disk_.make_directory(std::string(kRoot)); !made) return made;
  std::vector<std::string> keys;
  if (Result<void> listed = list_folder("", keys); !listed) return listed;
  for (const std::string& key : keys)
    if (key.ends_with(kNewSuffix))
      if (Result<void> removed = disk_.remove(path_of(key)); !removed) return removed;
  // A process that died between a rename and its folder's sync left blobs that a power failure would still take away.
  std::set<std::string> folders;
  for (const std::string& key : keys) folders.insert(folder_of(path_of(key)));
  for (const std::string& folder : folders)
    if (Result<void> synced = disk_.sync_directory(folder); !synced) return synced;
  return {};
}

void LocalBlobStore::put(std::string key, std::vector<Slice> bytes, runtime::Executor& on, OnPut done) {
  io_.post([this, key = std::move(key), bytes = std::move(bytes), &on, done = std::move(done)]() mutable {
    on.post([result = write(key, bytes), done = std::move(done)]() mutable { done(std::move(result)); });
  });
}

void LocalBlobStore::get(std::string key, uint64_t position, uint64_t length, runtime::Executor& on, OnGet done) {
  if (std::optional<Slice> bytes = read_cached(key, position, length))
    return on.post([bytes = std::move(*bytes), done = std::move(done)]() mutable { done(std::move(bytes)); });
  reads_.post([this, key = std::move(key), position, length, &on, done = std::move(done)]() mutable {
    Result<Slice> result =
        length < kDirectReadBytesMin ? read(key, position, length) : read_direct(key, position, length);
    on.post([result = std::move(result), done = std::move(done)]() mutable { done(std::move(result)); });
  });
}

void LocalBlobStore::remove(std::vector<std::string> keys) {
  // Behind the reads under way, but not in the way of later ones: removing a large file takes milliseconds.
  reads_.post([this, keys = std::move(keys)]() mutable {
    io_.post([this, keys = std::move(keys)] {
      for (const std::string& key : keys) (void)disk_.remove(path_of(key));
    });
  });
}

Result<std::vector<std::string>> LocalBlobStore::list(const std::string& prefix) {
  std::vector<std::string> keys;
  size_t slash = prefix.find_last_of('/');
  std::string folder = slash == std::string::npos ? "" : prefix.substr(0, slash + 1);
  if (Result<void> listed = list_folder(folder, keys); !listed) return std::unexpected(listed.error());
  std::erase_if(keys, [&](const std::string& key) { return !key.starts_with(prefix) || key.ends_with(kNewSuffix); });
  std::ranges::sort(keys);
  return keys;
}

Result<Slice> LocalBlobStore::get_now(const std::string& key) { return read(key, 0, UINT64_MAX); }

Result<void> LocalBlobStore::write(const std::string& key, const std::vector<Slice>& bytes) {
  std::string path = path_of(key);
  std::string folder = folder_of(path);
  if (!made_folders_.contains(folder)) {
    if (Result<void> made = disk_.make_directory(folder); !made) return made;
    made_folders_.insert(folder);
  }
  std::string new_path = path + std::string(kNewSuffix);
  Result<void> written = writer_.write(new_path, bytes);
  if (written) written = disk_.rename(new_path, path);
  if (!written) {
    (void)disk_.remove(new_path);
    return written;
  }
  return disk_.sync_directory(folder);
}

/// What is in the page cache is copied here: handing the read to another thread and back costs as much as the copy.
std::optional<Slice> LocalBlobStore::read_cached(const std::string& key, uint64_t position, uint64_t length) {
  if (length >= kDirectReadBytesMin) return std::nullopt;
  auto bytes = std::make_unique_for_overwrite<uint8_t[]>(length);
  std::optional<size_t> read = disk_.read_cached(path_of(key), position, {bytes.get(), length});
  if (!read) return std::nullopt;
  return Slice::take(std::move(bytes), *read);
}

Result<Slice> LocalBlobStore::read(const std::string& key, uint64_t position, uint64_t length) {
  Result<std::unique_ptr<runtime::File>> file = disk_.open(path_of(key), Mode::kRead);
  if (!file) return std::unexpected(file.error());
  Result<uint64_t> size = (*file)->size();
  if (!size) return std::unexpected(size.error());
  if (position >= *size) return Slice{};
  // Not a ByteVec: every byte would be written twice.
  size_t wanted = std::min(length, *size - position);
  auto bytes = std::make_unique_for_overwrite<uint8_t[]>(wanted);
  Result<size_t> read = (*file)->read(position, {bytes.get(), wanted});
  if (!read) return std::unexpected(read.error());
  return Slice::take(std::move(bytes), *read);
}

/// Reads whole blocks around the wanted bytes.
Result<Slice> LocalBlobStore::read_direct(const std::string& key, uint64_t position, uint64_t length) {
  Result<std::unique_ptr<runtime::File>> file = disk_.open(path_of(key), Mode::kDirect);
  if (!file) return std::unexpected(file.error());
  uint64_t begin = position / kBlockBytes * kBlockBytes;
  size_t wanted = (position + length - begin + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  auto bytes = std::make_unique_for_overwrite<uint8_t[]>(wanted + kBlockBytes);
  size_t skip = -reinterpret_cast<uintptr_t>(bytes.get()) % kBlockBytes;
  Result<size_t> read = (*file)->read(begin, {bytes.get() + skip, wanted});
  if (!read) return std::unexpected(read.error());
  Slice all = Slice::take(std::move(bytes), skip + *read);
  uint64_t from = std::min<uint64_t>(skip + (position - begin), all.size());
  return all.sub(from, std::min<uint64_t>(length, all.size() - from));
}

/// `folder` is empty or ends in '/', as the keys in it begin.
Result<void> LocalBlobStore::list_folder(const std::string& folder, std::vector<std::string>& keys) {
  std::string path = folder.empty() ? std::string(kRoot) : path_of(folder.substr(0, folder.size() - 1));
  Result<std::vector<std::string>> names = disk_.list(path);
  if (!names && names.error().code == ErrorCode::kNotFound) return {};
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!name.ends_with('/')) {
      keys.push_back(folder + name);
    } else if (Result<void> listed = list_folder(folder + name, keys); !listed) {
      return listed;
    }
  }
  return {};
}

}  // namespace godwit::storage
