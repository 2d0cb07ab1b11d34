#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"

namespace godwit::sim {

/// The first thing that was not as promised. Empty as long as there is none.
class Verdict {
 public:
  void broken(std::string what) {
    if (what_.empty()) what_ = std::move(what);
  }
  bool ok() const { return what_.empty(); }
  const std::string& what() const { return what_; }
  /// A read was made to fail in this life: what was rejected may be refused, and return before the refusal is known.
  bool reads_fail = false;

 private:
  std::string what_;
};

/// A message's body as it is written in a verdict: without what only makes it long.
std::string short_of(const std::string& body);

/// What is at an offset that anybody was ever shown: always the same.
class OffsetOracle {
 public:
  explicit OffsetOracle(Verdict& verdict) : verdict_(verdict) {}
  void shown(const std::string& where, Offset offset, const std::string& body);
  /// Everything shown of a partition that is kept for ever must be in `all`, and `all` must be dense from 0.
  void check_complete(const std::string& where, const std::vector<std::pair<Offset, std::string>>& all) const;

 private:
  Verdict& verdict_;
  std::map<std::string, std::map<Offset, std::string>> seen_;
};

/// The messages of one durable queue, each with its own body, and what a correct broker may still do with them.
class QueueOracle {
 public:
  QueueOracle(std::string name, Verdict& verdict) : name_(std::move(name)), verdict_(verdict) {}
  const std::string& name() const { return name_; }

  void sent(const std::string& body) { fates_[body]; }
  void confirmed(const std::string& body);
  void refused(const std::string& body) { fates_[body].refused = true; }
  /// Handed to a consumer, in the broker's `boot`-th life. `failed` is the count that came with it.
  void delivered(const std::string& body, uint64_t boot, uint32_t failed);
  /// The holder is gone, or gave it back; a durable failure raises the least count of the next delivery.
  void returned(const std::string& body) { fates_[body].held = false; }
  void failed_durably(const std::string& body) { ++fates_[body].failed; }
  /// Accepted, or rejected for the dead letters, without an answer so far.
  void settling(const std::string& body, uint64_t boot, bool to_dead_letters);
  /// Some of those settled along with it were refused, perhaps it: it may come back at once, or be gone.
  void unsettled(const std::string& body, bool may_be_gone = true);
  void settled(const std::string& body) { fates_[body].settled = true; }
  /// It may leave by itself from now on: expired, dropped, failed too often. With dead letters it must arrive there.
  void may_leave(const std::string& body) { fates_[body].may_leave = true; }
  /// The broker is gone, and every lease with it.
  void restarted();
  /// After everything that is there was delivered and settled: nothing may be missing, here or among its dead letters
  /// (null: it has none), but for as many as calls may have taken whose answers nobody heard.
  void check_drained(const QueueOracle* dead, uint64_t taken_unheard = 0) const;
  bool was_delivered(const std::string& body) const;
  /// Confirmed or shown, and nothing was begun that would take it away.
  bool must_be_there(const std::string& body) const;

 private:
  struct Fate {
    bool must_exist = false;  ///< confirmed, or shown to somebody
    bool refused = false;
    bool held = false;
    bool delivered = false;
    bool rejected = false;  ///< to the dead letters, last
    bool may_leave = false;
    bool settled = false;                   ///< durably
    std::optional<uint64_t> settling_boot;  ///< settled without an answer, in this life
    uint32_t failed = 0;
  };
  void broken(const std::string& what, const std::string& body) const;
  /// What became of it that must not; null when all is well.
  const char* missing(const std::string& body, const Fate& fate, const QueueOracle* dead) const;

  std::string name_;
  Verdict& verdict_;
  std::map<std::string, Fate> fates_;
};

}  // namespace godwit::sim
