"""What changed between two texts, word by word. No Streamlit here."""

from __future__ import annotations

import difflib
import re

WORD = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)


def word_diff(old: str, new: str) -> list[tuple[str, str]]:
    """The new text with what was taken out, as runs of ("same" | "out" | "in", text)."""
    a, b = WORD.findall(old), WORD.findall(new)
    runs: list[tuple[str, str]] = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append(("same", "".join(a[i1:i2])))
            continue
        if i2 > i1:
            runs.append(("out", "".join(a[i1:i2])))
        if j2 > j1:
            runs.append(("in", "".join(b[j1:j2])))
    return runs


def marked(old: str, new: str) -> str:
    """The diff as a text: what went stands in [-…-], what came in {+…+}."""
    signs = {"same": "{}", "out": "[-{}-]", "in": "{{+{}+}}"}
    return "".join(signs[kind].format(text) for kind, text in word_diff(old, new))
