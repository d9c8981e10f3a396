"""Word differences between two texts, as HTML."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from .escape import number, shown

MAX_WORDS = 1200
CONTEXT = 14
_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_PUNCTUATION = re.compile(r"[^\w\s]{1,3}")


def changes(before: str, after: str) -> str:
    """Both texts in one: what went is struck out, what came is underlined, long equal parts are left out."""
    return "".join(_pieces(before, after))


def _pieces(before: str, after: str) -> Iterator[str]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    cut = max(len(old), len(new)) > MAX_WORDS
    old, new = old[:MAX_WORDS], new[:MAX_WORDS]
    for same, a, b, c, d in _blocks(old, new):
        if same:
            yield _equal(old[a:b], first=a == 0, last=b == len(old) and d == len(new))
            continue
        if b > a:
            yield f"<del>{shown(''.join(old[a:b]))}</del>"
        if d > c:
            yield f"<ins>{shown(''.join(new[c:d]))}</ins>"
    if cut:
        yield f'<span class="more"> … compared up to {number(MAX_WORDS)} words</span>'


def _blocks(old: list[str], new: list[str]) -> list[tuple[bool, int, int, int, int]]:
    """Equal and changed stretches; punctuation alone between two changes belongs to the change."""
    blocks: list[tuple[bool, int, int, int, int]] = []
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for i, (kind, a, b, c, d) in enumerate(codes):
        inside = 0 < i < len(codes) - 1
        same = kind == "equal" and not (inside and _PUNCTUATION.fullmatch("".join(old[a:b])))
        if blocks and not same and not blocks[-1][0]:
            _, a, _, c, _ = blocks.pop()
        blocks.append((same, a, b, c, d))
    return blocks


def _equal(words: list[str], *, first: bool, last: bool) -> str:
    if len(words) <= 2 * CONTEXT:
        return shown("".join(words))
    head = "" if first else shown("".join(words[:CONTEXT]))
    tail = "" if last else shown("".join(words[-CONTEXT:]))
    return f'{head}<span class="more"> … </span>{tail}'


def only_in(text: str, other: str) -> str:
    """A text with the words marked that the other text does not have in the same place."""
    words, others = _WORD.findall(text)[:MAX_WORDS], _WORD.findall(other)[:MAX_WORDS]
    parts = []
    for same, _, _, c, d in _blocks(others, words):
        piece = shown("".join(words[c:d]))
        parts.append(piece if same else f"<mark>{piece}</mark>" if piece else "")
    more = len(_WORD.findall(text)) - len(words)
    parts.append(f'<span class="more"> … {number(more)} more words</span>' if more else "")
    return "".join(parts)
