#include "admin/http.h"

#include <algorithm>
#include <cctype>

namespace godwit::admin {
namespace {

std::optional<int> hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

bool decode(std::string_view text, bool plus_is_space, std::string& into) {
  into.clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      into += ' ';
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return false;
      auto high = hex(text[i + 1]);
      auto low = hex(text[i + 2]);
      if (!high || !low) return false;
      into += static_cast<char>(*high * 16 + *low);
      i += 2;
    } else {
      into += text[i];
    }
  }
  return true;
}

/// Calls f with each piece between separators; false when f said so.
template <class F>
bool split(std::string_view text, char separator, F&& f) {
  while (!text.empty()) {
    size_t end = text.find(separator);
    if (!f(text.substr(0, end))) return false;
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return true;
}

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_address(std::string_view host) {
  if (host.starts_with('[')) return true;
  return !host.empty() && std::ranges::all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace

bool parse_target(std::string_view target, Request& into) {
  size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  if (!path.starts_with('/')) return false;
  std::string piece;
  bool path_ok = split(path.substr(1), '/', [&](std::string_view segment) {
    if (!decode(segment, false, piece)) return false;
    into.path.push_back(piece);
    return true;
  });
  if (!path_ok || question == std::string_view::npos) return path_ok;
  return split(target.substr(question + 1), '&', [&](std::string_view pair) {
    size_t equals = pair.find('=');
    std::string name;
    if (!decode(pair.substr(0, equals), true, name)) return false;
    if (!decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true, piece)) return false;
    into.query[name] = piece;
    return true;
  });
}

bool trusted_origin(std::string_view host, std::string_view origin) {
  std::string_view name = without_port(host);
  if (name != "localhost" && !name.ends_with(".localhost") && !is_address(name)) return false;
  if (origin.empty()) return true;
  size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && origin.substr(scheme + 3) == host;
}

}  // namespace godwit::admin
