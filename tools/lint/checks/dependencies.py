"""Every package that ./dev installs has its line in docs/dependencies.md."""

import re

from tree import Finding, Tree

NAME = "dependencies"
PACKAGES = "tools/packages.txt"
PAGE = "docs/dependencies.md"


def check(tree: Tree) -> list[Finding]:
    page = tree.text(PAGE) or ""
    found = []
    for number, line in enumerate((tree.text(PACKAGES) or "").splitlines(), 1):
        package = line.split()[0] if line.strip() else "#"
        if package[0] not in "#[" and not re.search(rf"(?<![\w.+-]){re.escape(package)}(?![\w.+-])", page):
            found.append(Finding(PACKAGES, number, f"{package} is not in {PAGE}"))
    return found
