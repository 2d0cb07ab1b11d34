"""Work that is left for later names its issue, as in `(#12)` after the word."""

import re

from tree import CODE, SCRIPTS, Finding, Tree

NAME = "todos"
_WORD = "TO" + "DO"
_LEFT = re.compile(rf"\b(?:{_WORD}|FIX" + r"ME|X" + r"XX)\b(?!\(#\d+\))")


def check(tree: Tree) -> list[Finding]:
    return [Finding(path, number, f"{match[0]} without an issue: write {match[0]}(#12)")
            for path in tree.written() if path.endswith(CODE + SCRIPTS + ("CMakeLists.txt", ".cmake", ".toml"))
            for number, line in enumerate((tree.text(path) or "").splitlines(), 1)
            if (match := _LEFT.search(line))]
