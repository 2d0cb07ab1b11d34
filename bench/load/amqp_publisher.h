#pragma once

#include <cstdint>
#include <string>

#include "load/amqp_connection.h"
#include "load/histogram.h"

namespace godwit::bench {

struct PublishOptions {
  std::string queue;
  size_t body_bytes = 1024;
  uint64_t unconfirmed_max = 1000;
  uint64_t count_max = 0;  ///< stop after so many messages; 0: no such limit
  double seconds_max = 0;  ///< stop after so long; 0: no such limit
  double rate_per_s = 0;   ///< open loop at this rate; 0: as fast as `unconfirmed_max` allows
};

struct PublishOutcome {
  uint64_t messages = 0;
  double seconds = 0;  ///< first byte sent to last confirm
  double cpu_s = 0;
  Histogram confirm_ns;  ///< from the moment a message was due; filled at a fixed rate only
};

/// Publishes persistent messages of one size over `connection`, which is in confirm mode, until a limit of `options`.
///
/// At a fixed rate message n is due at `start_ns` + n / rate and is timed from then, sent late or not.
PublishOutcome publish(AmqpConnection& connection, const PublishOptions& options, int64_t start_ns);

}  // namespace godwit::bench
