#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Godwit inside a C++ program: the whole broker over a data directory, without a port. Several may live in one
/// process, each on a directory of its own. Link with godwit_embed.
///
/// Threads: any may call anything at any time, also while another calls stop(). Handlers and on_failure run on the
/// broker's own threads: there publish() and stop() are allowed, every other call is refused ("unsupported"), and no
/// future may be waited for. Destroy or move a broker when no other thread uses it, and not in one of its handlers.
namespace godwit {

/// Why something was refused: a short code for programs ("not found", "in use"), a sentence for people. While a
/// broker stops, what is under way is refused with "stopping", whether it gets done or not, and so is what comes later.
struct Refusal {
  std::string code;
  std::string message;
};
template <class T>
using Outcome = std::expected<T, Refusal>;

struct EmbeddedMessage {
  std::string body;
  std::optional<std::string> key;  ///< messages with one key share a partition
  std::optional<std::string> message_id;
  std::optional<std::string> content_type;
  std::map<std::string, std::string> headers;
};

/// Where a message lies: dense offsets from 0 in each partition of its topic.
struct Position {
  uint32_t partition = 0;
  int64_t offset = 0;
};

struct EmbeddedDelivery {
  EmbeddedMessage message;
  Position position;
  bool redelivered = false;
};

/// What a consumer decides about a message.
enum class Verdict {
  kAccept,   ///< done with it
  kRelease,  ///< back to its place in the queue
  kReject,   ///< dead-lettered, or dropped where the queue has no dead-letter target
};

class Broker {
 public:
  struct Options {
    std::string directory;                 ///< created when it is not there; one broker at a time
    unsigned workers = 1;                  ///< threads that serve topics and queues, 1 to 256
    uint64_t journal_bytes = 64ULL << 20;  ///< of a new directory: 1 MiB to 1 TiB, in steps of 4 KiB
    /// Told once when the journal can no longer be written, for example because the disk is gone. From then on every
    /// call is refused with this reason and handlers get nothing more; what was acknowledged is there after a
    /// restart. Left out, only the refusals tell.
    std::function<void(const Refusal&)> on_failure = {};
  };
  /// Runs on one of the broker's threads, one message at a time. It must not throw.
  using Handler = std::function<Verdict(const EmbeddedDelivery&)>;

  /// Recovers what is in the directory and starts. Blocks for that long. Refused: "invalid argument", "in use" by
  /// another process, "corrupt".
  static Outcome<Broker> open(Options options);
  Broker(Broker&&) noexcept;
  Broker& operator=(Broker&&) noexcept;
  /// As stop().
  ~Broker();

  /// Creates a topic; an existing one is no error. Blocks until it is on stable storage.
  Outcome<void> create_topic(std::string_view name, uint32_t partitions = 1);
  /// Creates a queue with a topic of its own name, which can be published to; an existing one is no error.
  Outcome<void> create_queue(std::string_view name);
  /// Creates a queue that gets what is published to `topic` from now on.
  Outcome<void> create_subscription(std::string_view name, std::string_view topic);

  /// Appends to the topic, or the queue, of this name. The future is ready once the message is on stable storage.
  std::future<Outcome<Position>> publish(std::string_view name, EmbeddedMessage message);

  /// Hands the queue's messages to `handler`, up to `credit` at a time before their verdicts are recorded, until the
  /// broker stops. Several consumers of one queue share its messages. Refused: "not found".
  Outcome<void> consume(std::string_view queue, Handler handler, uint32_t credit = 100);

  /// Up to `max` messages of one partition from `offset` on, whether consumed or not, as far as they are retained.
  Outcome<std::vector<EmbeddedDelivery>> read(std::string_view topic, uint32_t partition, int64_t offset, size_t max);

  /// Ends consumers, then writes a checkpoint, so that the next open() has nothing to recover. Blocks until handlers
  /// have returned and the directory is free; in a handler it only begins. Called again it does nothing more.
  /// Everything acknowledged is safe without it too.
  void stop();

 private:
  class Impl;
  explicit Broker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace godwit
