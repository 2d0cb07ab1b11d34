"""No space at a line's end, no tab where the file does not need it, and a newline at the file's end."""

from tree import CODE, Finding, Tree

NAME = "whitespace"


def check(tree: Tree) -> list[Finding]:
    found = []
    for path in tree.written():
        text = tree.text(path) or ""
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                found.append(Finding(path, number, "space at the end of the line"))
            if "\t" in line and path.endswith(CODE + (".py", ".md")):
                found.append(Finding(path, number, "tab"))
        if text and not text.endswith("\n"):
            found.append(Finding(path, text.count("\n") + 1, "no newline at the end"))
    return found
