#include "broker/node.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "broker/recovery.h"
#include "broker/worker.h"
#include "runtime/step_thread.h"
#include "storage/local_blob_store.h"
#include "storage/local_journal.h"
#include "storage/manifest.h"

namespace godwit::broker {

struct Node::State {
  std::unique_ptr<storage::LocalBlobStore> blobs;
  std::unique_ptr<Broker> broker;
  std::unique_ptr<storage::LocalJournal> journal;
  std::unique_ptr<runtime::StepThread> thread;
  Recovered recovered;
};

Node::Node(std::unique_ptr<State> state) : state_(std::move(state)) {}

Node::~Node() {
  if (state_->thread) state_->thread->stop();
}

Broker& Node::broker() { return *state_->broker; }
const Node::Recovered& Node::recovered() const { return state_->recovered; }
bool Node::step_journal() { return state_->journal->step(); }
void Node::start() { state_->broker->start(); }

namespace {

/// What a crash left behind that nothing refers to.
Result<void> remove_orphans(storage::BlobStore& blobs, const Recovery& recovery, const storage::Manifest& manifest) {
  std::vector<std::string> all;
  for (const char* prefix : {"segment/", "snapshot/", "manifest/"}) {
    Result<std::vector<std::string>> keys = blobs.list(prefix);
    if (!keys) return std::unexpected(keys.error());
    all.insert(all.end(), keys->begin(), keys->end());
  }
  blobs.remove(recovery.orphans(all, manifest));
  return {};
}

Result<storage::LoadedManifest> load_manifest(storage::BlobStore& blobs, const Broker::OnReport& report, bool repair) {
  auto loaded = storage::load_latest_manifest(blobs);
  if (!loaded) return loaded;
  for (const std::string& key : loaded->damaged) {
    // What only the damaged one's snapshots hold may be missing from the journal (decision 0006): nobody would notice.
    if (!repair)
      return fail(ErrorCode::kCorrupt,
                  fmt::format("blobs/{} is damaged. Start with --repair to remove it and use an older one.", key));
    report({ErrorCode::kCorrupt, fmt::format("blobs/{} is damaged: an older manifest is used", key)});
  }
  return loaded;
}

std::string found_in(const storage::LoadedManifest& loaded) {
  return loaded.keys.empty() ? "" : "blobs/" + storage::manifest_key(loaded.manifest.counter);
}

storage::RandomId boot_id(const uint64_t random[2]) {
  storage::RandomId id{};
  std::memcpy(id.data(), random, sizeof id);
  return id;
}

}  // namespace

Result<std::unique_ptr<Node>> Node::open(Options options, Parts parts, bool repair) {
  if (auto locked = parts.disk->lock(); !locked) return std::unexpected(locked.error());
  auto state = std::make_unique<State>();
  state->blobs =
      std::make_unique<storage::LocalBlobStore>(*parts.disk, *parts.io, parts.reads ? *parts.reads : *parts.io);
  if (auto ready = state->blobs->open(); !ready) return std::unexpected(ready.error());
  state->broker =
      std::make_unique<Broker>(options, *state->blobs, *parts.disk, parts.loops, parts.on_failure, parts.on_report);
  state->broker->set_on_hold(std::move(parts.on_hold));
  state->broker->set_blob_prefix(fmt::format("{:016x}{:016x}", parts.random[0], parts.random[1]));

  auto loaded = load_manifest(*state->blobs, parts.on_report, repair);
  if (!loaded) return std::unexpected(loaded.error());
  const storage::Manifest& manifest = loaded->manifest;
  Recovery recovery(*state->broker);
  if (auto restored = recovery.restore(manifest); !restored) return std::unexpected(restored.error());

  storage::LocalJournalOptions journal{.file_bytes = options.journal_bytes_max,
                                       .boot_id = boot_id(parts.random),
                                       .durability = options.durability,
                                       .wall_ms = parts.wall_ms,
                                       .next_at_least = manifest.journal_from,
                                       .from_at_most = manifest.journal_from,
                                       .wanted_by = found_in(*loaded),
                                       .repair = repair};
  auto opened = storage::LocalJournal::open(
      *parts.disk, journal, [&](storage::ChunkSeq seq, const storage::EntryHeader& entry, const Slice& body) {
        return recovery.replay(seq, entry, body);
      });
  if (!opened) return std::unexpected(opened.error());
  if (opened->damaged_superblock_at)
    parts.on_report(
        {ErrorCode::kCorrupt, fmt::format("journal: the superblock at offset {} is damaged, the other one is used",
                                          *opened->damaged_superblock_at)});
  state->journal = std::move(opened->journal);
  state->recovered = {.chunks = opened->chunks,
                      .entries = opened->entries,
                      .replayed = recovery.replayed(),
                      .torn_bytes = opened->torn ? opened->torn->bytes : 0,
                      .cut_off = opened->cut_off,
                      .last_wall_ms = opened->last_wall_ms,
                      .damaged_copy = opened->damaged_copy};
  if (auto removed = remove_orphans(*state->blobs, recovery, manifest); !removed)
    return std::unexpected(removed.error());

  Broker& broker = *state->broker;
  // A journal that was lost, and made anew, does not count from where the old one was.
  broker.set_leader_epoch(std::max(static_cast<int32_t>(opened->boots) - 1, recovery.last_epoch() + 1));
  std::function<void()> wake = parts.journal_wake;
  if (!wake) {
    state->thread = std::make_unique<runtime::StepThread>("journal", [j = state->journal.get()] { return j->step(); });
    wake = [thread = state->thread.get()] { thread->wake(); };
  }
  state->journal->start([&broker](WorkerId worker, uint64_t ticket,
                                  Result<storage::ChunkSeq> seq) { broker.on_durable(worker, ticket, std::move(seq)); },
                        wake);
  if (auto prepared = state->journal->prepare(*parts.disk, *parts.io); !prepared)
    return std::unexpected(prepared.error());
  broker.manifests().start_from(manifest, std::vector<storage::ChunkSeq>(broker.workers(), manifest.journal_from));
  state->journal->trim(manifest.journal_from);
  for (size_t w = 0; w < broker.workers(); ++w)
    broker.worker(WorkerId(static_cast<uint16_t>(w))).checkpoint().start_from(manifest.journal_from);
  recovery.finish(*state->journal, storage::ChunkSeq(opened->next.value - 1));
  return std::unique_ptr<Node>(new Node(std::move(state)));
}

void Node::stop(runtime::Task done) {
  Broker& broker = *state_->broker;
  auto waiting = std::make_shared<size_t>(broker.workers());
  auto shared = std::make_shared<runtime::Task>(std::move(done));
  broker.run_on_each([&broker, waiting, shared](Worker& worker) {
    worker.checkpoint().run_now([&broker, waiting, shared] {
      broker.run_on(WorkerId(0), [waiting, shared](Worker&) {
        if (--*waiting == 0) (*shared)();
      });
    });
  });
}

}  // namespace godwit::broker
