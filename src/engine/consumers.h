#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "engine/run_set.h"

namespace godwit::engine {

struct ConsumerKey {
  SessionId session;
  ConsumerTag tag;
  auto operator<=>(const ConsumerKey&) const = default;
};

/// One consumer of one ledger, and what its connection holds.
struct Consumer {
  ConsumerKey key;
  uint32_t credit = 0;  ///< set_credit() changes it
  int32_t priority = 0;
  bool exclusive = false;
  bool settle_on_delivery = false;
  bool shared_credit = false;
  bool active = true;    ///< false: cancelled, or only a holder of what it received by itself
  bool waiting = false;  ///< shared credit came back: owed a notice when something is ready
  std::optional<std::string> session_group;
  RunSet held;
  uint64_t arrival = 0;  ///< given by Consumers
};

/// The consumers of a ledger in order of their arrival. Pointers stay valid until remove().
class Consumers {
 public:
  Consumer* find(ConsumerKey key) const;
  Consumer& add(Consumer consumer);
  /// The entry of a holder without a subscription is made on first use.
  Consumer& find_or_add_holder(ConsumerKey key);
  /// Forgets the consumer; it holds nothing.
  void remove(ConsumerKey key);
  /// Active ones.
  uint32_t active() const { return active_; }
  /// Of all active ones; with `single` of the first that came.
  uint64_t credit(bool single) const;
  /// Whose credit is shared.
  uint32_t sharing() const { return sharing_; }
  void share_credit(Consumer& consumer);
  void deactivate(Consumer& consumer);
  void set_credit(Consumer& consumer, uint32_t credit);
  /// Credit ends at the largest number, which stands for no limit.
  void grant(Consumer& consumer, uint32_t credit);
  bool has_exclusive() const;

  /// Who is next: among the active with credit the highest priority, in turn; with `single` only the first that came.
  /// `peers` is how many share that turn. Does not look at those without credit.
  Consumer* next(bool single, uint32_t& peers);
  template <class F>
  void for_each(F&& f) {
    for (size_t i = 0; i < all_.size(); ++i) f(*all_[i]);
  }

 private:
  template <class F>
  void change(Consumer& consumer, F&& f);

  std::vector<std::unique_ptr<Consumer>> all_;
  std::vector<Consumer*> by_key_;  ///< sorted
  std::vector<Consumer*> ready_;   ///< active with credit: by priority, the highest first, then in order of arrival
  uint64_t arrivals_ = 0;
  uint64_t turn_ = 0;  ///< the arrival that is next among equals, or the next after it
  uint32_t active_ = 0;
  uint32_t sharing_ = 0;
};

}  // namespace godwit::engine
