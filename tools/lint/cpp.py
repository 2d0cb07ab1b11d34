"""Just enough C++ to find includes and functions in formatted code."""

import re
from dataclasses import dataclass

_SKIPPED = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"([^()\s\\]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*\""""
    r"""|(?<![0-9a-fA-FxX])'(?:\\.|[^'\\\n])+'""",
    re.DOTALL)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_CONTAINER = re.compile(r"^(?:export |inline |typedef |static |extern )*(?:namespace|class|struct|union|enum)\b"
                        r"|^extern\b")
_NAME = re.compile(r"([~\w:]+|operator\W+)\s*\(")


def _spaces(match: re.Match) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def blank(text: str) -> str:
    """The text with comments, strings and characters replaced by spaces; lines and columns stay."""
    return _SKIPPED.sub(_spaces, text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


@dataclass(frozen=True)
class Include:
    line: int
    name: str
    angled: bool


def includes(text: str) -> list[Include]:
    return [Include(line_of(text, match.start()), match[2], match[1] == "<") for match in _INCLUDE.finditer(text)]


@dataclass(frozen=True)
class Function:
    name: str
    line: int
    lines: int


def _simplify(head: str) -> str:
    """A declaration's head without template lists and attributes."""
    head = re.sub(r"\[\[.*?\]\]|\balignas\([^)]*\)", " ", head, flags=re.DOTALL)
    before = None
    while before != head:
        before, head = head, re.sub(r"<[^<>]*>", " ", head)
    return re.sub(r"\s+", " ", re.sub(r"\btemplate\b", " ", head)).strip()


def _is_value(head: str) -> bool:
    """Whether the brace after the head opens an initialiser: an `=` outside parentheses that no lambda follows."""
    if "operator" in head:
        return False
    before = None
    while before != head:
        before, head = head, re.sub(r"\([^()]*\)", "", head)
    equals = head.find("=")
    return equals >= 0 and not head[equals + 1:].lstrip().startswith("[")


def _name(head: str) -> str:
    """A function's name as written; a test's is its suite and case."""
    test = re.match(r"(?:TYPED_)?TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)", head)
    if test:
        return f"{test[1]}.{test[2]}"
    named = _NAME.search(head)
    return named[1].strip() if named else ""


def functions(text: str) -> list[Function]:
    """The outermost functions with a body. A lambda belongs to the function around it."""
    code = _DIRECTIVE.sub(_spaces, blank(text))
    found, start, depth, opened = [], 0, 0, None
    for mark in re.finditer(r"[{};]|\b(?:public|private|protected):", code):
        at, kind = mark.start(), mark[0]
        if opened is None and kind == "{":
            raw = code[start:at]
            head = _simplify(raw)
            if not _CONTAINER.match(head) or ("(" in head and "namespace" not in head):
                first = line_of(code, at - len(raw.lstrip()))
                opened, depth = ("" if _is_value(head) else _name(head), first), 1
        elif opened is not None:
            depth += {"{": 1, "}": -1}.get(kind, 0)
            # After a member initialiser's brace the constructor goes on.
            goes_on = opened[0] and re.compile(r"\s*[,{]").match(code, at + 1)
            if kind == "}" and depth == 0 and not goes_on:
                name, first = opened
                if name:
                    found.append(Function(name, first, line_of(code, at) - first + 1))
                opened = None
        start = mark.end()
    return found
