#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/error.h"

namespace godwit::model {

/// The codecs of Kafka's record batches, by the number their attributes carry.
enum class Compression : uint8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

/// Inflates the records of a batch. Snappy is understood raw and in the block framing of xerial's library (the magic
/// "\x82SNAPPY\0", two big-endian version numbers, then length-prefixed raw blocks), which Java clients write.
///
/// `bytes_max`  never more than this is allocated for the result.
/// Errors       kMalformed: not the codec's format; kTooLarge: would pass `bytes_max`.
Result<ByteVec> decompress(Compression codec, ByteView in, size_t bytes_max);

/// Deflates; snappy in xerial's framing. Errors: kIo: the library failed.
Result<ByteVec> compress(Compression codec, ByteView in);

}  // namespace godwit::model
