"""Includes go only where tools/layers.toml says."""

import re
import tomllib

import cpp
from tree import Finding, Tree

NAME = "layers"
TABLE = "tools/layers.toml"
_SYSTEM = re.compile(r"(sys|linux|netinet|arpa|net)/|[a-z0-9_]+\.h$")
_STANDARD = re.compile(r"[a-z0-9_]+$")


def check(tree: Tree) -> list[Finding]:
    table = tomllib.loads(tree.text(TABLE) or "")
    modules = table["module"]
    libraries = {name for module in modules.values() for name in module.get("libraries", ())} - {"system", "*"}
    barred = table.get("headers", {}).get("libraries_barred", [])
    found = _order(modules)
    for path in tree.select("src"):
        module = path.split("/")[1]
        if module not in modules:
            found.append(Finding(path, 1, f"src/{module} is no module of {TABLE}"))
            continue
        for include in cpp.includes(tree.text(path) or ""):
            problem = (_library(include.name, modules[module], libraries, barred if path.endswith(".h") else [])
                       if include.angled else _own(tree, path, module, include.name, modules))
            if problem:
                found.append(Finding(path, include.line, problem))
    return found


def _order(modules: dict) -> list[Finding]:
    """The table itself has no cycle: each module names only modules above it."""
    found, above = [], set()
    for name, module in modules.items():
        named = {*module["modules"], *(header.split("/")[0] for header in module.get("headers", ()))} - {"*"}
        found += [Finding(TABLE, 1, f"{name} names {other}, which does not stand above it")
                  for other in sorted(named - above)]
        above.add(name)
    return found


def _own(tree: Tree, path: str, module: str, name: str, modules: dict) -> str:
    """What is wrong with an include of our own header, or nothing."""
    if ".." in name.split("/"):
        return f'"{name}": write includes from src/, without ..'
    if f"src/{name}" not in tree.files:
        return f'"{name}" is no file of src/: write includes from src/'
    target, rules = name.split("/")[0], modules[module]
    if target == module:
        return _sibling(path, name, rules)
    if target in rules["modules"] or "*" in rules["modules"] or name in rules.get("headers", ()):
        return ""
    return f'{module} may not include "{name}" ({TABLE})'


def _sibling(path: str, name: str, rules: dict) -> str:
    """In a module whose folders stay apart, a folder sees itself and the module's top level."""
    there, here = name.split("/"), path.split("/")[1:]
    if rules.get("folders_apart") and len(there) > 2 and len(here) > 2 and there[1] != here[1]:
        return f'{"/".join(here[:2])} may not include "{name}": translators do not know each other'
    return ""


def _matches(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith((prefix + "/", prefix + "."))


def _library(name: str, rules: dict, libraries: set[str], barred: list[str]) -> str:
    """What is wrong with an include in angles, or nothing."""
    if any(_matches(name, prefix) for prefix in barred):
        return f"<{name}> stays out of headers: include it in the .cc"
    allowed = rules.get("libraries", ())
    if _STANDARD.match(name) or "*" in allowed or any(_matches(name, prefix) for prefix in allowed):
        return ""
    known = any(_matches(name, prefix) for prefix in libraries)
    if not known and _SYSTEM.match(name):
        return "" if "system" in allowed else f"<{name}> is the operating system's: only the runtime talks to it"
    return f"<{name}> is no library of this module ({TABLE})"
