#pragma once

#include <span>
#include <string_view>

#include "admin/call.h"

namespace godwit::admin {

using Handler = void (*)(const CallPtr&);

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< e.g. /api/queues/{}/messages; {} is one segment
  Handler handler;
  std::string_view doc;
};

/// Every path of the API.
std::span<const Route> routes();

/// Runs the request's handler, or answers 404 or 405.
void route(const CallPtr& call);

}  // namespace godwit::admin
