"""No path of somebody's machine."""

import re

from tree import Finding, Tree

NAME = "machine-paths"
_PATH = re.compile(r"(?<![\w.~$}*-])/(?:root|work|home/[\w.-]+|Users/[\w.-]+)/[\w.-]")


def check(tree: Tree) -> list[Finding]:
    return [Finding(path, number, f"a path of one machine: {match[0]}...")
            for path in tree.written()
            for number, line in enumerate((tree.text(path) or "").splitlines(), 1)
            if (match := _PATH.search(line))]
