"""The texts of one row as words, and as the lines and quoted texts in which something may stand alone."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from ..rows import Turn, turn_text
from .words import unescaped, words

_LABEL = (
    r"(?:q|a|question|answer|human|user|assistant|input|output|problem|task|prompt|instruction|response)"
    r"[ \t]*\d*[ \t]*[:.)][*_]*[ \t]"
)
_WALL = re.compile(
    rf"\n+|[\"\u201c\u201d\u201e\u00ab\u00bb|\t\[\]{{}}<>]+|(?:^|(?<=\s))[*_]*{_LABEL}", re.IGNORECASE
)
_LABEL_FIRST = re.compile(rf"^[*_]*{_LABEL}", re.IGNORECASE)
_BULLET = re.compile(r"^[ \t]*(?:[-*+\u2022>#]+[ \t]+|\(?\d{1,3}[.)][ \t]+)")


class Segment(NamedTuple):
    """A part of a text with lines, quotes or labels around it."""

    text: str
    words: list[str]


class RowText:
    """All turns of a row, answers that lost among them: texts[i] has the words from starts[i] on.

    Args:
        turns: The row's turns.
        rejected: Its answers that lost.
    """

    def __init__(self, turns: Sequence[Turn], rejected: Sequence[Turn] | None) -> None:
        self.places: list[str] = []
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.told: list[str] = []
        placed = [("response" if t["role"] == "assistant" else "prompt", t) for t in turns]
        for place, turn in [*placed, *(("rejected", t) for t in rejected or ())]:
            for text in (turn.get("reasoning_content"), turn_text(turn)):
                if text:
                    self.places.append(place)
                    self.texts.append(text)
                    self.starts.append(len(self.told))
                    self.told.extend(words(text))

    @cached_property
    def plain(self) -> list[str]:
        """The texts without escapes."""
        return [unescaped(text) for text in self.texts]

    @cached_property
    def segments(self) -> list[list[Segment]]:
        """The segments of each text: what stands between walls, and whole lines, which may hold quotes."""
        return [[Segment(s, words(s)) for s in _segments(text)] for text in self.plain]

    def place(self, word: int) -> str:
        """Where a word stands: prompt, response or rejected."""
        return self.places[self._number(word)]

    def turn(self, word: int) -> tuple[int, int]:
        """The first word of the text with a word, and behind its last one."""
        bounds = [*self.starts, len(self.told)]
        return bounds[self._number(word)], bounds[self._number(word) + 1]

    def _number(self, word: int) -> int:
        return bisect_right(self.starts, word) - 1


def _segments(text: str) -> list[str]:
    lines = [_LABEL_FIRST.sub("", line) for line in text.split("\n")]
    found = (_BULLET.sub("", s).strip() for s in [*_WALL.split(text), *lines])
    return [s for s in dict.fromkeys(found) if s]
