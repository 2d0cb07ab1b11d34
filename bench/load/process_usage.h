#pragma once

#include <cstdint>
#include <string_view>

namespace godwit::bench {

/// User plus system CPU seconds of the whole process so far.
double process_cpu_s();

/// User plus system CPU seconds of the calling thread so far.
double thread_cpu_s();

/// The monotonic clock.
int64_t now_ns();

/// Prints `message` on standard error and ends the process with status 1.
[[noreturn]] void fail(std::string_view message);

}  // namespace godwit::bench
