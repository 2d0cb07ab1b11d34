#pragma once

#include <string>

#include "cli/client.h"

namespace godwit::cli {

/// The body as one reads it; bytes that are no text stay base64.
std::string body_text(const json::value& message);
/// Prints one message: with --json as it is, else `place`, key and body.
void print_message(const Client& client, const json::value& message, const std::string& place);
/// Prints messages behind their offsets. True once they have left the program, so that a message is never gone before
/// it was shown.
bool show(Client& client, const json::array& messages);

}  // namespace godwit::cli
