#pragma once

#include <cstdint>

namespace godwit::runtime {

/// What this process takes of the machine; zero where the system does not tell.
struct ProcessUsage {
  uint64_t resident_bytes = 0;
  double cpu_s = 0;  ///< user and system, since the start
  uint64_t descriptors_open = 0;
  uint64_t descriptors_max = 0;
};
ProcessUsage process_usage();

/// Raises the limit of open descriptors to what the system allows, and returns it.
uint64_t raise_descriptor_limit();

}  // namespace godwit::runtime
