"""A file has at most 400 lines; one up to 800 may be on the list, one above never."""

from tree import CODE, SCRIPTS, Finding, Tree

NAME = "oversize"
LINES_MAX = 400
LINES_NEVER = 800


def check(tree: Tree) -> list[Finding]:
    found = []
    for path in tree.written():
        if not path.endswith(CODE + SCRIPTS):
            continue
        lines = (tree.text(path) or "").count("\n")
        if lines > LINES_NEVER:
            found.append(Finding(path, LINES_NEVER, f"{lines} lines, {LINES_NEVER} is the end: split it"))
        elif lines > LINES_MAX:
            found.append(Finding(path, LINES_MAX, f"{lines} lines, at most {LINES_MAX}", key=path, size=lines))
    return found
