"""Counts by input file, by language and by split."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from ..contents import one_array
from ..ledger import Ledger

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them


@dataclass(frozen=True)
class Languages:
    """Rows by language.

    Args:
        labelled: Rows that the language step saw, by language, most first.
        kept: Kept rows by language.
        splits: Names of the splits in the order of the recipe; empty without a split step.
        cells: Kept rows by (language, split).
    """

    labelled: dict[str, int]
    kept: dict[str, int]
    splits: list[str]
    cells: dict[tuple[str, str], int]


def kept_by_file(ledger: Ledger) -> dict[str, int]:
    """Kept rows of each input file."""
    source = one_array(pq.read_table(ledger.workspace.rows, columns=["source"]).column("source"))
    return _counts(pc.struct_field(source, "file").filter(pa.array(ledger.kept_mask)))


def languages(ledger: Ledger) -> Languages | None:
    """Rows by language and split; None where no step labels languages.

    Without a language step but with a split, every row counts under "all languages".
    """
    steps = {s.step for s in ledger.card.steps}
    if not steps & {"language", "split"}:
        return None
    n = int(np.count_nonzero(ledger.kept_mask))
    tongue = ledger.label("language", "value") if "language" in steps else _constant("all languages", n)
    part = ledger.label("split", "value") if "split" in steps else None
    tongue = pc.fill_null(tongue, "not labelled")
    labelled = _counts(one_array(ledger.step_verdicts("language")["value"])) if "language" in steps else {}
    return Languages(labelled or _counts(tongue), _counts(tongue), _splits(part), _cells(tongue, part))


def strata(ledger: Ledger) -> dict[str, dict[str, int]]:
    """Rows of each stratum by split, the largest first; empty where rows are stratified by language alone."""
    named = {step.get("use"): step for step in ledger.card.recipe.get("steps", ())}
    if named.get("split", {}).get("stratify", ["language"]) == ["language"]:
        return {}
    told = ledger.step_verdicts("split", ["value", "detail"])
    grouped = told.group_by(["value", "detail"], use_threads=False).aggregate([([], "count_all")])
    found: dict[str, dict[str, int]] = {}
    for row in grouped.to_pylist():
        stratum = json.loads(row["detail"] or "{}").get("stratum", "none")
        counts = found.setdefault(stratum, {})
        counts[row["value"]] = counts.get(row["value"], 0) + row["count_all"]
    return dict(sorted(found.items(), key=lambda x: (-sum(x[1].values()), x[0])))


def _splits(part: pa.Array | None) -> list[str]:
    if part is None:
        return []
    usual = ("train", "validation", "test")
    found = set(_counts(part))
    return [s for s in usual if s in found] + sorted(found - set(usual))


def _cells(tongue: pa.Array, part: pa.Array | None) -> dict[tuple[str, str], int]:
    if part is None:
        return {}
    table = pa.table({"language": tongue, "split": pc.fill_null(part, "not labelled")})
    grouped = table.group_by(["language", "split"], use_threads=False).aggregate([([], "count_all")])
    return {(r["language"], r["split"]): r["count_all"] for r in grouped.to_pylist()}


def _constant(value: str, n: int) -> pa.Array:
    return pa.array([value], pa.string()).take(pa.array(np.zeros(n, np.int64)))


def _counts(values: pa.Array) -> dict[str, int]:
    filled = pc.fill_null(values, "not labelled")
    pairs = [(c["values"], c["counts"]) for c in pc.value_counts(filled).to_pylist()]
    return dict(sorted(pairs, key=lambda p: (-p[1], p[0])))
