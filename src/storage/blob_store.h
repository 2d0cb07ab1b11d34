#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "runtime/executor.h"

namespace godwit::storage {

/// Immutable named objects: a directory, or an S3 bucket. A key is written once and never reused for other bytes, so a
/// put may be repeated. A put is atomic: a reader sees all of an object or none, also after a crash.
/// Callbacks run on the executor given with the call.
class BlobStore {
 public:
  using OnPut = std::move_only_function<void(Result<void>)>;
  using OnGet = std::move_only_function<void(Result<Slice>)>;

  virtual ~BlobStore() = default;
  /// Durable when the callback reports success. `bytes` are written one after another.
  virtual void put(std::string key, std::vector<Slice> bytes, runtime::Executor& on, OnPut done) = 0;
  /// The bytes [position, position + length), fewer at the object's end. Errors: kNotFound, kIo.
  virtual void get(std::string key, uint64_t position, uint64_t length, runtime::Executor& on, OnGet done) = 0;
  virtual void remove(std::vector<std::string> keys) = 0;

  /// Blocking calls for boot.
  virtual Result<std::vector<std::string>> list(const std::string& prefix) = 0;
  virtual Result<Slice> get_now(const std::string& key) = 0;
};

}  // namespace godwit::storage
