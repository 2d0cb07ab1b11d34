#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace godwit::cli {

/// How far a long command has come, on one line of a terminal.
class Progress {
 public:
  /// `verb`: what is done to the messages, as in "published". Nothing is shown within `first`, so that a short command
  /// shows nothing at all, nor where `out` is no terminal.
  explicit Progress(std::string verb, std::FILE* out = stderr,
                    std::chrono::milliseconds first = std::chrono::milliseconds(1'000));
  /// Takes the line away.
  ~Progress();

  void show(uint64_t messages);

 private:
  using Clock = std::chrono::steady_clock;

  std::string verb_;
  std::FILE* out_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point started_;
  Clock::time_point next_;
};

}  // namespace godwit::cli
