"""How near the texts are that two reviewers made of one row."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from .figure import Figure, undefined
from .resample import RESAMPLES, SEED, bootstrap
from .votes import BLIND

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

NAME = "distance of edits"
NO_PAIR = "no row was edited by two people"
SIGNS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
TOKEN = re.compile(rf"[^\W{SIGNS}]+|[^\s]")
"""Words; every other sign by itself, Chinese, Japanese and Korean ones too."""


@dataclass(frozen=True)
class EditAgreement:
    """How far the edits of two people to one row are apart.

    Args:
        distance: Mean token edit distance of two people's texts: 0 the same, 1 nothing in common.
        identical: Pairs of texts that are the same.
        pairs: Pairs of people with a text for the same row.
        rows: Rows that two or more people edited.
    """

    distance: Figure
    identical: int
    pairs: int
    rows: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def edit_agreement(
    editions: pa.Table, *, votes: pa.Table | None = None, seed: int = SEED, resamples: int = RESAMPLES
) -> EditAgreement:
    """Compare what different people made of one row.

    Args:
        editions: `EDITIONS` of schemas/review.py.
        votes: Standing votes (`Store.votes`): the texts that people approved in place of the one shown are
            compared. None takes every writer's last.
        seed: Seed of the bootstrap.
        resamples: Its resamples.
    """
    texts = _last(editions) if votes is None else _approved(editions, votes)
    means, raters, pairs, identical = [], set(), 0, 0
    for by_person in texts.values():
        if len(by_person) < 2:
            continue
        found = [distance(a, b) for a, b in combinations(by_person.values(), 2)]
        means.append(sum(found) / len(found))
        raters |= set(by_person)
        pairs += len(found)
        identical += sum(d == 0 for d in found)
    if not means:
        return EditAgreement(undefined(NAME, NO_PAIR), 0, 0, 0)
    figure = _figure(np.array(means), len(raters), seed, resamples)
    return EditAgreement(figure, identical, pairs, len(means))


def _figure(means: np.ndarray, raters: int, seed: int, resamples: int) -> Figure:
    values, frequencies = np.unique(means, return_counts=True)
    n = len(means)
    interval = bootstrap(frequencies, lambda d: d @ values / n, seed=seed, resamples=resamples)
    low, high = interval or (None, None)
    method = f"bootstrap over rows, {resamples} resamples" if interval else "no interval: too few rows"
    return Figure(NAME, float(means.mean()), low, high, method, units=n, raters=raters)


Texts = dict[str, dict[str, list[str]]]
"""The turns of each row and person."""


def _last(editions: pa.Table) -> Texts:
    """The last text of each row and writer, rows in order."""
    columns = [editions[name].to_pylist() for name in ("row_id", "actor", "at", "payload")]
    found: Texts = defaultdict(dict)
    for row, actor, _, payload in sorted(
        zip(*columns, strict=True), key=lambda line: (line[0], line[2] or "")
    ):
        found[row][actor] = turns(payload)
    return found


def _approved(editions: pa.Table, votes: pa.Table) -> Texts:
    """The text that each person approved in place of the one shown.

    It is found by its content: of two people who wrote the very same text, the record keeps it once.
    """
    columns = [editions[name].to_pylist() for name in ("row_id", "content_id", "payload")]
    payloads = {(row, content): payload for row, content, payload in zip(*columns, strict=True)}
    blind = pc.is_in(votes["task"], pa.array(BLIND))
    edited = pc.fill_null(pc.not_equal(votes["content_id"], votes["shown_id"]), False)
    chosen = votes.filter(pc.and_(pc.and_(pc.equal(votes["action"], "approve"), edited), blind))
    found: Texts = defaultdict(dict)
    columns = [chosen[name].to_pylist() for name in ("row_id", "actor", "content_id")]
    for row, actor, content in sorted(zip(*columns, strict=True)):
        if (row, content) in payloads:
            found[row][actor] = turns(payloads[row, content])
    return found


def turns(payload: str) -> list[str]:
    """The texts of an edition in order: one a turn, tool calls, and the losing answer."""
    content = json.loads(payload)
    messages = [*(content.get("messages") or []), *(content.get("rejected") or [])]
    return [_text(message) for message in messages]


def _text(message: dict[str, Any]) -> str:
    said = message.get("content")
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False) if said else ""
    calls = message.get("tool_calls")
    return f"{text}\n{json.dumps(calls, ensure_ascii=False, sort_keys=True)}" if calls else text


def distance(a: Sequence[str], b: Sequence[str]) -> float:
    """Normalised token edit distance over the turns in which two texts differ; 0 where none does.

    Turns that both leave alike are left out, so that a long common prompt does not hide two different
    answers.

    Args:
        a: Turns of one text.
        b: Turns of the other.

    Source: Levenshtein 1966, over tokens, divided by the tokens of the longer text.
    """
    from rapidfuzz.distance import Levenshtein

    size = max(len(a), len(b))
    padded = ([*turns, *[""] * (size - len(turns))] for turns in (a, b))
    steps = total = 0
    for one, other in zip(*padded, strict=True):
        if one == other:
            continue
        first, second = TOKEN.findall(one), TOKEN.findall(other)
        if first == second:
            first, second = list(one), list(other)  # they differ in white space alone
        steps += Levenshtein.distance(first, second)
        total += max(len(first), len(second))
    return steps / total if total else 0.0
