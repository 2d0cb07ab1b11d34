"""Words that are at home in a few places only: tools/lint/banned.toml."""

import re
import tomllib

import cpp
from tree import Finding, Tree

NAME = "banned"
TABLE = "tools/lint/banned.toml"


def check(tree: Tree) -> list[Finding]:
    words = tomllib.loads(tree.text(TABLE) or "")["word"]
    found = []
    for path in tree.select("src", "include"):
        code = cpp.blank(tree.text(path) or "")
        for word in words:
            if any(path == place or path.startswith(place + "/") for place in word["allowed"]):
                continue
            found += [Finding(path, cpp.line_of(code, match.start()), f"{word['name']} ({match[0]}): {word['instead']}")
                      for match in re.finditer(word["pattern"], code)]
    return found
