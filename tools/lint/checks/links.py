"""A relative link in a page leads to a file or folder of the tree."""

import posixpath
import re

from tree import Finding, Tree

NAME = "links"
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def check(tree: Tree) -> list[Finding]:
    there = set(tree.files)
    there |= {"/".join(path.split("/")[:depth]) for path in tree.files for depth in range(1, path.count("/") + 1)}
    found = []
    for path in tree.select(suffixes=(".md",)):
        text = _FENCED.sub(lambda match: "\n" * match[0].count("\n"), tree.text(path) or "")
        for number, line in enumerate(text.splitlines(), 1):
            for match in _LINK.finditer(line):
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
                if ":" not in match[1] and target not in there:
                    found.append(Finding(path, number, f"leads nowhere: {match[1]}"))
    return found
