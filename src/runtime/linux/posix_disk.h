#pragma once

#include <memory>
#include <string>

#include "runtime/disk.h"

namespace godwit::runtime {

/// The directory `root` of the operating system's file system, created with its parents if it is not there.
/// Files are opened close-on-exec. The lock is a flock on the file LOCK in the root: it ends with the process.
Result<std::unique_ptr<Disk>> open_posix_disk(const std::string& root);

}  // namespace godwit::runtime
