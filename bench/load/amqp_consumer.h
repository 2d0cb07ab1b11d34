#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "load/amqp_connection.h"
#include "load/histogram.h"

namespace godwit::bench {

struct ConsumeOptions {
  std::string queue;
  uint16_t prefetch = 300;
  uint64_t ack_every = 100;  ///< one ack with `multiple` for so many deliveries
  double rate_per_s = 0;     ///< of the publisher, to time deliveries from when they were due; 0: not timed
};

struct ConsumeOutcome {
  uint64_t messages = 0;
  int64_t first_ns = 0;  ///< when consuming began
  int64_t last_ns = 0;   ///< when the last message had arrived
  double cpu_s = 0;
  Histogram deliver_ns;
};

/// Consumes until `*target` messages have come (it may be lowered meanwhile), all acked and the broker done with them.
ConsumeOutcome consume(AmqpConnection& connection, const ConsumeOptions& options, const std::atomic<uint64_t>& target,
                       int64_t start_ns);

}  // namespace godwit::bench
