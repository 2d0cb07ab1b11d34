"""A unit with logic has its test at the same place below tests/unit.

A .cc without a header of its own is a part of the unit whose header's name it continues: ledger_apply.cc of ledger.h.
"""

import re

import cpp
from tree import Finding, Tree

NAME = "mirrors"
_LOGIC = re.compile(r"\b(if|for|while|switch)\b[^\n;]*\(")


def check(tree: Tree) -> list[Finding]:
    files, found, seen = set(tree.files), [], set()
    for path in tree.select("src"):
        unit = _unit(path, files)
        mirror = f"tests/unit/{unit.removeprefix('src/')}_test.cc"
        if unit in seen or mirror in files or not _LOGIC.search(cpp.blank(tree.text(path) or "")):
            continue
        seen.add(unit)
        found.append(Finding(path, 1, f"has logic but no {mirror}", key=unit))
    return found


def _unit(path: str, files: set[str]) -> str:
    stem = path.rsplit(".", 1)[0]
    folder, name = stem.rsplit("/", 1)
    words = name.split("_")
    for length in range(len(words), 0, -1):
        unit = f"{folder}/{'_'.join(words[:length])}"
        if f"{unit}.h" in files:
            return unit
    return stem
