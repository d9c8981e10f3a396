"""Train, validation and test: whole groups, by a hash that added rows cannot move; earlier splits win."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from ...schemas.step_options import SplitOptions
from ...schemas.workspace import Workspace
from ..groups import Groups
from ..old_splits import Earlier, OldSplits, find_earlier, prompt_key
from ..rows import rows_of
from ..step import KEEP, Opinion, verdicts
from ..text import digest, unit_interval

NO_ID = frozenset(("", "-1", "none", "null", "nan", "n/a", "na", "unknown", "anonymous", "undefined"))
MANY_ROWS = 100
"""From this many rows on, an id that more than half of them share is none."""


class Split:
    """Assigns every row to train, validation or test.

    Rows are one group when they are linked by `near_duplicate`, have the same normalised prompt, or share a
    conversation, user or document. A group goes where the hash of its prompts falls, so that neither order
    nor other rows matter. A row that had a split in an earlier version keeps it, and its group follows.

    Args:
        options: Shares, group keys, strata, and where earlier splits are kept from.
        seed: Salt of the hash.
    """

    name = "split"
    version = 2
    sees_dropped = True
    reasons = {
        "split": "Assigned by the hash of the group's prompt.",
        "kept_split": "The row, or a row of its group, had this split in an earlier version.",
        "between_splits": "The row links rows that an earlier version has in several splits: it would leak.",
    }

    def __init__(self, options: SplitOptions | None = None, *, seed: int = 13) -> None:
        self.options = options or SplitOptions()
        self.seed = seed
        self.earlier: Earlier | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """The near-duplicates, and the labels to stratify by."""
        return ("near_duplicate", "near_duplicate.related_id", *self.options.stratify)

    @property
    def measure_params(self) -> dict[str, Any]:
        """The members of meta that are read."""
        return {"group_by": list(self.options.group_by), "stratify": list(self.options.stratify)}

    def prepare(self, folder: Path, space: Workspace) -> Mapping[str, Any] | None:
        """Find the version or file whose splits are kept."""
        self.earlier = find_earlier(self.options.keep_from, folder, space)
        if self.earlier is None:
            return None
        return {"keep_from": self.earlier.name, "sha256": self.earlier.sha256}

    def measure(self, batch: pa.Table) -> pa.Table:
        rows = rows_of(batch)
        prompts = [prompt_key(p, r) for p, r in zip(rows.prompts, rows.responses, strict=True)]
        metas = rows.metas()
        labels = [[_label(meta.get(name)) for name in self.options.stratify] for meta in metas]
        return pa.table(
            {
                "row_id": batch.column("row_id"),
                "content_id": batch.column("content_id"),
                "prompt_digest": pa.array(prompts, pa.binary(16)),
                "group_keys": pa.array([self._keys(meta) for meta in metas], pa.list_(pa.binary(16))),
                "labels": pa.array(labels, pa.list_(pa.string())),
            }
        )

    def _keys(self, meta: Mapping[str, Any]) -> list[bytes]:
        ids = ((name, _id(meta.get(name))) for name in self.options.group_by)
        return [digest(name, value) for name, value in ids if value is not None]

    def decide(self, measures: pa.Table) -> pa.Table:
        alive = measures.column("alive").to_pylist()
        prompts = measures.column("prompt_digest").to_pylist()
        heads = _groups(measures, alive, prompts)
        old = self.earlier.load() if self.earlier else OldSplits()
        ids = zip(*(measures.column(name).to_pylist() for name in ("content_id", "row_id")), strict=True)
        own = [old.of(content, row) for content, row in ids] if self.earlier else [None] * len(heads)
        told = _told(measures, alive, heads, own, old) if self.earlier else {}
        natural = {head: self._place(key) for head, key in _smallest(heads, prompts, alive).items()}
        sizes = Counter(head for head, lives in zip(heads, alive, strict=True) if lives)
        strata = _strata(measures, self.options.stratify)
        opinions = []
        for i, head in enumerate(heads):
            if not alive[i]:
                opinions.append(KEEP)
                continue
            facts: dict[str, Any] = {"group_rows": sizes[head]} if sizes[head] > 1 else {}
            facts |= {"stratum": strata[i]} if strata[i] else {}
            opinions.append(self._opinion(own[i], sorted(told.get(head, ())), natural[head], facts))
        return verdicts(measures.column("row_id"), self.name, opinions)

    def _opinion(self, own: str | None, told: Sequence[str], natural: str, facts: dict[str, Any]) -> Opinion:
        """What becomes of one row: its own earlier split, else its group's, else the hash's."""
        if len(told) > 1:
            facts["earlier_splits"] = told
        detail = json.dumps(facts) if facts else None
        if own is None and len(told) > 1:
            aside = "validation" if self.options.validation else "test"
            return Opinion("review", "between_splits", value=aside, detail=detail)
        value = own or (told[0] if told else natural)
        reason = "split" if value == natural else "kept_split"
        return Opinion("assign", reason, value=value, detail=detail)

    def _place(self, key: bytes) -> str:
        u = unit_interval(key, f"split:{self.seed}")
        if u < self.options.test:
            return "test"
        return "validation" if u < self.options.test + self.options.validation else "train"


def _id(value: Any) -> str | None:
    """An id as text; None where the value names nobody."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    text = str(value)
    return None if text.strip().casefold() in NO_ID else text


