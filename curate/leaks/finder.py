"""Protected items in batches of rows: the best finding for each row."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ...schemas.run import ReferenceFile
from ..encoders import STATIC, encoder_for
from ..partners import partner_detail
from ..reference import read_reference_files
from ..rows import rows_of
from .align import ProbeFacts
from .compare import Match, compare
from .index import ProbeIndex
from .paraphrase import proposer
from .probes import Item, Probe, items_of, lists_options, probes_of
from .row_text import RowText
from .short import answer_follows, find_short, find_words
from .words import is_number, words

SHOWN = 200
MAX_ANSWER = 2000
PROMPT_BESIDE_RESPONSE = 0.4
FILLS = 0.85
OPTIONS_WITHIN = 10
OPTIONS_THERE = 0.5
MAX_PROBES = 64
BESIDE_WHOLE = 0.8
SHOWN_EXTENTS = ("phrase", "piece", "whole")


class Finding(NamedTuple):
    """A protected item in a row.

    Args:
        item: The item.
        extent: whole, or a piece of it; or a phrase, a few words that other rows may have by chance.
        method: exact, ngram, fuzzy or embedding.
        coverage: Share of the part that the row holds, a ratio in [0, 1]; else the cosine.
        part: What of the item was found: prompt, response or both.
        found_in: Where in the row: prompt, response or rejected.
        words: The words of the row that were found, shortened.
        items: How many protected items the row holds.
    """

    item: Item
    extent: str
    method: str
    coverage: float
    part: str
    found_in: str
    words: str
    items: int

    def detail(self) -> str:
        """What was found, with both texts of the item, as a JSON object."""
        item = self.item
        told = {"method": self.method, "coverage": round(self.coverage, 4), "part": self.part}
        told |= {"found_in": self.found_in, **({"items": self.items} if self.items > 1 else {})}
        partner = partner_detail(item.file, item.row, item.prompt, item.response)
        told |= {"words": self.words, "partner": partner}
        return json.dumps(told, ensure_ascii=False)


Propose = Callable[[Sequence[str]], Sequence[tuple[int, float] | None]]
"""For each prompt the position of the item that means most nearly the same, and the cosine; or None."""


class Finder:
    """Looks for protected items in rows.

    Args:
        items: The protected items.
        propose: Proposes a paraphrased item for rows in which no words of one were found, by an embedding.
    """

    def __init__(self, items: Sequence[Item], propose: Propose | None = None) -> None:
        self.items = items
        self.propose = propose
        self.index = ProbeIndex(probes_of(items))
        self._known: dict[int, ProbeFacts] = {}
        self._answers = [tuple(words(i.response)) if len(i.response) < MAX_ANSWER else () for i in items]

    def _facts(self, number: int) -> ProbeFacts:
        if number not in self._known:
            self._known[number] = ProbeFacts(self.index, number)
        return self._known[number]

    def find(self, batch: pa.Table) -> list[Finding | None]:
        """The best finding in each row of a batch with the ROWS schema."""
        rows = rows_of(batch)
        rejected = rows.rejected()
        texts = [RowText(turns, lost) for turns, lost in zip(rows.messages, rejected, strict=True)]
        encoded = [self.index.encode(text.told) for text in texts]
        likely = self.index.candidates(encoded)
        found: list[Finding | None] = [None] * len(texts)
        bounds = np.searchsorted(likely.texts, np.arange(len(texts) + 1))
        for row in np.unique(likely.texts).tolist():
            mine = slice(bounds[row], bounds[row + 1])
            order = np.argsort(-likely.coverage[mine], kind="stable")[:MAX_PROBES]
            probes = zip(
                likely.probes[mine][order].tolist(), likely.coverage[mine][order].tolist(), strict=True
            )
            found[row] = self._best(texts[row], encoded[row], probes)
        return found if self.propose is None else self._with_paraphrases(self.propose, rows.prompts, found)

    def _with_paraphrases(
        self, propose: Propose, prompts: Sequence[str], found: list[Finding | None]
    ) -> list[Finding | None]:
        """What an embedding proposes for the other rows, where all numbers of the item are in the prompt."""
        for row, proposed in enumerate(propose(prompts)):
            if found[row] is not None or proposed is None:
                continue
            item, alike = self.items[proposed[0]], proposed[1]
            wanted = {w for w in words(item.prompt) if is_number(w)}
            if wanted <= set(words(prompts[row])):
                told = " ".join(words(prompts[row]))[:SHOWN]
                found[row] = Finding(item, "piece", "embedding", alike, "prompt", "prompt", told, 1)
        return found

    def _best(self, text: RowText, ids: np.ndarray, probes: Iterable[tuple[int, float]]) -> Finding | None:
        """The best finding among the likeliest probes; a whole one ends the search for pieces."""
        matches: dict[int, list[tuple[str, Match]]] = {}
        done = False
        for number, coverage in probes:
            probe = self.index.probes[number]
            if done and coverage < BESIDE_WHOLE and probe.item not in matches:
                continue
            if self.index.long[number]:
                match = compare(self.index, self._facts(number), ids, text.told)
            else:
                match = find_short(probe, self._answers[probe.item], text)
            if match is not None:
                match = self._weighed(match, probe, text)
                matches.setdefault(probe.item, []).append((probe.part, match))
                done = done or (match.extent == "whole" and probe.part == "prompt")
        found = [f for item, told in matches.items() if (f := self._finding(item, told, text)) is not None]
        if not found:
            return None
        best = max(found, key=lambda f: (_ORDER.index(f.extent), f.part != "response", f.coverage))
        return best._replace(items=max(sum(f.extent == "whole" for f in found), 1))

    def _weighed(self, match: Match, probe: Probe, text: RowText) -> Match:
        """A match with what stands around it: a turn that is a fragment and nothing else is a piece."""
        if match.extent == "fragment":
            start, stop = text.turn(match.start)
            fills = match.stop - match.start >= FILLS * (stop - start)
            return match._replace(extent="piece" if fills else "trace")
        if match.extent == "whole" and not probe.alone and not self._is_same(match, probe, text):
            return match._replace(extent="piece" if probe.says_enough else "trace")
        return match

    def _is_same(self, match: Match, probe: Probe, text: RowText) -> bool:
        """Whether a question without its passage or options is the item's: options or answer follow."""
        if answer_follows(text.told, match.stop, self._answers[probe.item]):
            return True
        reach = 3 * sum(map(len, probe.options)) + OPTIONS_WITHIN
        around = text.told[match.stop : match.stop + reach]
        there = sum(find_words(around, option) >= 0 for option in probe.options)
        if there:
            return there >= OPTIONS_THERE * len(probe.options)
        return bool(probe.options) and probe.says_enough and not any(map(lists_options, text.texts))

    def _finding(self, item: int, told: Sequence[tuple[str, Match]], text: RowText) -> Finding | None:
        """What the matches of one item say together."""
        prompt = _strongest([m for part, m in told if part == "prompt"])
        response = _strongest([m for part, m in told if part == "response"])
        if prompt is not None and response is not None and _echoes(prompt, response):
            prompt = None
        if (
            prompt is not None
            and prompt.extent == "whole"
            and any(part == "prompt" and m.extent == "template" for part, m in told)
        ):
            prompt = prompt._replace(extent="piece")  # the question, about a passage with other numbers
        shown = [m for m in (prompt, response) if m is not None and m.extent in SHOWN_EXTENTS]
        if not shown:
            return None
        answered = response is not None and response.extent == "whole"
        asked = prompt is not None and prompt.extent == "whole"
        beside = prompt is not None and response is not None and answered and _stand_apart(prompt, response)
        main = prompt if prompt is not None and (prompt in shown or beside) else shown[0]
        part = "response" if main is response else "both" if response in shown else "prompt"
        extent = "whole" if asked or beside else "phrase" if main.extent == "phrase" else "piece"
        place = text.place(main.start)
        found = " ".join(text.told[main.start : main.stop])[:SHOWN]
        return Finding(self.items[item], extent, main.method, main.coverage, part, place, found, 1)


