"""What near-duplicates are told as: one opinion a row, and the group that a row belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa

from ..partners import partner_detail
from ..rows import prompt_of, response_of, rows_of
from ..step import KEEP, Opinion
from .dedupe import Found
from .meaning import Meant


class Told:
    """Opinions on all rows; what is told later stands.

    Args:
        ids: The row_ids, in order; those of foreign rows last.
        foreign: The foreign rows, which verdicts show because no file of the run holds them.
    """

    def __init__(self, ids: pa.ChunkedArray, foreign: pa.Table) -> None:
        self.ids = ids
        self.foreign = foreign
        self.own = len(ids) - foreign.num_rows
        self.opinions: list[Opinion] = [KEEP] * len(ids)

    def near(self, found: Iterable[Found], action: str, reason: str | None) -> None:
        """Rows and the kept rows that they were compared with, word by word."""
        for f in found:
            score = f.prompt if reason == "conflicting_answer" else f.score
            detail = {"prompt": round(f.prompt, 4), "response": round(f.response, 4)}
            self._tell((f.row, f.partner), action, reason, score, detail)

    def meaning(self, meant: Iterable[tuple[int, Meant]], action: str, encoder: str) -> None:
        """Rows that mean what a kept row means; where both go to review, each names the other."""
        for row, pair in meant:
            partner = pair.left if pair.right == row else pair.right
            names = ("prompt", "response", "words")
            detail = {name: round(getattr(pair, name), 4) for name in names} | {"encoder": encoder}
            score = min(pair.prompt, pair.response)
            self._tell((row, partner), action, "same_meaning", score, detail)
            if action == "review" and self.opinions[partner].reason != "same_meaning":
                self._tell((partner, row), action, "same_meaning", score, detail)

    def _tell(
        self,
        rows: tuple[int, int],
        action: str,
        reason: str | None,
        score: float,
        detail: Mapping[str, object],
    ) -> None:
        row, partner = rows
        if partner >= self.own:
            detail = {**detail, "partner": self._shown(partner - self.own)}
        related = self.ids[partner].as_py()
        self.opinions[row] = Opinion(
            action, reason, round(score, 4), related_id=related, detail=json.dumps(detail, ensure_ascii=False)
        )

    def _shown(self, place: int) -> dict[str, object]:
        rows = self.foreign.slice(place, 1)
        source = rows.column("source")[0].as_py()
        turns = rows_of(rows).messages[0]
        return partner_detail(source["file"], source["row"], prompt_of(turns), response_of(turns))

    def groups(self, links: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
        """Kept rows that are similar, whatever guards say, get the row_id of their group's first row."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        n = len(self.opinions)
        stays = np.array([opinion.action != "drop" for opinion in self.opinions], bool)
        stays[self.own :] = False
        left, right = (np.concatenate(side) for side in zip(*links, strict=True))
        both = stays[left] & stays[right]
        graph = coo_array((np.ones(both.sum(), np.int8), (left[both], right[both])), shape=(n, n))
        members = connected_components(graph, directed=False)[1]
        _, heads, sizes = np.unique(members, return_index=True, return_counts=True)
        for i in np.flatnonzero((sizes[members] > 1) & stays).tolist():
            self.opinions[i] = self.opinions[i]._replace(value=self.ids[int(heads[members[i]])].as_py())
