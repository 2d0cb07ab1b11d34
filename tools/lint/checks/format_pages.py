"""Bytes that outlive the process are described: x_format.h has docs/formats/x.md, and the index names it."""

from tree import Finding, Tree

NAME = "format-pages"
INDEX = "docs/formats/README.md"


def check(tree: Tree) -> list[Finding]:
    found = []
    for path in tree.select("src", suffixes=("_format.h",)):
        page = path.rsplit("/", 1)[-1].removesuffix("_format.h") + ".md"
        if f"docs/formats/{page}" not in tree.files:
            found.append(Finding(path, 1, f"has no page docs/formats/{page}"))
        elif INDEX not in tree.files or page not in (tree.text(INDEX) or ""):
            found.append(Finding(path, 1, f"{INDEX} does not name {page}"))
    return found
