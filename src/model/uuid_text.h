#pragma once

#include <string>

#include "model/message.h"

namespace godwit::model {

/// The canonical form in lower case: 8-4-4-4-12 hexadecimal digits (RFC 9562, section 4).
std::string uuid_text(const Uuid& uuid);

}  // namespace godwit::model
