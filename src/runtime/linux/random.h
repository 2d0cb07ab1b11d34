#pragma once

#include <cstdint>
#include <span>

namespace godwit::runtime {

/// Fills `into` from the operating system's source; not foreseeable.
void fill_random(std::span<uint8_t> into);
uint64_t random_u64();

}  // namespace godwit::runtime
