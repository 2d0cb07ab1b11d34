#pragma once

#include <string>

#include "protocol/amqp091/wire/frame.h"

namespace godwit::protocol::amqp091 {

/// A frame for logs and transcripts: `1 queue.declare-ok queue=jobs message-count=0 consumer-count=0`,
/// `1 header body-size=5 flags=9000`, `1 body 5`, `0 heartbeat`. Bodies are never shown.
std::string print_frame(const Frame& frame);

}  // namespace godwit::protocol::amqp091
