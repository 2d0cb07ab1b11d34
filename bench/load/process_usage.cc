#include "load/process_usage.h"

#include <sys/resource.h>
#include <time.h>

#include <cstdlib>

#include <fmt/format.h>

namespace godwit::bench {
namespace {

double cpu_s(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

double process_cpu_s() { return cpu_s(RUSAGE_SELF); }

double thread_cpu_s() { return cpu_s(RUSAGE_THREAD); }

int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void fail(std::string_view message) {
  fmt::print(stderr, "load: {}\n", message);
  std::_Exit(1);
}

}  // namespace godwit::bench
