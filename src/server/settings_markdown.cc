#include <fmt/format.h>

#include "server/settings.h"

namespace godwit::server {
namespace {

constexpr std::string_view kHead = R"(# Configuration

Written by `godwit settings --markdown` from the table in `src/server/settings.cc`; a test compares the two.

A setting has one name, `section.key`, and four places it can come from. The later in this list wins:

1. its default
2. the file given with `--config`, in TOML
3. the environment, as `GODWIT_SECTION_KEY`
4. the command line, as `--set section.key=value`; `--data DIR` is short for `storage.directory`

```toml
bind = ["127.0.0.1", "::1"]

[amqp]
port = 5672

[kafka]
port = "off"
```

A name that does not exist is refused, with the nearest one that does. In the environment that holds for names that begin like
a section's. Sizes take the units `KiB`, `MiB` and `GiB`. A port is a number, `0` for a free one (the line `ready` says which), or
`off`. `godwit settings` prints the values that the same arguments would give `godwit serve`.

)";

std::string row(const Setting& setting) {
  std::string value = value_text(Config{}, setting);
  return fmt::format("| `{}` | {} | {} | {} |\n", setting.name, value.empty() ? "" : fmt::format("`{}`", value),
                     kind_text(setting), setting.doc);
}

}  // namespace

std::string settings_markdown() {
  std::string page(kHead);
  page += "| setting | default | values | meaning |\n|---|---|---|---|\n";
  for (const Setting& setting : settings()) page += row(setting);
  return page;
}

}  // namespace godwit::server
