#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "broker/options.h"
#include "sim/oracle.h"
#include "sim/sim_client.h"
#include "sim/sim_world.h"

namespace godwit::sim {

/// One run: a few lives of one broker under a random workload, each ended by a stop, a kill or a power failure, often
/// in the middle of the disk's work. Everything follows from the seed.
///
/// Checked all along: nothing confirmed or shown is lost, nothing durably settled comes back, nobody gets what another
/// holds, an offset never means two messages, order and delivery counts hold, memory is accounted for, every command is
/// answered. At restarts after a kill: what is replayed equals what was. At the end: everything drains.
class Simulation {
 public:
  Simulation(uint64_t seed, broker::testing::Plant plant);
  /// What was broken; empty when all was well.
  std::string run();

 private:
  struct Held {
    std::string body;
    Offset offset;
    LedgerId ledger;
    ConsumerTag tag;
  };
  struct Queue {
    std::string name;
    QueueOracle oracle;
    bool dead_letters = false;  ///< what is rejected goes to "dead"
  };
  struct Producer {
    int64_t id = -1;
    int32_t sequence = 0;
    uint32_t partition = 0;
    std::vector<std::string> bodies;  ///< of the batch under way; empty: none
    bool waiting = false;             ///< for its reply
  };
  struct Program {
    std::unique_ptr<SimClient> client;
    std::map<std::string, uint32_t> consuming;  ///< queue to tag
    std::map<uint32_t, Queue*> tags;            ///< of consumers that were not detached
    std::deque<Held> held;
    std::map<std::string, Offset> newest;  ///< of each queue's messages delivered here for the first time
    std::map<std::string, Offset> published;
    Producer producer;
    uint64_t pending = 0;  ///< commands without an answer
    Offset position;
  };

  // The lives.
  void boot();
  void live();
  void go_down();
  void set_up();
  void answer_all();
  std::string state_of_broker();
  /// Kills the broker when nothing is under way and compares what the next one replays.
  void kill_and_compare();
  std::map<ShardId, std::pair<uint64_t, ByteVec>> facts();
  void connect(Program& w);
  void drop(Program& w);
  bool alive();

  // What clients do.
  void act();
  void publish(Program& w);
  void consume(Program& w);
  void stop_consuming(Program& w);
  void settle(Program& w);
  void settled(Queue& from, const std::vector<std::string>& bodies, model::Verb verb);
  void produce(Program& w);
  void send_batch(Program& w);
  void fetch(Program& w);
  void commit(Program& w);
  void use_volatile(Program& w);
  void on_delivery(Program& w, const broker::Delivery& delivery);

  // The end.
  void drain();
  void drain_queue(Queue& queue, SimClient& client);
  void read_topic(SimClient& client, uint32_t partition);
  void check_memory(bool drained);
  template <class C>
  std::optional<typename C::ReplyType> must(SimClient& client, C command, const char* what);

  uint64_t below(uint64_t n) { return world_.scheduler().below(n); }
  bool chance(uint64_t one_in) { return below(one_in) == 0; }
  std::string new_body(const char* kind);
  Queue& queue(const std::string& name);
  Queue& any_queue() { return queues_[below(queues_.size())]; }
  LedgerId ledger(SimClient& client, const std::string& queue);

  Verdict verdict_;
  World world_;
  std::deque<Queue> queues_;
  std::deque<Program> programs_;
  OffsetOracle offsets_{verdict_};
  uint64_t boot_ = 0;
  uint64_t next_body_ = 0;
  uint32_t next_tag_ = 1;
  uint64_t disk_bytes_;
  int64_t commit_sent_ = 0;
  int64_t commit_acked_ = 0;
  std::set<std::string> produced_;  ///< acknowledged by the topic
};

}  // namespace godwit::sim
