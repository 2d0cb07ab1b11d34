"""Bytes that outlive the process are described: each page of docs/formats says what belongs there, its example and its
golden files are real, and x_format.h has the page x.md."""

import re
from fnmatch import fnmatch

from tree import Finding, Tree

NAME = "format-pages"
FOLDER = "docs/formats/"
INDEX = FOLDER + "README.md"
GOLDEN = "tests/golden/"
_PARTS = {"a worked example": r"^#+ .*worked example", "what its checks catch": r"^#+ .*check", "what it does badly": r"^#+ .*badly"}
_BLOCK = re.compile(r"^```\n(.*?)^```", re.DOTALL | re.MULTILINE)
_BYTES = re.compile(r" *([0-9a-f]{2}(?: [0-9a-f]{2})*)(?:$|   )")


def check(tree: Tree) -> list[Finding]:
    index = (tree.text(INDEX) or "") if INDEX in tree.files else ""
    pages = [path for path in tree.files if path.startswith(FOLDER) and path.endswith(".md") and path != INDEX]
    found = []
    for path in tree.select("src", suffixes=("_format.h",)):
        page = path.rsplit("/", 1)[-1].removesuffix("_format.h") + ".md"
        if FOLDER + page not in tree.files:
            found.append(Finding(path, 1, f"has no page {FOLDER}{page}"))
    golden = {path: (tree.text(path) or "").split() for path in tree.files if path.startswith(GOLDEN) and path.endswith(".hex")}
    named: set[str] = set()
    for page in pages:
        text = tree.text(page) or ""
        own = {path for path in golden for name in re.findall(GOLDEN + r"[\w*]+\.hex", text) if fnmatch(path, name)}
        named |= own
        if page.removeprefix(FOLDER) not in index:
            found.append(Finding(page, 1, f"{INDEX} does not name it"))
        if not own:
            found.append(Finding(page, 1, f"names no file of {GOLDEN}"))
        found += [Finding(page, 1, f"does not say {part}") for part, heading in _PARTS.items()
                  if not re.search(heading, text, re.IGNORECASE | re.MULTILINE)]
        found += [Finding(page, line, "the example is none of the golden files that the page names")
                  for line, example in _examples(text) if example not in [golden[path] for path in own]]
    found += [Finding(path, 1, f"no page of {FOLDER} names it") for path in sorted(golden.keys() - named)]
    return found


def _examples(text: str) -> list[tuple[int, list[str]]]:
    """The bytes of every block that is a dump, each line of which begins with some, and where it begins."""
    examples = []
    for block in _BLOCK.finditer(text):
        lines = [_BYTES.match(line) for line in block[1].splitlines()]
        if lines and all(lines):
            examples.append((text.count("\n", 0, block.start()) + 1, [byte for line in lines for byte in line[1].split()]))
    return examples
