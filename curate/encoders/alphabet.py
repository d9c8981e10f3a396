"""What BERT's basic tokenizer makes of each character, for a vocabulary of word pieces."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import numpy as np

CHINESE = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


def alphabet_of(vocabulary: Iterable[str]) -> dict[str, np.ndarray]:
    """Code points by what becomes of them in a text of Unicode's form NFD.

    Args:
        vocabulary: The pieces; `##` marks one that goes on inside a word.

    Returns:
        `folds` (2, n), a character and the known one it becomes in lower case; `left_out` (n,), accents and
        control characters; `single` (n,), known characters that are words of their own. All uint32.
    """
    known = {c for piece in vocabulary for c in (piece[2:] if piece.startswith("##") else piece)} | {"#"}
    folds, left_out = [], []
    for point in range(0x110000):
        character = chr(point)
        category = unicodedata.category(character)
        if character in "\t\n\r":
            continue
        if category in ("Mn", "Cc", "Cf") or character == "\ufffd":
            left_out.append(point)
        elif category != "Cs" and character.lower() in known:
            folds.append((point, ord(character.lower())))
    single = [ord(c) for c in known if _punctuation(c) or any(a <= ord(c) <= b for a, b in CHINESE)]
    return {
        "folds": np.array(folds, np.uint32).reshape(-1, 2).T.copy(),
        "left_out": np.array(left_out, np.uint32),
        "single": np.array(sorted(single), np.uint32),
    }


def _punctuation(c: str) -> bool:
    ascii_mark = c.isascii() and c.isprintable() and not c.isalnum() and c != " "
    return ascii_mark or unicodedata.category(c)[0] == "P"
