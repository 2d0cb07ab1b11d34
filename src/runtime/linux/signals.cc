#include "runtime/linux/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <utility>

#include "runtime/linux/posix_error.h"

namespace godwit::runtime {

Result<std::unique_ptr<Signals>> Signals::take(EpollLoop& loop, const std::vector<int>& signals,
                                               std::function<void(int)> on_signal) {
  sigset_t set;
  ::sigemptyset(&set);
  for (int number : signals) ::sigaddset(&set, number);
  if (::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) return posix_error("pthread_sigmask", "signals");
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return posix_error("signalfd", "signals");
  std::unique_ptr<Signals> taken(new Signals(loop, std::move(fd), std::move(on_signal)));
  if (auto watched = loop.watch(taken->fd_.get(), *taken); !watched) return std::unexpected(watched.error());
  return taken;
}

Signals::Signals(EpollLoop& loop, UniqueFd fd, std::function<void(int)> on_signal)
    : loop_(loop), fd_(std::move(fd)), on_signal_(std::move(on_signal)) {}

Signals::~Signals() { loop_.unwatch(fd_.get(), *this); }

void Signals::on_ready(Ready) {
  signalfd_siginfo info;
  while (::read(fd_.get(), &info, sizeof info) == sizeof info) on_signal_(static_cast<int>(info.ssi_signo));
}

void ignore_broken_pipes() { ::signal(SIGPIPE, SIG_IGN); }

}  // namespace godwit::runtime
