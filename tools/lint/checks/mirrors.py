"""A unit with logic has its test at the same place below tests/unit."""

import re

import cpp
from tree import Finding, Tree

NAME = "mirrors"
_LOGIC = re.compile(r"\b(if|for|while|switch)\b[^\n;]*\(")


def check(tree: Tree) -> list[Finding]:
    files, found, seen = set(tree.files), [], set()
    for path in tree.select("src"):
        unit = path.rsplit(".", 1)[0]
        mirror = f"tests/unit/{unit.removeprefix('src/')}_test.cc"
        if unit in seen or mirror in files or not _LOGIC.search(cpp.blank(tree.text(path) or "")):
            continue
        seen.add(unit)
        found.append(Finding(path, 1, f"has logic but no {mirror}", key=unit))
    return found
