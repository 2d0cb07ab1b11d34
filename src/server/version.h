#pragma once

namespace godwit::server {

/// Of this build, as the project's CMakeLists.txt has it.
constexpr const char* kVersion = GODWIT_VERSION;

}  // namespace godwit::server
