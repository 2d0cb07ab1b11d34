#pragma once

#include <cstdint>

namespace godwit::storage {

/// What a journal's report says of an append.
enum class Durability : uint8_t {
  kFsync,  ///< an append is reported when it is on stable storage
  kOs,     ///< when the operating system has it: a killed process loses nothing, power loss the newest appends
};

}  // namespace godwit::storage
