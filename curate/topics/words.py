"""The words of a row that could name its topic."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from .stop_words import STOP_WORDS

PROMPT_CHARACTERS = 500
RESPONSE_CHARACTERS = 250
MOST = 40
"""Words of a row."""
_WORD = re.compile(r"[^\W\d_]{3,24}")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]+")


def naming_words(lowered_prompt: str, lowered_response: str) -> list[str]:
    """The distinct words of a row's opening without stop words, in order; of Chinese text, pairs of signs.

    Args:
        lowered_prompt: What is asked, in lower case.
        lowered_response: The answer, in lower case.
    """
    text = f"{lowered_prompt[:PROMPT_CHARACTERS]}\n{lowered_response[:RESPONSE_CHARACTERS]}"
    found: Iterable[str] = _WORD.findall(text)
    if not text.isascii() and _CJK.search(text):
        pairs = [a + b for run in _CJK.findall(text) for a, b in itertools.pairwise(run)]
        found = [*(w for w in found if w.isascii() or not _CJK.search(w)), *pairs]
    return [w for w in dict.fromkeys(found) if w not in STOP_WORDS][:MOST]
