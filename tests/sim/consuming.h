#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/commands/queue.h"
#include "sim/oracle.h"
#include "sim/program.h"

namespace godwit::sim {

/// One ledger of a queue under test.
struct Target {
  QueueOracle* oracle;
  std::string queue;
  uint32_t partition = 0;
  std::string topic = queue;    ///< whose offsets are shown
  QueueOracle* dead = nullptr;  ///< where what is rejected goes

  std::string where() const { return topic + "/" + std::to_string(partition); }
};

/// A program's consumers whose leases are its connection's, and what they hold.
class Consuming {
 public:
  Consuming(Run& run, Program& program, OffsetOracle& offsets) : run_(run), program_(program), offsets_(offsets) {}

  /// Attaches, or gives an attached consumer more credit.
  void consume(Target& target);
  /// One consumer leaves, and gives back what it holds.
  void stop();
  /// Settles some of what came first, in one of the ways.
  void settle();
  void on_delivery(const broker::Delivery& delivery);
  /// The connection is gone.
  void forget();
  void restarted() { newest_.clear(); }

 private:
  struct Held {
    std::string body;
    Offset offset;
    LedgerId ledger;
    ConsumerTag tag;
  };
  void settled(Target& from, const std::vector<std::string>& bodies, model::Verb verb);

  Run& run_;
  Program& program_;
  OffsetOracle& offsets_;
  std::map<Target*, uint32_t> consuming_;
  std::map<uint32_t, Target*> tags_;  ///< of consumers that were not detached
  std::set<uint32_t> detached_;       ///< and that was answered
  std::deque<Held> held_;
  std::map<Target*, Offset> newest_;  ///< of the messages delivered here for the first time
};

/// Takes everything out of one ledger, and settles it durably.
void drain_ledger(Run& run, SimClient& client, Target& target, OffsetOracle& offsets);

using Texts = std::vector<std::string> (*)(const model::Batch&);
/// All of a partition from its beginning on, which is offset 0.
std::vector<std::pair<Offset, std::string>> read_log(Run& run, SimClient& client, PartitionId partition, Texts texts);

}  // namespace godwit::sim
