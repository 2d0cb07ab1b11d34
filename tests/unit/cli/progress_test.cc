#include "cli/progress.h"

#include <pty.h>
#include <unistd.h>

#include <array>

#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

using std::chrono::milliseconds;

/// A terminal that remembers what was written to it.
class Terminal {
 public:
  Terminal() {
    int there = -1;
    EXPECT_EQ(::openpty(&here_, &there, nullptr, nullptr, nullptr), 0);
    out_ = ::fdopen(there, "w");
  }
  ~Terminal() {
    if (out_ != nullptr) std::fclose(out_);
    ::close(here_);
  }
  std::FILE* out() { return out_; }
  /// Everything so far; the writing end is closed.
  std::string text() {
    std::fputs("end", out_);
    std::fclose(out_);
    out_ = nullptr;
    std::string all;
    std::array<char, 256> piece;
    while (!all.ends_with("end")) {
      ssize_t n = ::read(here_, piece.data(), piece.size());
      if (n <= 0) break;
      all.append(piece.data(), static_cast<size_t>(n));
    }
    return all.substr(0, all.size() - 3);
  }

 private:
  int here_ = -1;
  std::FILE* out_ = nullptr;
};

TEST(Progress, ShowsOneLineAndTakesItAway) {
  Terminal terminal;
  {
    Progress progress("published", terminal.out(), milliseconds(0));
    progress.show(1234);
    progress.show(1235);  // too soon after the last
  }
  std::string text = terminal.text();
  EXPECT_NE(text.find("\r\x1b[Kpublished 1234 messages, "), std::string::npos) << text;
  EXPECT_EQ(text.find("1235"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("\r\x1b[K")) << text;
}

TEST(Progress, AShortCommandShowsNothing) {
  Terminal terminal;
  {
    Progress("published", terminal.out()).show(1);
  }
  EXPECT_EQ(terminal.text(), "");
}

TEST(Progress, AFileIsNoTerminal) {
  std::FILE* file = std::tmpfile();
  {
    Progress("published", file, milliseconds(0)).show(1);
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

}  // namespace
}  // namespace godwit::cli
