#include "broker/authorize.h"

namespace godwit::broker {

// Users and their permissions are not there yet: whoever a protocol has authenticated may do everything, and a session
// that has not authenticated may do nothing.
Result<void> authorize(const Principal& principal, const Command&) {
  if (principal.user.empty()) return fail(ErrorCode::kAccessDenied, "the connection has not authenticated");
  return {};
}

}  // namespace godwit::broker
