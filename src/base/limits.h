#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of the broker, with its arithmetic. Each has a test that reaches it.
namespace godwit {

constexpr size_t operator""_KiB(unsigned long long n) { return n << 10; }
constexpr size_t operator""_MiB(unsigned long long n) { return n << 20; }
constexpr size_t operator""_GiB(unsigned long long n) { return n << 30; }

/// Virtual shards, for ever: shard numbers are in stored bytes.
constexpr uint32_t kShardCount = 4096;
/// The shard whose log is the catalog.
constexpr uint16_t kCatalogShard = 0;

/// A name of a topic, queue, exchange, namespace or group, in UTF-8 bytes: AMQP's short string is the narrowest.
constexpr size_t kNameBytesMax = 255;
/// Partitions of one topic.
constexpr uint32_t kPartitionsMax = 10'000;

/// Leader epochs a partition remembers, one for each boot in which it was appended to: 1.5 KiB.
constexpr size_t kLeaderEpochsKept = 100;

/// One batch with its header. Kafka's message.max.bytes may be raised to 200,000,000, plus headroom for the header.
constexpr size_t kBatchBytesMax = 201'000'000;
/// A session seals a native batch at this size, so that a queue hands out a batch in few pieces.
constexpr size_t kNativeBatchBytesTarget = 256_KiB;
/// ... or at this count: the walk to a message in the middle of a native batch stays short.
constexpr uint32_t kNativeBatchMessagesMax = 1024;

/// A journal chunk closes at this size unless a single batch is larger.
constexpr size_t kChunkBytesTarget = 4_MiB;
/// Chunks and the journal's file are laid out in these units: the atomic unit of a disk and of direct I/O.
constexpr size_t kBlockBytes = 4_KiB;

/// Requests one connection may have under way before its socket is no longer read.
constexpr size_t kSessionRequestsMax = 4096;
/// Bytes of output one connection may have waiting before its deliveries stop; when a worker's buffers fill, down to:
constexpr size_t kSessionOutputBytesMax = 1_MiB;
constexpr size_t kSessionOutputBytesMin = 64_KiB;
/// Received bytes that a connection may always hold before they are a whole frame.
constexpr size_t kReceiveBytesMin = 16_KiB;
/// What a connection may take that memory.limit does not bound: received bytes, output, and 32 KiB for the session
/// itself and its entries in the broker's tables. tests/hostile measures it.
constexpr size_t kConnectionBytesMax = 2 * kReceiveBytesMin + kSessionOutputBytesMin + 32_KiB;
/// A connection that has begun a frame, a message or a request and neither ends it nor sends this much of it within the
/// time, twice in a row, is closed.
constexpr int64_t kUnfinishedMs = 15'000;
constexpr uint64_t kUnfinishedBytesMin = 16_KiB;

/// Reads from segments that one worker has under way, and the bytes of one.
constexpr size_t kColdReadsMax = 4;
constexpr size_t kColdReadBytesMax = 8_MiB;
constexpr size_t kColdReadBytesMin = 256_KiB;

/// What one compressed batch may grow to: a batch of the largest size whose records do not compress at all, rounded up.
constexpr size_t kInflatedBytesMax = 256_MiB;

/// Elements of all arrays of one Kafka request together. The largest real ones name every partition of a topic twice
/// over; at up to 150 bytes in memory for an element this bounds a hostile request to 30 MB.
constexpr size_t kKafkaElementsMax = 200'000;
/// Request bytes of one Kafka connection that await their answers before its socket is no longer read. One request
/// above it is still taken.
constexpr size_t kKafkaInFlightBytesMax = 16_MiB;
/// Converted batches a Kafka connection keeps, so that a fetch cut short does not convert again.
constexpr size_t kKafkaConvertedBytesMax = 4_MiB;

/// A time to live, an expiry or a lease: 136 years, so that it stays a time when it is added to now.
constexpr int64_t kDurationMsMax = int64_t{0xffff'ffff} * 1000;

/// Levels of nesting in a header table or array.
constexpr int kValueDepthMax = 32;

}  // namespace godwit
