"""Protected rows as probes: the texts of which one row must not hold too much."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from ..compare.words import SMALL
from ..rows import Turn, conversations, turn_text
from .words import length_of, words

LONG = 8
"""Words from which on a probe is compared by coverage; a shorter one has to be there whole."""
MIN_RESPONSE = 12
"""Words that a response needs to be looked for on its own; "Paris" or "42" proves nothing."""
MIN_STEM = 4
MIN_STEM_CONTENT = 3
"""Words that are no small ones in a question of a choice; "which of these is true" has one."""
_OPTION = re.compile(r"(?m)^[ \t]*\(?(?:[A-Ja-j]|[1-9])[).:][ \t]+(?P<option>\S.*)$")
_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_BLOCK = re.compile(r"\n\s*\n")


LONG_CONTENT = 4
"""Words of a long probe that are no small ones; "what is the largest one of them" has one."""


class Probe(NamedTuple):
    """One text of a protected row.

    Args:
        item: Position of the row in the table of protected rows.
        part: prompt or response.
        text: As it stands in the row.
        words: As compared.
        alone: Whether it is a whole text; a question may mean nothing without its passage or its options.
        options: The words of each option of a question that is not alone.
    """

    item: int
    part: str
    text: str
    words: tuple[str, ...]
    alone: bool
    options: tuple[tuple[str, ...], ...]

    @property
    def is_long(self) -> bool:
        """Whether it is compared by coverage, rather than as a whole."""
        told = set(self.words) - SMALL
        return length_of(self.words) >= LONG and length_of(told) >= LONG_CONTENT

    @property
    def says_enough(self) -> bool:
        """Whether a question says what it is about without its passage or options."""
        return len(set(self.words) - SMALL) >= MIN_STEM_CONTENT


class Stem(NamedTuple):
    """A question within a prompt, with the options to choose from; None for a prompt as a whole."""

    text: str
    options: Sequence[str] | None


class Item(NamedTuple):
    """A protected row: its name, its place and its two texts."""

    row_id: str
    file: str
    row: int
    prompt: str
    response: str


def items_of(rows: pa.Table) -> list[Item]:
    """The protected rows of a table with the ROWS schema."""
    turns = conversations(rows.column("messages"))
    sources: list[dict[str, Any]] = rows.column("source").to_pylist()
    named = zip(rows.column("row_id").to_pylist(), sources, turns, strict=True)
    return [Item(name, place["file"], place["row"], *_texts(found or [])) for name, place, found in named]


def _texts(turns: Sequence[Turn]) -> tuple[str, str]:
    """Prompt and response; the operator's turns are no part of a task where there are others."""
    asked = [t for t in turns if t["role"] not in ("system", "developer")] or list(turns)
    answered = asked[-1]["role"] == "assistant" if asked else False
    response = turn_text(asked[-1]) if answered else ""
    return "\n".join(map(turn_text, asked[:-1] if answered else asked)), response


def probes_of(items: Sequence[Item]) -> list[Probe]:
    """The probes of all items, each text once; a question that several items ask is no probe of its own."""
    found: dict[tuple[str, tuple[str, ...]], Probe] = {}
    shared: set[tuple[str, tuple[str, ...]]] = set()
    for number, item in enumerate(items):
        for probe in _whole_texts(number, item):
            found.setdefault((probe.part, probe.words), probe)
    for number, item in enumerate(items):
        if found.get(("prompt", tuple(words(item.prompt))), _NO_PROBE).item != number:
            continue
        for stem in stems(item.prompt):
            probe = _probe(number, "prompt", stem)
            key = (probe.part, probe.words)
            if key in found:
                shared |= {key} if not found[key].alone else set()
            elif len(probe.words) >= MIN_STEM:
                found[key] = probe
    return [probe for key, probe in found.items() if key not in shared]


def _whole_texts(number: int, item: Item) -> Iterator[Probe]:
    prompt = _probe(number, "prompt", Stem(item.prompt, None))
    if prompt.words:
        yield prompt
    response = _probe(number, "response", Stem(item.response, None))
    if length_of(response.words) >= MIN_RESPONSE:
        yield response


def _probe(number: int, part: str, stem: Stem) -> Probe:
    told = tuple(words(stem.text))
    options = () if stem.options is None else tuple(tuple(words(o)) for o in stem.options)
    return Probe(number, part, stem.text, told, stem.options is None, options)


def blocks_of(text: str, n: int) -> tuple[tuple[int, int, bool], ...]:
    """The lines and the questions of a text of n words: first word, behind the last, whether it asks.

    None where the words of a text depend on what stands in other lines.
    """
    found: list[tuple[int, int, bool]] = []
    at = 0
    for line in text.split("\n"):
        start = at
        for sentence in _SENTENCE.split(line):
            stop = at + len(words(sentence))
            if sentence.rstrip().endswith("?"):
                found.append((at, stop, True))
            at = stop
        found.append((start, at, False))
    return tuple(b for b in found if b[1] > b[0]) if at == n else ()


def stems(prompt: str) -> list[Stem]:
    """The questions within a prompt: what stands before the options of a choice, or beside a passage."""
    lines = list(_OPTION.finditer(prompt))
    text = prompt[: lines[0].start()] if lines else prompt
    options = [m["option"] for m in lines]
    found = [Stem(text, options)] if lines else []
    blocks = [b for b in _BLOCK.split(text) if b.strip()]
    if len(blocks) > 1:
        found += [Stem(b, options) for b in blocks if b.rstrip().endswith("?")]
    return found


def lists_options(text: str) -> bool:
    """Whether a text has lines with the options of a choice."""
    return _OPTION.search(text) is not None


_NO_PROBE = Probe(-1, "", "", (), True, ())
