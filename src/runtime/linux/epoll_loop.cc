#include "runtime/linux/epoll_loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/ids.h"
#include "runtime/linux/posix_error.h"
#include "runtime/linux/random.h"

namespace godwit::runtime {
namespace {

/// Descriptors told about in one wait. More are told in the next turn.
constexpr size_t kEventsMax = 256;
/// The longest sleep, so that a wait in milliseconds never overflows.
constexpr int64_t kSleepMsMax = 3'600'000;

thread_local const EpollLoop* current_loop = nullptr;

}  // namespace

Result<std::unique_ptr<EpollLoop>> EpollLoop::create(const SystemClock& clock) {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return posix_error("epoll_create1", "event loop");
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return posix_error("eventfd", "event loop");
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) return posix_error("epoll_ctl", "event loop");
  return std::unique_ptr<EpollLoop>(new EpollLoop(clock, std::move(epoll), std::move(wake)));
}

EpollLoop::EpollLoop(const SystemClock& clock, UniqueFd epoll, UniqueFd wake)
    : epoll_(std::move(epoll)), wake_(std::move(wake)), view_(clock), random_state_(random_u64()) {}

EpollLoop::~EpollLoop() = default;

void EpollLoop::post(Task task) {
  if (current_loop == this) {
    local_.push_back(std::move(task));
    return;
  }
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    remote_.push_back(std::move(task));
    wake = std::exchange(sleeping_, false);
  }
  if (!wake) return;
  // The counter is never read: with edge triggering each write is an event of its own.
  uint64_t one = 1;
  CHECK(::write(wake_.get(), &one, sizeof one) == sizeof one, "cannot wake a loop: {}", errno);
}

uint64_t EpollLoop::random() { return mix64(random_state_++); }

Now EpollLoop::now() const { return view_.now(); }

void EpollLoop::call_at(int64_t boot_ms, Task task) { timers_.push({boot_ms, timer_order_++, std::move(task)}); }

Result<void> EpollLoop::watch(int fd, Watcher& watcher) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &watcher}};
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return posix_error("epoll_ctl", "descriptor");
  return {};
}

void EpollLoop::unwatch(int fd, Watcher& watcher) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  if (dispatching_) gone_.push_back(&watcher);
}

void EpollLoop::run() {
  current_loop = this;
  while (!stopping_.load(std::memory_order_acquire)) turn();
  current_loop = nullptr;
}

void EpollLoop::stop() {
  stopping_.store(true, std::memory_order_release);
  post([] {});
}

void EpollLoop::turn() {
  dispatch(prepare_to_sleep() ? wait_ms() : 0);
  view_.refresh();
  run_posted();
  run_due();
}

/// False when there is work at hand: the wait only looks.
bool EpollLoop::prepare_to_sleep() {
  if (!local_.empty()) return false;
  std::lock_guard lock(mutex_);
  sleeping_ = remote_.empty();
  return sleeping_;
}

int EpollLoop::wait_ms() {
  if (timers_.empty()) return static_cast<int>(kSleepMsMax);
  int64_t left = timers_.top().boot_ms - view_.refresh().boot_ms;
  return static_cast<int>(std::clamp<int64_t>(left, 0, kSleepMsMax));
}

void EpollLoop::dispatch(int wait_ms) {
  std::array<epoll_event, kEventsMax> events;
  int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms);
  CHECK(count >= 0 || errno == EINTR, "epoll_wait: {}", errno);
  {
    std::lock_guard lock(mutex_);
    sleeping_ = false;
  }
  view_.refresh();
  dispatching_ = true;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    auto* watcher = static_cast<Watcher*>(event.data.ptr);
    // An earlier watcher of this turn may have unwatched, and destroyed, a later one.
    if (watcher == nullptr || std::ranges::find(gone_, watcher) != gone_.end()) continue;
    constexpr uint32_t kEnded = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    watcher->on_ready({.readable = (event.events & (EPOLLIN | kEnded)) != 0,
                       .writable = (event.events & (EPOLLOUT | kEnded)) != 0,
                       .ended = (event.events & kEnded) != 0});
  }
  dispatching_ = false;
  gone_.clear();
}

/// What these tasks post themselves runs in the next turn, so that descriptors are looked at in between.
void EpollLoop::run_posted() {
  running_.clear();
  std::swap(running_, local_);
  for (Task& task : running_) task();
  running_.clear();
  {
    std::lock_guard lock(mutex_);
    std::swap(running_, remote_);
  }
  for (Task& task : running_) task();
  running_.clear();
}

void EpollLoop::run_due() {
  while (!timers_.empty() && timers_.top().boot_ms <= view_.now().boot_ms) {
    Task task = std::move(timers_.top().task);
    timers_.pop();
    task();
  }
}

}  // namespace godwit::runtime