_ORDER = ("template", "trace", "phrase", "piece", "whole")


def _strongest(matches: Sequence[Match]) -> Match | None:
    return max(matches, key=lambda m: (_ORDER.index(m.extent), m.coverage), default=None)


def _echoes(prompt: Match, response: Match) -> bool:
    """Whether what was found of the question are words of the answer, which repeats it."""
    if prompt.method == "exact" or response.extent != "whole":
        return False
    return _shared(prompt, response) > 0.5 * (prompt.stop - prompt.start)


def _stand_apart(prompt: Match, response: Match) -> bool:
    """Whether enough of the question stands beside the answer; a passage may hold its own answer."""
    apart = _shared(prompt, response) <= 0.5 * (response.stop - response.start)
    return apart and prompt.extent != "template" and prompt.coverage >= PROMPT_BESIDE_RESPONSE


def _shared(one: Match, other: Match) -> int:
    return min(one.stop, other.stop) - max(one.start, other.start)


@functools.lru_cache(maxsize=2)
def finder_for(against: tuple[str, ...], folder: Path, content: tuple[str, ...]) -> Finder:
    """The finder over some reference files, made once in a process.

    Args:
        against: The files, as `read_reference` takes them.
        folder: Where relative ones are looked for first.
        content: Their hashes, so that a changed file is read again.
    """
    items = items_of(protected_rows(against, folder, content)[0])
    return Finder(items, proposer([item.prompt for item in items], encoder_for(STATIC)))


@functools.lru_cache(maxsize=2)
def protected_rows(
    against: tuple[str, ...], folder: Path, _content: tuple[str, ...]
) -> tuple[pa.Table, list[ReferenceFile]]:
    """The rows of reference files and what the run card records of each, read once in a process."""
    return read_reference_files(against, folder)
