#include "cli/progress.h"

#include <unistd.h>

#include <fmt/format.h>

namespace godwit::cli {
namespace {

constexpr std::chrono::milliseconds kEvery{200};
constexpr const char* kEraseLine = "\r\x1b[K";

}  // namespace

Progress::Progress(std::string verb, std::FILE* out, std::chrono::milliseconds first)
    : verb_(std::move(verb)),
      out_(out),
      terminal_(::isatty(::fileno(out)) == 1),
      started_(Clock::now()),
      next_(started_ + first) {}

Progress::~Progress() {
  if (shown_) fmt::print(out_, "{}", kEraseLine);
}

void Progress::show(uint64_t messages) {
  Clock::time_point now = Clock::now();
  if (!terminal_ || now < next_) return;
  double seconds = std::chrono::duration<double>(now - started_).count();
  fmt::print(out_, "{}{} {} messages, {:.0f} a second", kEraseLine, verb_, messages,
             static_cast<double>(messages) / seconds);
  std::fflush(out_);
  next_ = now + kEvery;
  shown_ = true;
}

}  // namespace godwit::cli
