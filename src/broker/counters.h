#pragma once

#include <cstdint>

namespace godwit::broker {

/// What a worker has done since it started. Plain numbers: summed over the workers when they are asked for.
struct Counters {
  uint64_t batches_appended = 0;
  uint64_t messages_appended = 0;
  uint64_t bytes_appended = 0;
  uint64_t duplicates = 0;
  uint64_t appends_refused = 0;
  uint64_t bytes_fetched = 0;
  uint64_t messages_delivered = 0;
  uint64_t messages_redelivered = 0;
  uint64_t messages_accepted = 0;
  uint64_t messages_returned = 0;
  uint64_t messages_rejected = 0;
  uint64_t messages_expired = 0;
  uint64_t messages_dropped = 0;
  uint64_t dead_letters = 0;
  uint64_t dead_letters_dropped = 0;
  uint64_t journal_flushes = 0;
  uint64_t checkpoints = 0;
  uint64_t segment_bytes_written = 0;
  uint64_t cold_reads = 0;
  uint64_t publisher_holds = 0;
  uint64_t sessions_opened = 0;
  uint64_t sessions_closed = 0;

  template <class F>
  static void each(F&& f);
  void add(const Counters& other);
};

template <class F>
void Counters::each(F&& f) {
  f("batches_appended_total", "Batches appended to partitions", &Counters::batches_appended);
  f("messages_appended_total", "Messages appended to partitions", &Counters::messages_appended);
  f("appended_bytes_total", "Bytes appended to partitions, as stored", &Counters::bytes_appended);
  f("duplicate_batches_total", "Repeated batches of idempotent producers", &Counters::duplicates);
  f("appends_refused_total", "Batches refused", &Counters::appends_refused);
  f("fetched_bytes_total", "Bytes handed to readers, as stored", &Counters::bytes_fetched);
  f("messages_delivered_total", "Messages handed to consumers of queues", &Counters::messages_delivered);
  f("messages_redelivered_total", "Of those, messages delivered before", &Counters::messages_redelivered);
  f("messages_accepted_total", "Messages acknowledged", &Counters::messages_accepted);
  f("messages_returned_total", "Messages put back into their queue", &Counters::messages_returned);
  f("messages_rejected_total", "Messages rejected by consumers", &Counters::messages_rejected);
  f("messages_expired_total", "Messages whose time to live ran out in a queue", &Counters::messages_expired);
  f("messages_dropped_total", "Messages dropped because a queue was full", &Counters::messages_dropped);
  f("dead_letters_total", "Messages sent to a dead-letter target", &Counters::dead_letters);
  f("dead_letters_dropped_total",
    "Dead letters kept from going round for ever, refused by their target, or too large with their history",
    &Counters::dead_letters_dropped);
  f("journal_flushes_total", "Hand-overs of staged records to the journal", &Counters::journal_flushes);
  f("checkpoints_total", "Checkpoints completed", &Counters::checkpoints);
  f("segment_bytes_written_total", "Bytes written to segments", &Counters::segment_bytes_written);
  f("cold_reads_total", "Reads from segments", &Counters::cold_reads);
  f("publisher_holds_total", "Times that publishers were held back for want of memory", &Counters::publisher_holds);
  f("sessions_opened_total", "Connections that were opened", &Counters::sessions_opened);
  f("sessions_closed_total", "Connections that were closed", &Counters::sessions_closed);
}

inline void Counters::add(const Counters& other) {
  each([&](const char*, const char*, uint64_t Counters::* member) { this->*member += other.*member; });
}

}  // namespace godwit::broker
