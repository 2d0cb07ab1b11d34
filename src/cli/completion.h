#pragma once

#include <string>

namespace CLI {
class App;
}

namespace godwit::cli {

/// A script that completes the names of commands and their options.
std::string bash_completion(const CLI::App& app);

}  // namespace godwit::cli
