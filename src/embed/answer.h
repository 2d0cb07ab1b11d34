#pragma once

#include <future>
#include <utility>

#include <godwit/broker.h>

#include "base/error.h"

namespace godwit::embed {

inline Refusal refusal(const Error& error) { return {std::string(to_string(error.code)), error.message}; }
inline Error stopped() { return {ErrorCode::kStopping, "the broker was stopped"}; }

/// The outcome of a call, to be. One that is dropped says that the broker was stopped: nobody waits for ever for what
/// was on its way to a loop that has ended.
template <class T>
class Answer {
 public:
  Answer() = default;
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() {
    if (!given_) refuse(stopped());
  }

  std::future<Outcome<T>> future() { return promise_.get_future(); }
  /// Once, this or refuse().
  void give(Outcome<T> outcome) {
    given_ = true;
    promise_.set_value(std::move(outcome));
  }
  void refuse(const Error& why) { give(std::unexpected(refusal(why))); }

 private:
  std::promise<Outcome<T>> promise_;
  bool given_ = false;
};

}  // namespace godwit::embed
