#include "sim/sim_disk.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "sim/sim_file.h"

namespace godwit::sim {
namespace {

std::string folder_of(const std::string& path) {
  size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string plain(const std::string& path) { return path == "." ? "" : path; }

std::unexpected<Error> no_such(const std::string& path) {
  return fail(ErrorCode::kNotFound, fmt::format("{}: no such file or folder", path));
}

}  // namespace

/// Counts one operation towards stop_after.
Result<void> SimDisk::begin_change() {
  if (stop_after_ && *stop_after_ > 0) --*stop_after_;
  if (stopped()) return fail(ErrorCode::kIo, "the disk has stopped");
  return {};
}

void SimDisk::change_names(std::vector<std::pair<std::string, std::shared_ptr<Node>>> changes) {
  for (auto& [path, node] : changes) {
    if (node)
      names_[path] = node;
    else
      names_.erase(path);
    unsynced_.push_back({path, std::move(node), next_group_});
  }
  ++next_group_;
}

Result<std::unique_ptr<runtime::File>> SimDisk::open(const std::string& path, Mode mode) {
  auto found = names_.find(path);
  if (mode == Mode::kCreate) {
    if (found != names_.end()) return fail(ErrorCode::kAlreadyExists, fmt::format("{}: exists", path));
    if (!folder_of(path).empty() && !folders_.contains(folder_of(path))) return no_such(folder_of(path));
    if (Result<void> begun = begin_change(); !begun) return std::unexpected(begun.error());
    change_names({{path, std::make_shared<Node>()}});
    found = names_.find(path);
  }
  if (found == names_.end()) return no_such(path);
  if (mode == Mode::kRead) ++opened_to_read_[path];
  return std::make_unique<SimFile>(*this, found->second, path, mode);
}

uint64_t SimDisk::opened_to_read(const std::string& path) const {
  auto found = opened_to_read_.find(path);
  return found == opened_to_read_.end() ? 0 : found->second;
}

std::optional<size_t> SimDisk::read_cached(const std::string& path, uint64_t position, std::span<uint8_t> into) {
  if (fail_read_ || random_() % 2 == 0) return std::nullopt;
  Result<std::unique_ptr<runtime::File>> file = open(path, Mode::kRead);
  if (!file) return std::nullopt;
  Result<size_t> read = (*file)->read(position, into);
  return read ? std::optional(*read) : std::nullopt;
}

Result<bool> SimDisk::exists(const std::string& path) {
  return names_.contains(path) || folders_.contains(plain(path));
}

Result<void> SimDisk::rename(const std::string& from, const std::string& to) {
  auto found = names_.find(from);
  if (found == names_.end()) return no_such(from);
  if (Result<void> begun = begin_change(); !begun) return begun;
  change_names({{to, found->second}, {from, nullptr}});
  return {};
}

Result<void> SimDisk::remove(const std::string& path) {
  if (!names_.contains(path)) return no_such(path);
  if (Result<void> begun = begin_change(); !begun) return begun;
  change_names({{path, nullptr}});
  return {};
}

Result<void> SimDisk::make_directory(const std::string& path) {
  for (std::string folder = plain(path); !folder.empty(); folder = folder_of(folder)) folders_[folder] = true;
  return {};
}

Result<void> SimDisk::sync_directory(const std::string& path) {
  if (Result<void> begun = begin_change(); !begun) return begun;
  // Everything up to the folder's last change becomes durable, as a journaling file system does it.
  size_t last = 0;
  for (size_t i = 0; i < unsynced_.size(); ++i)
    if (folder_of(unsynced_[i].path) == plain(path)) last = i + 1;
  while (last < unsynced_.size() && last > 0 && unsynced_[last].group == unsynced_[last - 1].group) ++last;
  for (size_t i = 0; i < last; ++i) {
    if (unsynced_[i].node)
      durable_names_[unsynced_[i].path] = unsynced_[i].node;
    else
      durable_names_.erase(unsynced_[i].path);
  }
  unsynced_.erase(unsynced_.begin(), unsynced_.begin() + static_cast<ptrdiff_t>(last));
  return {};
}

Result<std::vector<std::string>> SimDisk::list(const std::string& path) {
  if (!plain(path).empty() && !folders_.contains(plain(path))) return no_such(path);
  std::string prefix = plain(path).empty() ? "" : plain(path) + "/";
  std::set<std::string> found;
  for (const auto& [name, node] : names_)
    if (folder_of(name) == plain(path)) found.insert(name.substr(prefix.size()));
  for (const auto& [name, there] : folders_)
    if (folder_of(name) == plain(path)) found.insert(name.substr(prefix.size()) + "/");
  return std::vector<std::string>(found.begin(), found.end());
}

uint64_t SimDisk::used_bytes() const {
  std::set<const Node*> counted;
  uint64_t used = 0;
  for (const auto& [name, node] : names_)
    if (counted.insert(node.get()).second) used += node->footprint();
  return used;
}

Result<uint64_t> SimDisk::free_bytes() { return capacity_ - std::min(capacity_, used_bytes()); }

Result<void> SimDisk::lock() {
  if (locked_) return fail(ErrorCode::kInUse, "another broker is running on this data directory");
  locked_ = true;
  return {};
}

void SimDisk::kill() {
  ++generation_;
  locked_ = false;
  stop_after_.reset();
  fail_sync_ = fail_write_ = fail_read_ = false;
}

void SimDisk::crash() {
  kill();
  uint64_t groups = unsynced_.empty() ? 0 : unsynced_.back().group - unsynced_.front().group + 1;
  uint64_t first_lost = unsynced_.empty() ? 0 : unsynced_.front().group + random_() % (groups + 1);
  for (const NameChange& change : unsynced_) {
    if (change.group >= first_lost) break;
    if (change.node)
      durable_names_[change.path] = change.node;
    else
      durable_names_.erase(change.path);
  }
  unsynced_.clear();
  names_ = durable_names_;
  std::set<Node*> seen;
  for (auto& [name, node] : names_)
    if (seen.insert(node.get()).second) node->crash(random_);
}

void SimDisk::flip_bit(const std::string& path, uint64_t position, int bit) {
  auto found = names_.find(path);
  CHECK(found != names_.end(), "{}", path);
  Node& node = *found->second;
  CHECK(position < node.size, "{}: {} of {}", path, position, node.size);
  if (node.bytes.size() <= position) node.bytes.resize((position / kSectorBytes + 1) * kSectorBytes);
  node.bytes[position] ^= static_cast<uint8_t>(1 << bit);
  if (auto old = node.before.find(position / kSectorBytes); old != node.before.end())
    old->second[position % kSectorBytes] ^= static_cast<uint8_t>(1 << bit);
}

uint64_t SimDisk::size_of(const std::string& path) const {
  auto found = names_.find(path);
  return found == names_.end() ? 0 : found->second->size;
}

ByteVec SimDisk::bytes_of(const std::string& path) const { return names_.at(path)->bytes; }

void SimDisk::put_back(const std::string& path, const ByteVec& bytes) {
  Node& node = *names_.at(path);
  node.bytes.assign(bytes.begin(), bytes.end());
  node.before.clear();
}

uint8_t SimDisk::byte_at(const std::string& path, uint64_t position) const {
  const Node& node = *names_.at(path);
  return position < node.bytes.size() ? node.bytes[position] : 0;
}

}  // namespace godwit::sim
