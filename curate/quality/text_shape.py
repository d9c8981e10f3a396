"""What a single text looks like, apart from its words: its ends, its characters, what it lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .marks import BARE
from .word_facts import known_words

WIDE_ENDS = "。！？।؟"
CLOSED = frozenset(".!?。！？।؟\"'”’)]}`»:;*|>…")
SENTENCE_ENDS = b".!?"
CODE_BYTES = b"{}();=<>[]_\\/"
CAPITALS = bytes(range(65, 91))
MAX_CHARS = 6000
"""Characters read of a text: a longer one keeps its head and its tail, so that cost is bounded."""
LITTLE = frozenset(
    "i we they he she the a an of and or to in on at for with by from as that which who is are was were be"
    " been has have had will would can could should may might must not but if than then their its his her our"
    " your my this these those such also more most very into about between through because while when where"
    " der die das und oder zu mit von für ein eine le la les de des du et ou un une que qui dans pour el los"
    " las y con por".split()
)
"""Words that seldom end a sentence."""
LIST_ITEM = re.compile(r"^[ \t]*(?:[-*•+]|\(?\d{1,2}[.):])[ \t]", re.MULTILINE)


def bounded(text: str) -> str:
    """At most `MAX_CHARS` characters of a text: its head and its tail."""
    if len(text) <= MAX_CHARS:
        return text
    return f"{text[: MAX_CHARS // 2]}\n{text[-MAX_CHARS // 2 :]}"


def byte_counts(text: str) -> tuple[int, int, int]:
    """How many signs of code, ends of sentences and capitals a text has."""
    raw = text.encode("utf-8", "surrogatepass")
    n = len(raw)
    ends = n - len(raw.translate(None, SENTENCE_ENDS))
    if n > len(text):
        ends += sum(map(text.count, WIDE_ENDS))
    return n - len(raw.translate(None, CODE_BYTES)), ends, n - len(raw.translate(None, CAPITALS))


def list_items(text: str, lines: int) -> int:
    """The lines that start as an item of a list does, where there are several lines."""
    return len(LIST_ITEM.findall(text)) if lines > 1 else 0


def repeated_lines(text: str, lines: int) -> float:
    """Share of lines that stand there twice."""
    return 1 - len(set(text.split("\n"))) / lines if lines > 2 else 0.0


def cut_off(text: str, words: int, items: int) -> float:
    """Whether a long answer ends within a sentence."""
    if not text or words < 6:
        return 0.0
    last = text[-1]
    if last in CLOSED or not (last.isalnum() or last in ",-("):
        return 0.0
    return 0.3 if items > 1 and len(text) - text.rfind("\n") < 80 else 1.0


def lower_start(text: str, words: int) -> bool:
    """Whether a long answer starts within a sentence."""
    return words > 5 and text[0].islower()


def open_end(text: str, words: Sequence[str]) -> float:
    """How surely the last sentence lacks its end: a little word, a broken word or an open bracket there."""
    if len(words) < 4 or not text[-1].isalnum():
        return 0.0
    last = words[-1]
    if last in LITTLE:
        return 1.0
    broken = last.isascii() and last.isalpha() and last not in known_words() and words.count(last) == 1
    unclosed = text.count("(") > text.count(")") or text.count("[") > text.count("]") or text.count('"') % 2
    return 0.5 * broken + 0.5 * bool(unclosed)


def bold_or_heading(text: str) -> bool:
    """Whether a text has Markdown's bold words or headings."""
    return "**" in text or text.startswith("#") or "\n#" in text


def foreign(text: str) -> float:
    """Share of characters beyond ASCII."""
    if not text or text.isascii():
        return 0.0
    return 1 - len(text.encode("ascii", "ignore")) / len(text)


def echo(asked: str, told: str) -> bool:
    """Whether prompt or answer has the other's beginning."""
    head = told[:60]
    return (len(head) > 12 and head in asked) or (len(asked) > 12 and asked[:80] in told)


def missing_material(asked: str, words: int, asks: frozenset[str]) -> bool:
    """Whether a short prompt speaks of a text that it does not hold."""
    if "refers" not in asks or words > 16:
        return False
    body = asked.rstrip()
    holds = "\n" in body or '"' in body or "'" in body or ":" in body[:-1] or "`" in body or "“" in body
    return not holds


def bare(lowered: str, words: int, marks: frozenset[str]) -> bool:
    """Whether an answer stands for one that is missing."""
    return lowered in BARE or (words < 4 and "placeholder" in marks)
