#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "server/config.h"

namespace godwit::server {

/// Where values come from, besides the defaults. Later members win.
struct ConfigSources {
  std::optional<std::string> file;       ///< path of a TOML file
  std::vector<std::string> environment;  ///< NAME=value, as of the process; only GODWIT_... is looked at
  std::vector<std::string> set;          ///< name=value, from the command line
};

/// Errors: kInvalidArgument: an unknown name or a value that will not do, with where it stands; kNotFound, kIo: the
/// file.
Result<Config> load_config(const ConfigSources& sources);

/// The environment of this process.
std::vector<std::string> process_environment();

}  // namespace godwit::server