def _label(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None


def _groups(measures: pa.Table, alive: Sequence[bool], prompts: Sequence[bytes]) -> list[int]:
    """The first row of each row's group; dropped rows stand alone."""
    groups = Groups(len(alive))
    groups.join_equal([key if lives else None for key, lives in zip(prompts, alive, strict=True)])
    if "near_duplicate" in measures.column_names:
        linked = measures.column("near_duplicate").to_pylist()
        groups.join_equal([key if lives else None for key, lives in zip(linked, alive, strict=True)])
    keys = measures.column("group_keys").to_pylist()
    living = sum(alive)
    counts = Counter(key for mine, lives in zip(keys, alive, strict=True) if lives for key in mine)
    common = {key for key, n in counts.items() if living >= MANY_ROWS and 2 * n > living}
    seen: dict[Hashable, int] = {}
    for i, (mine, lives) in enumerate(zip(keys, alive, strict=True)):
        for key in mine:
            if lives and key not in common:
                groups.join(seen.setdefault(key, i), i)
    return groups.first_members().tolist()


def _smallest(heads: Sequence[int], prompts: Sequence[bytes], alive: Sequence[bool]) -> dict[int, bytes]:
    """The smallest prompt digest of each group: it does not depend on the order of rows."""
    found: dict[int, bytes] = {}
    for head, key, lives in zip(heads, prompts, alive, strict=True):
        if lives and (head not in found or key < found[head]):
            found[head] = key
    return found


def _told(
    measures: pa.Table, alive: Sequence[bool], heads: Sequence[int], own: Sequence[str | None], old: OldSplits
) -> dict[int, set[str]]:
    """The earlier splits of each group: of its rows, of their prompts, and of rows they stand for now."""
    told: dict[int, set[str]] = defaultdict(set)
    prompts = measures.column("prompt_digest").to_pylist()
    for i, head in enumerate(heads):
        if alive[i]:
            mine = own[i]
            told[head] |= old.by_prompt.get(prompts[i], set()) | ({mine} if mine else set())
    if "near_duplicate.related_id" in measures.column_names:
        where = {row_id: i for i, row_id in enumerate(measures.column("row_id").to_pylist())}
        for i, partner in enumerate(measures.column("near_duplicate.related_id").to_pylist()):
            mine, stands = own[i], where.get(partner)
            if mine is not None and not alive[i] and stands is not None:
                told[heads[stands]].add(mine)
    return told


def _strata(measures: pa.Table, names: Sequence[str]) -> list[str]:
    """The labels of each row as one text; "" where it has none."""
    given = measures.column("labels").to_pylist()
    columns: list[Sequence[str | None]] = []
    for at, name in enumerate(names):
        stepped = name in measures.column_names
        columns.append(measures.column(name).to_pylist() if stepped else [labels[at] for labels in given])
    if not columns:
        return [""] * len(given)
    told = zip(*columns, strict=True)
    return [" / ".join(part or "none" for part in parts) if any(parts) else "" for parts in told]
