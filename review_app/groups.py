"""Groups of kept rows that are near each other, of which a reviewer keeps the best."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute

from .kept import Kept
from .names import item_names

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

STEP = "near_duplicate"
SHOWN = 9
"""Most rows of a group: as many as there are number keys."""
NEAR = 0.5
"""Similarity of both prompt and response from which two rows are worth comparing."""


@dataclass(frozen=True)
class Group:
    """Near rows.

    Args:
        group_id: Hash of the rows' contents: the same in another run over the same rows.
        rows: Places among the kept rows, in input order.
        nearness: Mean similarity of its links, in [0, 1].
        why: What the reviewer is told.
    """

    group_id: str
    rows: tuple[int, ...]
    nearness: float
    why: str


@dataclass(frozen=True)
class Link:
    """Two kept rows that the step compared; `meaning` where their words differ more than their sense."""

    left: int
    right: int
    score: float
    meaning: bool


def near_groups(kept: Kept) -> list[Group]:
    """Groups of 2 to SHOWN rows, by number of rows times nearness, the largest first.

    Each row is in one group at most. Rows that contradict each other are no group: they are a pair.

    Args:
        kept: The kept rows of a run.
    """
    verdicts = kept.verdicts
    told = kept.told(verdicts.equal("step", STEP) & verdicts.valid("related_id"))
    alike = pc.or_(
        pc.equal(told["action"], "keep"), pc.fill_null(pc.equal(told["reason"], "same_meaning"), False)
    )
    links = sorted(links_of(told.filter(alike)), key=lambda k: (-k.score, k.left, k.right))
    dropped = told.filter(pc.equal(told["reason"], "near_duplicate"))
    return _told(cut(joined(links)), links, kept.contents, Counter(dropped["partner"].to_pylist()))


def links_of(told: pa.Table) -> list[Link]:
    """The links that verdicts tell, each once, from the earlier row to the later."""
    columns = (told[name].to_pylist() for name in ("place", "partner", "score", "reason"))
    links = (
        Link(min(a, b), max(a, b), score, reason is not None)
        for a, b, score, reason in zip(*columns, strict=True)
        if a >= 0 and b >= 0 and a != b and score is not None and score >= NEAR
    )
    return list({(link.left, link.right): link for link in links}.values())


def joined(links: Iterable[Link]) -> list[list[int]]:
    """Rows that links join; each list in the order in which its rows came together, the nearest first.

    Args:
        links: The nearest first.
    """
    part: dict[int, list[int]] = {}
    for link in links:
        left, right = (part.setdefault(row, [row]) for row in (link.left, link.right))
        if left is right:
            continue
        more, less = (left, right) if len(left) >= len(right) else (right, left)
        more.extend(less)
        for row in less:
            part[row] = more
    return list({id(rows): rows for rows in part.values()}.values())


def cut(parts: Iterable[list[int]]) -> list[tuple[int, ...]]:
    """Parts of SHOWN rows at most, of nearly equal size, cut where rows came together last."""
    pieces: list[tuple[int, ...]] = []
    for rows in parts:
        number = -(-len(rows) // SHOWN)
        bounds = [len(rows) * i // number for i in range(number + 1)]
        pieces += [tuple(sorted(rows[a:b])) for a, b in itertools.pairwise(bounds)]
    return pieces


def _told(
    pieces: list[tuple[int, ...]], links: list[Link], contents: list[str], dropped: Counter[int | None]
) -> list[Group]:
    home = {row: number for number, rows in enumerate(pieces) for row in rows}
    inside: list[list[Link]] = [[] for _ in pieces]
    for link in links:
        if home[link.left] == home[link.right]:
            inside[home[link.left]].append(link)
    names = item_names("group", ([contents[row] for row in rows] for rows in pieces))
    groups = [
        Group(name, rows, _mean(own), _why(rows, own, sum(dropped[row] for row in rows)))
        for name, rows, own in zip(names, pieces, inside, strict=True)
    ]
    return sorted(groups, key=lambda g: (-len(g.rows) * g.nearness, g.rows))


def _mean(links: list[Link]) -> float:
    return sum(link.score for link in links) / len(links) if links else NEAR


def _why(rows: tuple[int, ...], links: list[Link], dropped: int) -> str:
    meaning = bool(links) and all(link.meaning for link in links)
    like = "mean nearly the same" if meaning else "are nearly alike"
    more = f"; {dropped} more dropped as near-duplicates of them" if dropped else ""
    return f"{len(rows)} rows that {like}{more}"
