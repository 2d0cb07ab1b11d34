#pragma once

#include "broker/api.h"

namespace godwit::broker {

/// Whether the principal may run the command: the one place where permissions are checked, for every protocol, the
/// admin API and embedding programs. Errors: kAccessDenied.
Result<void> authorize(const Principal& principal, const Command& command);

}  // namespace godwit::broker
