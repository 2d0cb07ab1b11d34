// Counts a suite's checks: one line each, `N passed, N failed` at the end.
#pragma once

#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace checks {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

inline int passed = 0;
inline int failed = 0;

inline void check(const std::string& name, bool holds, const std::string& detail = "") {
  ++(holds ? passed : failed);
  std::cout << (holds ? "ok    " : "FAIL  ") << name << (holds ? "" : ": " + detail) << std::endl;
}

template <typename A, typename B>
void check_equal(const std::string& name, const A& got, const B& expected) {
  std::ostringstream detail;
  detail << "got " << got << ", expected " << expected;
  check(name, got == expected, detail.str());
}

[[noreturn]] inline void finish() {
  std::cout << passed << " passed, " << failed << " failed" << std::endl;
  std::_Exit(failed > 0 || passed == 0 ? 1 : 0);
}

inline bool eventually(const std::function<bool()>& condition, milliseconds timeout = milliseconds(15000)) {
  const auto deadline = steady_clock::now() + timeout;
  while (!condition()) {
    if (steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return true;
}

inline std::string unique(const std::string& name) {
  static const std::string run = std::to_string(std::random_device{}());
  return "cpp." + name + "-" + run;
}

inline void require(const std::string& problem) {
  if (!problem.empty()) throw std::runtime_error(problem);
}

inline void restart_broker() {
  if (std::system(std::getenv("GODWIT_RESTART")) != 0) throw std::runtime_error("the broker did not restart");
}

using Section = std::pair<std::string, std::function<void()>>;

/// Runs the sections in order; an exception fails its section, hanging fails the suite.
[[noreturn]] inline void run(const std::vector<Section>& sections, std::chrono::seconds limit) {
  std::thread([limit] {
    std::this_thread::sleep_for(limit);
    check("the suite ends in time", false, "still running");
    finish();
  }).detach();
  for (const auto& [name, section] : sections) {
    try {
      section();
    } catch (const std::exception& problem) {
      check(name, false, problem.what());
    }
  }
  finish();
}

}  // namespace checks
