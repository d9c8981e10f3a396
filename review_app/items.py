"""From a finished run to the queue: rows, groups of near-duplicates and pairs, each with why it is here.

Nothing here reads what rows say: an item holds names, and the app asks `content` for the texts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute

from ..curate.contents import one_array
from ..curate.ledger import Ledger
from ..schemas.errors import RecipeError, did_you_mean
from ..schemas.review import DECISIONS, ReviewItem
from .groups import near_groups
from .kept import Kept
from .orders import ORDERS, Ordered, Orders, draws
from .pairs import pairs_of

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

OVERLAP_PEOPLE = 2
"""How many people decide an item of the overlap, for figures of agreement."""
FIRST = 2_000
"""Rows that come before the groups: the app opens when they are there."""
CHANGED = "its content changed since it was decided on; "


class QueuePolicy(Protocol):
    """What of a policy the queue depends on.

    Attributes:
        order: One of ORDERS.
        overlap_ratio: Share of rows and pairs that two people decide, in [0, 1].
        seed: Of random orders and of the overlap.
    """

    @property
    def order(self) -> str: ...

    @property
    def overlap_ratio(self) -> float: ...

    @property
    def seed(self) -> int: ...


def review_items(
    ledger: Ledger, policy: QueuePolicy, decisions: pa.Table | None = None
) -> Iterator[ReviewItem]:
    """Every item of a run, each task ranked from 0: the first rows, the groups, the pairs, the other rows.

    Which rows are in the overlap depends on seed and row_id alone, and so does the random order.

    Args:
        ledger: The run.
        policy: Order, overlap and seed.
        decisions: What stands, as `Store.current` gives it: rows whose content changed since say so, and
            groups and pairs that were settled row by row are left out. None is no decision.

    Raises:
        RecipeError: No such order.
    """
    if policy.order not in ORDERS:
        raise RecipeError(
            f"no order {policy.order!r}", where="review policy", fix=did_you_mean(policy.order, ORDERS)
        )
    decided = DECISIONS.empty_table() if decisions is None else decisions
    kept = Kept(ledger)
    orders = Orders(kept, policy.seed)
    ordered = orders.order(policy.order)
    settled = Settled(decided, kept)
    rows = _rows(kept, ordered, settled, orders.twice(policy.overlap_ratio))
    pairs = _pairs(kept, ordered, settled, policy)
    return itertools.chain(itertools.islice(rows, FIRST), _groups(kept, settled), pairs, rows)


class Settled:
    """What people and rules decided, by place among the kept rows.

    Args:
        decisions: As `Store.current` gives them.
        kept: The kept rows.
    """

    def __init__(self, decisions: pa.Table, kept: Kept) -> None:
        self.changed: set[int] = set()
        """Decided on, but with another content."""
        self._rejected: dict[int, str | None] = {}
        places = pc.index_in(one_array(decisions["row_id"]), value_set=kept.row_ids).to_pylist()
        shown = pc.coalesce(decisions["shown_id"], decisions["content_id"]).to_pylist()
        told = (decisions["action"].to_pylist(), decisions["reason"].to_pylist())
        for place, content, action, reason in zip(places, shown, *told, strict=True):
            if place is None:
                continue
            if content != kept.contents[place]:
                self.changed.add(place)
            elif action == "reject":
                self._rejected[place] = reason

    def leaves_open(self, places: tuple[int, ...], own: tuple[str, ...], least: int) -> bool:
        """Whether an item of some rows is still a question, or was decided as that item.

        Args:
            places: The item's rows.
            own: Reasons that only a decision on such an item gives.
            least: Rows that must not stand rejected for there to be a question.
        """
        reasons = [self._rejected[place] for place in places if place in self._rejected]
        return len(places) - len(reasons) >= least or any(reason in own for reason in reasons)


def _rows(kept: Kept, ordered: Ordered, settled: Settled, overlap: np.ndarray) -> Iterator[ReviewItem]:
    ids, contents = kept.names, kept.contents
    need = np.where(overlap, OVERLAP_PEOPLE, 1).tolist()
    for rank, place in enumerate(ordered.rows.tolist()):
        changed = CHANGED if place in settled.changed else ""
        yield ReviewItem(
            task="review",
            item_id=ids[place],
            row_ids=(ids[place],),
            content_ids=(contents[place],),
            rank=rank,
            why=f"{changed}{ordered.why[place]}",
            need=need[place],
        )


def _groups(kept: Kept, settled: Settled) -> Iterator[ReviewItem]:
    groups = near_groups(kept)
    open_groups = (g for g in groups if settled.leaves_open(g.rows, ("not_kept",), 2))
    for rank, group in enumerate(open_groups):
        yield ReviewItem(
            task="group",
            item_id=group.group_id,
            row_ids=tuple(kept.names[i] for i in group.rows),
            content_ids=tuple(kept.contents[i] for i in group.rows),
            rank=rank,
            why=group.why,
        )


def _pairs(kept: Kept, ordered: Ordered, settled: Settled, policy: QueuePolicy) -> Iterator[ReviewItem]:
    pairs = pairs_of(kept, ordered.rows)
    open_pairs = [p for p in pairs if settled.leaves_open(p.rows, p.own_reasons, len(p.rows))]
    overlap = draws([p.pair_id for p in open_pairs], policy.seed)[:, 1] < policy.overlap_ratio
    for rank, (pair, twice) in enumerate(zip(open_pairs, overlap.tolist(), strict=True)):
        yield ReviewItem(
            task="pair",
            item_id=pair.pair_id,
            row_ids=tuple(kept.names[i] for i in pair.rows),
            content_ids=tuple(kept.contents[i] for i in pair.rows),
            rank=rank,
            why=pair.why,
            need=OVERLAP_PEOPLE if twice else 1,
        )
