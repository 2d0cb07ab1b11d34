#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/catalog_entries.h"
#include "engine/catalog_records.h"
#include "model/catalog_view.h"

namespace godwit::engine {

/// Which part of the catalog a snapshot holds.
enum class Keep : uint8_t {
  kDurable,  ///< what survives a restart
  kAll,      ///< everything, for another worker's copy
};

/// Every name of the broker: topics, queues, exchanges and bindings of all namespaces. Shard 0 decides
/// (catalog_decide.h) and applies; every worker applies the same records to its own copy. Owned by one worker, not for
/// two threads at once, reading included.
///
/// A namespace comes into being by its first record and then has the predeclared exchanges; of one that nobody used yet
/// they can be looked up as well (their `name.space` is then that of "default").
class Catalog final : public model::CatalogView {
 public:
  Catalog();
  ~Catalog() override;
  Catalog(Catalog&&) = delete;

  /// The only writer. The record must follow from this state: one that does not is a bug, or a damaged journal.
  void apply(const CatalogRecord& record);
  /// After the last record of a boot, on every copy: ids that volatile things of earlier boots may have had are left
  /// out.
  void finish_replay() { next_id_ = ids_reserved_; }
  /// Records that build this state when they are applied to an empty catalog.
  CatalogRecords snapshot(Keep keep) const;

  const model::TopicInfo* topic(const model::Name& name) const override;
  const model::TopicInfo* topic(TopicId id) const override;
  const model::QueueInfo* queue(const model::Name& name) const override;
  const model::QueueInfo* queue(QueueId id) const override;
  const model::ExchangeInfo* exchange(const model::Name& name) const override;
  void for_each_topic(std::string_view space, const std::function<void(const model::TopicInfo&)>& f) const override;
  void for_each_queue(std::string_view space, const std::function<void(const model::QueueInfo&)>& f) const override;
  void for_each_exchange(std::string_view space,
                         const std::function<void(const model::ExchangeInfo&)>& f) const override;
  void for_each_binding(std::string_view space, const std::function<void(const model::Binding&)>& f) const override;
  void for_each_space(const std::function<void(std::string_view)>& f) const override;
  /// As CatalogView says; what it appends is in order of topic id. Allocates nothing but room in `topics`, unless
  /// exchanges are bound to exchanges.
  Result<void> route(const model::Name& exchange, const model::RoutingInput& input,
                     std::vector<TopicId>& topics) const override;
  uint64_t version() const override { return version_; }

  const TopicEntry* find_topic(const model::Name& name) const;
  const TopicEntry* find_topic(TopicId id) const;
  const QueueEntry* find_queue(const model::Name& name) const;
  const QueueEntry* find_queue(QueueId id) const;
  const ExchangeEntry* find_exchange(const model::Name& name) const;
  const BindingEntry* find_binding(const model::Binding& binding) const;
  const BindingEntry& binding(BindingNumber number) const { return bindings_.at(number); }

  uint64_t next_id() const { return next_id_; }
  uint64_t ids_reserved() const { return ids_reserved_; }
  int64_t next_producer_id() const { return next_producer_id_; }

 private:
  const SpaceEntry* find_space(std::string_view space) const;
  SpaceEntry& space(const std::string& name);
  void predeclare(SpaceEntry& space, const std::string& name);
  ExchangeEntry& add_exchange(SpaceEntry& space, const model::ExchangeInfo& info);
  void take_id(uint64_t id) { next_id_ = std::max(next_id_, id + 1); }
  void follow(const SpaceEntry& space, const ExchangeEntry& first, const model::RoutingInput& input,
              std::vector<TopicId>& topics) const;

  void apply_one(const TopicPut& record);
  void apply_one(const TopicRemoved& record);
  void apply_one(const QueuePut& record);
  void apply_one(const QueueRemoved& record);
  void apply_one(const ExchangePut& record);
  void apply_one(const ExchangeRemoved& record);
  void apply_one(const BindingAdded& record);
  void apply_one(const BindingRemoved& record);
  void apply_one(const ProducerIdsReserved& record);
  void apply_one(const IdsReserved& record);

  std::map<std::string, SpaceEntry, std::less<>> spaces_;
  SpaceEntry pristine_;  ///< what a namespace holds before its first record
  std::unordered_map<TopicId, TopicEntry> topics_;
  std::unordered_map<QueueId, QueueEntry> queues_;
  std::map<uint64_t, std::unique_ptr<ExchangeEntry>> exchanges_;
  std::map<BindingNumber, BindingEntry> bindings_;
  uint64_t next_exchange_ = 1;
  BindingNumber next_binding_ = 1;
  uint64_t next_id_ = 1;
  uint64_t ids_reserved_ = 1;
  int64_t next_producer_id_ = 0;
  uint64_t version_ = 1;
  mutable uint64_t visits_ = 0;
};

/// Whether a record that is about to be applied is kept out of the journal: it concerns a queue that is exclusive or
/// not durable, its own topic, an exchange that is not durable, or a binding one of whose ends is any of these.
bool is_volatile(const CatalogRecord& record, const Catalog& catalog);

}  // namespace godwit::engine
