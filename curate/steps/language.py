"""The language of every row, as an ISO 639-1 code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from ..langid import classify
from ..rows import rows_of
from ..step import Opinion, verdicts

MAX_CHARS = 300
MIN_LETTERS = 4
ENOUGH_LETTERS = 24
UNKNOWN = "und"
CODE_MARKS = ("{", "}", ";", "(", "=", "#", "//", "SELECT", "import ", "return")
_CODE_BLOCK = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_NOISE = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\S+|<[^>\n]{1,80}>|<\|\w+\|>")
_CODE_LINE = re.compile(
    r"^\s*(?:#include\b|import \w|from \w+ import|def \w+\(|class \w+[(:]|function \w*\(|"
    r"(?:public|private|static)\s|(?:const|let|var) \w+ ?=|SELECT\b|return\b|for ?\(|while ?\(|if ?\(|@\w+|"
    r"//|/\*|\*/|</?\w+|[{}()\[\];]+\s*$)|"
    r"[;{}]\s*$|^\s*\w+(?:\.\w+)*\(.*\)\s*;?\s*$|^\s*[\w.\[\]'\"]+ ?[-+*/|&]?= ?\S",
    re.MULTILINE,
)
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]")),
    ("zh", re.compile("[\u4e00-\u9fff\u3400-\u4dbf]")),
    ("th", re.compile("[\u0e01-\u0e5b]")),
    ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("hy", re.compile("[\u0530-\u058f]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
    ("te", re.compile("[\u0c00-\u0c7f]")),
    ("km", re.compile("[\u1780-\u17ff]")),
    ("lo", re.compile("[\u0e80-\u0eff]")),
    ("my", re.compile("[\u1000-\u109f]")),
)


class Guess(NamedTuple):
    """A language with the share of belief in it, a ratio in [0, 1]."""

    code: str
    score: float


class Language:
    """Assigns the language of the answer; of prompt and answer together where the answer is short.

    Text without words (numbers, code, symbols) is `und`: its language cannot be known.

    Args:
        allow: ISO 639-1 codes to keep; rows in another known language are dropped. None keeps all.

    Source: scripts that one language uses decide by themselves; else py3langid (Lui and Baldwin 2012)
    on the first 300 characters.
    """

    name = "language"
    version = 2
    reasons = {
        "language": "The language of the answer.",
        "wrong_language": "The language is not among the allowed ones.",
    }

    def __init__(self, allow: Sequence[str] | None = None) -> None:
        self.allow = None if allow is None else frozenset(allow)

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        guesses = identify([telling_text(p, r) for p, r in zip(rows.prompts, rows.responses, strict=True)])
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "language": pa.array([g.code for g in guesses], pa.string()),
                "score": pa.array([g.score for g in guesses], pa.float64()),
            }
        )

    def decide(self, measures: pa.Table) -> pa.Table:
        codes, scores = measures.column("language").to_pylist(), measures.column("score").to_pylist()
        opinions = [self._opinion(code, score) for code, score in zip(codes, scores, strict=True)]
        return verdicts(measures.column("row_id"), self.name, opinions)

    def _opinion(self, code: str, score: float) -> Opinion:
        if self.allow is not None and code not in self.allow and code != UNKNOWN:
            return Opinion("drop", "wrong_language", score=score, value=code)
        return Opinion("assign", "language", score=score, value=code)


def telling_text(prompt: str, response: str) -> str:
    """The opening of the answer without code; of answer and prompt where the answer has too few letters."""
    text = words_of(response)
    if _letters(text) < ENOUGH_LETTERS:
        text = f"{text}\n{words_of(prompt)}"
    return text[:MAX_CHARS]


def words_of(text: str) -> str:
    """The opening of a text without code, addresses and tags."""
    head = text[: 4 * MAX_CHARS]
    if "```" in head:
        head = _CODE_BLOCK.sub(" ", head)
    if "<" in head or "://" in head or "@" in head:
        head = _NOISE.sub(" ", head)
    if any(mark in head for mark in CODE_MARKS) and _CODE_LINE.search(head):
        head = "\n".join(line for line in head.split("\n") if not _CODE_LINE.search(line))
    return head


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text[:MAX_CHARS]))


def identify(texts: Sequence[str]) -> list[Guess]:
    """The language of each text of at most a few hundred characters."""
    guesses = [_by_script(text) for text in texts]
    open_ = [i for i, guess in enumerate(guesses) if guess is None]
    codes, scores = classify([texts[i] for i in open_])
    for i, code, score in zip(open_, codes, scores.tolist(), strict=True):
        guesses[i] = Guess(code, round(score, 4))
    return [guess or Guess(UNKNOWN, 0.0) for guess in guesses]


def _by_script(text: str) -> Guess | None:
    """What the letters alone tell; None where words must decide."""
    letters = _letters(text)
    if not text.isascii() and letters:
        for code, script in _SCRIPTS:
            if len(script.findall(text)) >= 0.3 * letters:
                return Guess(code, 1.0)
    return Guess(UNKNOWN, 0.0) if letters < MIN_LETTERS else None
