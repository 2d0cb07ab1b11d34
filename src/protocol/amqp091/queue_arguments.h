#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "model/commands/catalog.h"
#include "model/message.h"
#include "protocol/amqp091/fault.h"
#include "protocol/amqp091/wire/queue_methods.h"

namespace godwit::protocol::amqp091 {

/// A queue.declare as the catalog's command, or as a stream, which is a topic without an own queue.
struct QueueWanted {
  model::DeclareQueue declare;
  bool stream = false;
  model::CreateTopic topic;  ///< of a stream
};

/// Reads the x- arguments. Those that are not known are kept in the settings' `config` as text.
/// Faults: 406 for a value of the wrong type or out of range, or arguments that do not go together.
std::expected<QueueWanted, Fault> read_queue(const QueueDeclare& method, const model::Name& name,
                                             uint64_t message_bytes_max);

constexpr std::string_view kQueueType = "x-queue-type";
constexpr std::string_view kMaxAge = "x-max-age";
constexpr std::string_view kMaxLengthBytes = "x-max-length-bytes";

/// Arguments that nobody here knows do not make a declaration another one, as with RabbitMQ: those of the queue that
/// exists replace those of the one that is wanted.
void keep_unknown_arguments(const std::map<std::string, std::string>& existing,
                            std::map<std::string, std::string>& wanted);

/// An integer of any type.
std::optional<int64_t> integer_of(const model::Value& value);
/// A value as text, for settings that keep what they do not know.
std::string plain_text(const model::Value& value);

}  // namespace godwit::protocol::amqp091
