"""What people decided, applied to the run: rejected rows go, edited ones change, disagreements wait."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from ...schemas.arrow import BESIDES
from ...schemas.errors import StepError
from ...schemas.example import canonical_json
from ...schemas.files import atomic
from ...schemas.workspace import Workspace
from ..contents import one_array
from ..editions import WRITTEN, written
from ..standing import Decided, State
from ..step import KEEP, Opinion, verdicts

ACTIONS: Mapping[State, tuple[str, str | None, str]] = {
    State.APPROVED: ("keep", None, "approved"),
    State.EDITED: ("edit", "edited_by_reviewer", "approved"),
    State.REJECTED: ("drop", "rejected_by_reviewer", "rejected"),
    State.DISPUTED: ("review", "reviewers_disagree", "disputed"),
    State.CHANGED: ("review", "changed_since_decision", "changed"),
}
"""What stands for a row to action, reason and value of its verdict."""
TOLD = ("actor", "at", "reason", "note", "rule")
"""Members of a decision that a verdict's detail repeats."""
PROPOSALS = pa.schema(
    [pa.field("row_id", pa.string()), pa.field("held", pa.list_(pa.string())), *WRITTEN],
)
"""An approved edit: the row and the contents that it holds for, and the content that it gives."""


class Human:
    """Applies standing decisions to the rows that they were made on.

    A decision is never applied to content that it was not made on: such a row goes to a person again.

    Args:
        decided: The decisions and what reviewers wrote; None keeps every row.
        head: Events in the record and the hash of the last, for the run card.
    """

    name = "human"
    edits = True
    settles = frozenset({"approved"})
    reasons = {
        "rejected_by_reviewer": "A reviewer rejected the row.",
        "edited_by_reviewer": "A reviewer edited the row and approved it so.",
        "reviewers_disagree": "Reviewers disagree about the row, and nobody has settled it.",
        "changed_since_decision": "The row has other content now than a reviewer decided on.",
    }

    def __init__(self, decided: Decided | None = None, *, head: tuple[int, str] | None = None) -> None:
        self._decided = decided
        self._head = head
        self._proposals = PROPOSALS.empty_table() if decided is None else proposals(decided)
        listed = self._proposals.select(["row_id", "held", "content_id"]).to_pylist()
        self._digest = hashlib.blake2b(canonical_json(listed).encode(), digest_size=12).hexdigest()
        self._file: Path | None = None

    @property
    def measure_params(self) -> dict[str, str]:
        """The edits; other decisions are read by `decide` alone."""
        return {"edits": self._digest}

    def prepare(self, folder: Path, space: Workspace) -> Mapping[str, Any] | None:  # noqa: ARG002  the protocol's
        """Put the edits where worker processes read them, and say which record was read."""
        if self._decided is None:
            return None
        if self._proposals.num_rows:
            self._file = space.measures / "human" / f"{self._digest}.arrow"
            _store(self._proposals, self._file)
        events, last = self._head or (None, None)
        decisions = self._decided.decisions.num_rows
        return {"events": events, "hash": last, "decisions": decisions, "edits": self._proposals.num_rows}

    def __getstate__(self) -> dict[str, Any]:
        """Workers measure, and read the edits from the file; a step without one takes everything along."""
        if self._file is None:
            return self.__dict__
        return {**self.__dict__, "_decided": None, "_proposals": None}

    def measure(self, batch: pa.Table) -> pa.Table:
        edits = _Edits.of(self._proposals) if self._file is None else _stored(str(self._file))
        named = zip(*(batch.column(n).to_pylist() for n in ("row_id", "content_id")), strict=True)
        lines = [edits.line(row, content) for row, content in named]
        proposed = edits.table.take(pa.array(lines, pa.int64()))
        columns = {name: one_array(proposed.column(name)) for name in ("messages", *BESIDES)}
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "content_id": batch.column("content_id"),
                "edition": one_array(proposed.column("content_id")),
                **columns,
            }
        )

    def decide(self, measures: pa.Table) -> pa.Table:
        ids = measures.column("row_id")
        if self._decided is None:
            return verdicts(ids, self.name, [KEEP] * len(ids))
        found = self._decided.match(one_array(ids), one_array(measures.column("content_id")))
        editions = measures.column("edition").to_pylist()
        opinions = [KEEP] * len(ids)
        told = np.flatnonzero(found.state != State.OPEN)
        for i, line in zip(told.tolist(), self._decided.lines(found.at[told]), strict=True):
            state = State(int(found.state[i]))
            if state == State.EDITED and editions[i] != line["content_id"]:
                raise _lost(ids[i].as_py())
            action, reason, value = ACTIONS[state]
            detail = _detail(line, own=bool(found.own[i]))
            opinions[i] = Opinion(action, reason, value=value, detail=detail)
        return verdicts(ids, self.name, opinions)


def proposals(decided: Decided) -> pa.Table:
    """The approved edits as a table of `PROPOSALS`: those of people first, then in the order of decisions.

    Raises:
        WorkspaceError: An edit that is not the one that was approved.
    """
    lines = decided.edited_lines()
    columns = decided.decisions.select(["row_id", "content_id"]).take(pa.array(lines, pa.int64()))
    held = [sorted(decided.contents_held(line)) for line in lines]
    new = written(decided.editions, columns["content_id"].to_pylist())
    arrays = [one_array(columns["row_id"]), pa.array(held, pa.list_(pa.string()))]
    return pa.Table.from_arrays([*arrays, *(one_array(c) for c in new.columns)], schema=PROPOSALS)


class _Edits(NamedTuple):
    """Approved edits, found by row or by content."""

    table: pa.Table
    by_row: dict[str, int]
    by_content: dict[str, int]

    @classmethod
    def of(cls, table: pa.Table) -> _Edits:
        by_row: dict[str, int] = {}
        by_content: dict[str, int] = {}
        for i, line in enumerate(table.select(["row_id", "held", "content_id"]).to_pylist()):
            by_row[line["row_id"]] = i
            for content in line["held"]:
                if content != line["content_id"]:
                    by_content.setdefault(content, i)
        return cls(table, by_row, by_content)

    def line(self, row_id: str, content: str) -> int | None:
        """The edit that may be meant for a row; `decide` says whether it is."""
        return self.by_row.get(row_id, self.by_content.get(content))


@functools.lru_cache(maxsize=1)
def _stored(path: str) -> _Edits:
    return _Edits.of(pa.ipc.open_file(pa.memory_map(path)).read_all())


def _store(table: pa.Table, path: Path) -> None:
    """Write a table for worker processes, in place of those of earlier records."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.iterdir():
        if old != path:
            old.unlink()
    with (
        atomic(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table.combine_chunks())


def _detail(line: Mapping[str, Any], *, own: bool) -> str:
    """Which decision it was, who made it, when and why; the row, where it was made on another."""
    told = {"decision": line["seq"], **{name: line[name] for name in TOLD}}
    told |= {"row": None if own else line["row_id"]}
    told |= {"votes": line["votes"] if (line["votes"] or 0) > 1 else None}
    return json.dumps({k: v for k, v in told.items() if v is not None}, ensure_ascii=False)


def _lost(row_id: str) -> StepError:
    return StepError(
        f"the edit of row {row_id!r} was not measured", where="step 'human'", fix="report this as a bug"
    )
