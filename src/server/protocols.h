#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/config.h"
#include "server/node_views.h"
#include "server/protocol.h"

namespace godwit::server {

/// The protocols that are not `off`, in the order of the log line; sessions cannot be made before their ports are
/// known.
std::vector<Protocol> open_protocols(const Config& config);

/// The namespaces that clients reach by the configuration: of the vhosts, and the one of the other protocols.
std::vector<std::string> configured_spaces(const Config& config);

/// Gives each protocol its way to make sessions. `ports`: what each listens on, parallel to `protocols`.
void equip(std::vector<Protocol>& protocols, const std::vector<uint16_t>& ports, const Config& config,
           int32_t leader_epoch, NodeViews& views);

}  // namespace godwit::server
