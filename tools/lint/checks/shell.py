"""Shell scripts pass shellcheck."""

import json
import subprocess

from tree import Finding, Tree

NAME = "shell"
TOOL = "shellcheck"


def check(tree: Tree) -> list[Finding]:
    scripts = [path for path in tree.written() if path.endswith(".sh") or _is_script(tree.text(path) or "")]
    if not scripts:
        return []
    run = subprocess.run([TOOL, "-x", "--format=json", *scripts],
                         cwd=tree.root, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        return [Finding(scripts[0], 1, f"{TOOL} failed: {run.stderr.strip()[:400]}")]
    return [Finding(comment["file"], comment["line"], f"SC{comment['code']}: {comment['message']}")
            for comment in json.loads(run.stdout)]


def _is_script(text: str) -> bool:
    return text.startswith("#!") and text.split("\n", 1)[0].endswith(("/bash", "/sh", " bash", " sh"))
