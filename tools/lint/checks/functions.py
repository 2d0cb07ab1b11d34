"""A function has at most 70 lines; 40 is a screen."""

import ast

import cpp
from tree import CODE, Finding, Tree

NAME = "functions"
LINES_MAX = 70


def check(tree: Tree) -> list[Finding]:
    found = []
    for path in tree.select(suffixes=CODE + (".py",)):
        text = tree.text(path) or ""
        for function in _python(text) if path.endswith(".py") else cpp.functions(text):
            if function.lines > LINES_MAX:
                message = f"{function.name} has {function.lines} lines, at most {LINES_MAX}"
                found.append(Finding(path, function.line, message, key=f"{path}:{function.name}", size=function.lines))
    return found


def _python(text: str) -> list[cpp.Function]:
    return [cpp.Function(node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1)
            for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
