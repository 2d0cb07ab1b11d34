#include "cli/show.h"

#include <fmt/format.h>

namespace godwit::cli {

std::string body_text(const json::value& message) {
  const json::value* body = message.is_object() ? message.as_object().if_contains("body") : nullptr;
  return body != nullptr && body->is_object() ? cell(*body, "base64") : cell(message, "body");
}

void print_message(const Client& client, const json::value& message, const std::string& place) {
  if (client.options().json) return print_json(message);
  std::string key = cell(message, "key");
  fmt::print("{}  {}{}{}\n", place, key, key.empty() ? "" : "  ", body_text(message));
}

bool show(Client& client, const json::array& messages) {
  for (const json::value& message : messages) print_message(client, message, cell(message, "offset"));
  return flush(client);
}

}  // namespace godwit::cli
