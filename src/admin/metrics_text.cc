#include "admin/metrics_text.h"

#include <cmath>

#include <fmt/format.h>

namespace godwit::admin {
namespace {

/// Whole numbers without an exponent, so that a counter reads as the count it is.
std::string number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53: every whole number below it is exact
  if (std::abs(value) < kExact && std::trunc(value) == value) return fmt::format("{:.0f}", value);
  return fmt::format("{}", value);
}

}  // namespace

std::string label(std::string_view name, std::string_view value) {
  std::string out = fmt::format("{}=\"", name);
  for (char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string metrics_text(const std::vector<Metric>& metrics) {
  std::string out;
  std::string_view last;
  for (const Metric& m : metrics) {
    if (m.name != last)
      out += fmt::format("# HELP godwit_{} {}\n# TYPE godwit_{} {}\n", m.name, m.help, m.name,
                         m.counter ? "counter" : "gauge");
    last = m.name;
    out += m.labels.empty() ? fmt::format("godwit_{} {}\n", m.name, number(m.value))
                            : fmt::format("godwit_{}{{{}}} {}\n", m.name, m.labels, number(m.value));
  }
  return out;
}

}  // namespace godwit::admin
