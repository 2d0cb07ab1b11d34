#pragma once

#include <optional>
#include <string>

#include "model/message.h"

namespace godwit::model {

/// A header value as text, for protocols whose headers are text or bytes (docs/protocols/mapping.md): numbers in
/// decimal, floats in their shortest form that reads back the same, times as epoch milliseconds, lists and maps as
/// JSON. Bytes pass unchanged. Nothing for null.
std::optional<std::string> value_text(const Value& value);

}  // namespace godwit::model
