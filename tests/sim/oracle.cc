#include "sim/oracle.h"

#include <fmt/format.h>

namespace godwit::sim {

std::string short_of(const std::string& body) { return body.substr(0, body.find_last_not_of('.') + 1); }

void OffsetOracle::shown(const std::string& where, Offset offset, const std::string& body) {
  auto [it, added] = seen_[where].try_emplace(offset, body);
  if (!added && it->second != body)
    verdict_.broken(fmt::format("{} offset {}: '{}' was shown before, now '{}'", where, offset.value,
                                short_of(it->second), short_of(body)));
}

void OffsetOracle::check_complete(const std::string& where,
                                  const std::vector<std::pair<Offset, std::string>>& all) const {
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].first.value == static_cast<int64_t>(i)) continue;
    return verdict_.broken(
        fmt::format("{}: offset {} follows {}", where, all[i].first.value, static_cast<int64_t>(i) - 1));
  }
  auto seen = seen_.find(where);
  if (seen == seen_.end()) return;
  for (const auto& [offset, body] : seen->second) {
    if (offset.value >= static_cast<int64_t>(all.size()))
      return verdict_.broken(
          fmt::format("{} offset {} ('{}') was shown and is lost", where, offset.value, short_of(body)));
    if (all[static_cast<size_t>(offset.value)].second != body)
      return verdict_.broken(
          fmt::format("{} offset {} was '{}' and is another message", where, offset.value, short_of(body)));
  }
}

void QueueOracle::broken(const std::string& what, const std::string& body) const {
  verdict_.broken(fmt::format("{} message '{}': {}", name_, short_of(body), what));
}

void QueueOracle::confirmed(const std::string& body) { fates_[body].must_exist = true; }

void QueueOracle::delivered(const std::string& body, uint64_t boot, uint32_t failed) {
  auto it = fates_.find(body);
  if (it == fates_.end()) return broken("delivered, and nobody sent it", body);
  Fate& fate = it->second;
  if (fate.refused) broken("was refused and is delivered", body);
  if (fate.held) broken("is delivered while another consumer holds it", body);
  if (fate.settled) broken("was settled durably and comes back", body);
  if (fate.settling_boot == boot && !(fate.rejected && verdict_.reads_fail))
    broken("was settled and comes back without a restart", body);
  if (failed < fate.failed) broken(fmt::format("failed {} times and says {}", fate.failed, failed), body);
  fate.must_exist = true;
  fate.held = true;
  fate.delivered = true;
  fate.rejected = false;
  fate.settling_boot.reset();
}

void QueueOracle::settling(const std::string& body, uint64_t boot, bool to_dead_letters) {
  Fate& fate = fates_[body];
  fate.held = false;
  fate.settling_boot = boot;
  fate.rejected = to_dead_letters;
}

void QueueOracle::unsettled(const std::string& body, bool may_be_gone) {
  Fate& fate = fates_[body];
  fate.settling_boot.reset();
  fate.rejected = false;
  fate.may_leave = fate.may_leave || may_be_gone;
}

void QueueOracle::restarted() {
  for (auto& [body, fate] : fates_) fate.held = false;
}

const char* QueueOracle::missing(const std::string& body, const Fate& fate, const QueueOracle* dead) const {
  if (!fate.must_exist || fate.settled) return nullptr;
  if (!fate.settling_boot && !fate.may_leave) return "was confirmed or shown, and is lost";
  bool owed = fate.rejected || (!fate.settling_boot && fate.may_leave);
  return dead && owed && !dead->was_delivered(body) ? "did not become a dead letter" : nullptr;
}

void QueueOracle::check_drained(const QueueOracle* dead, uint64_t taken_unheard) const {
  for (const auto& [body, fate] : fates_)
    if (const char* what = missing(body, fate, dead); what && taken_unheard-- == 0) return broken(what, body);
}

bool QueueOracle::was_delivered(const std::string& body) const {
  auto it = fates_.find(body);
  return it != fates_.end() && it->second.delivered;
}

bool QueueOracle::must_be_there(const std::string& body) const {
  auto it = fates_.find(body);
  if (it == fates_.end()) return false;
  const Fate& fate = it->second;
  return fate.must_exist && !fate.may_leave && !fate.settled && !fate.settling_boot;
}

}  // namespace godwit::sim
