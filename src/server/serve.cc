#include "server/serve.h"

#include <signal.h>
#include <unistd.h>

#include <optional>

#include "runtime/linux/signals.h"
#include "server/log.h"
#include "server/server.h"
#include "server/version.h"

namespace godwit::server {
namespace {

/// A signal that comes this soon after the first is the same one: timeout(1), and a terminal's ^C under a parent that
/// passes it on, signal the process and its group.
constexpr int64_t kRepeatMs = 500;

int exit_code(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInUse:
    case ErrorCode::kAccessDenied: return kExitUnavailable;
    case ErrorCode::kCorrupt:
    case ErrorCode::kUnsupported: return kExitData;
    case ErrorCode::kInvalidArgument: return kExitUsage;
    default: return kExitIo;
  }
}

int report(std::string_view what, const Error& error) {
  log::error(what, {{"code", to_string(error.code)}, {"reason", error.message}});
  return exit_code(error);
}

/// The process from signals to signals.
class Process {
 public:
  explicit Process(runtime::EpollLoop& control) : control_(control) {}

  int run(const Config& config, bool repair) {
    auto signals = runtime::Signals::take(control_, {SIGTERM, SIGINT}, [this](int) { on_signal(); });
    if (!signals) return report("cannot take signals", signals.error());
    auto server = Server::open(config, repair, control_, [this](const Error& e) { on_failure(e); });
    if (!server) return report("cannot start", server.error());
    server_ = server->get();
    if (auto started = server_->start(); !started) return report("cannot start", started.error());
    control_.run();
    return code_;
  }

 private:
  void on_signal() {
    int64_t now_ms = control_.now().boot_ms;
    if (stopping_since_ms_) {
      if (now_ms - *stopping_since_ms_ < kRepeatMs) return;
      log::warn("stopped at once by a second signal");
      ::_exit(128 + SIGTERM);
    }
    stopping_since_ms_ = now_ms;
    server_->stop([this] {
      log::info("stopped");
      control_.stop();
    });
  }

  /// Nothing may be acknowledged any more, so nothing is worth draining: the next start recovers from the journal.
  void on_failure(const Error& error) {
    log::error("storage failed", {{"code", to_string(error.code)}, {"reason", error.message}});
    ::_exit(kExitIo);
  }

  runtime::EpollLoop& control_;
  Server* server_ = nullptr;
  std::optional<int64_t> stopping_since_ms_;
  int code_ = kExitOk;
};

}  // namespace

int serve(const Config& config, bool repair) {
  log::start(config.log_level, config.log_format);
  runtime::ignore_broken_pipes();
  runtime::SystemClock clock;
  auto control = runtime::EpollLoop::create(clock);
  if (!control) return report("cannot start", control.error());
  return Process(**control).run(config, repair);
}

}  // namespace godwit::server
