#pragma once

#include "server/config.h"

namespace godwit::server {

/// Exit codes of `godwit serve`, after sysexits(3) where it has one.
enum ExitCode : int {
  kExitOk = 0,
  kExitUsage = 2,         ///< a wrong argument or setting
  kExitData = 65,         ///< the data directory is damaged or of a newer release
  kExitUnavailable = 69,  ///< the data directory is locked, or a port is taken
  kExitIo = 74,           ///< storage failed
};

/// Runs a server until a signal stops it. Blocks; returns the exit code.
int serve(const Config& config, bool repair);

}  // namespace godwit::server
