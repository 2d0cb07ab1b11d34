#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/node_view.h"

namespace godwit::admin {

/// One label as it stands between the braces, escaped.
std::string label(std::string_view name, std::string_view value);

/// Prometheus' text format, version 0.0.4. Metrics of one name must stand together.
std::string metrics_text(const std::vector<Metric>& metrics);

}  // namespace godwit::admin
