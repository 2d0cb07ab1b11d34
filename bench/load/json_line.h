#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::bench {

/// One flat JSON object on one line, members in the order they were added.
class JsonLine {
 public:
  JsonLine& text(std::string_view key, std::string_view value);  ///< `value` needs no escaping
  JsonLine& count(std::string_view key, uint64_t value);
  JsonLine& number(std::string_view key, double value);
  JsonLine& raw(std::string_view key, std::string_view json);

  /// Writes the object and a newline to standard output, and flushes.
  void print() const;

 private:
  void key(std::string_view name);

  std::string members_;
};

}  // namespace godwit::bench
