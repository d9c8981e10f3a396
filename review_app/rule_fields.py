"""The fields that a `--where` rule may name, as columns over the kept rows of a run.

row_id  content_id  source.file  source.row  label  review  edited
STEP                what a step assigned (language, split), or its score (quality)
STEP.score  STEP.value  STEP.reason  STEP.action
meta.NAME           what the row had besides, such as meta.task; meta.a.b looks inside objects
"""

from __future__ import annotations

import json
import math
from typing import Any

import pyarrow as pa
import pyarrow.compute

from ..curate.contents import one_array
from ..curate.ledger import Ledger
from ..schemas.errors import did_you_mean
from .rule_mask import Column
from .rule_tree import Rule
from .rules import rule_error

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

OWN = ("row_id", "content_id", "source.file", "source.row", "label", "review", "edited")
MEMBERS = ("score", "value", "reason", "action")


class Fields:
    """The fields of one run's kept rows, read as they are asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._steps = [s.step for s in ledger.card.steps]
        self._metas: list[dict[str, Any]] | None = None

    def columns(self, rule: Rule) -> dict[str, Column]:
        """A column for each field of a rule.

        Raises:
            RecipeError: A field that no kept row has.
        """
        found: dict[str, Column] = {}
        for field in rule.fields():
            column = self._column(field.name)
            if column is None and field.name in self._steps:
                fix = f"use {field.name}.action or {field.name}.reason"
                what = f"step {field.name!r} assigns no value and gives no score"
                raise rule_error(what, rule.text, field.at, fix)
            if column is None:
                known = self.known(field.name)
                raise rule_error(
                    f"unknown field {field.name!r}", rule.text, field.at, did_you_mean(field.name, known)
                )
            found[field.name] = column
        return found

    def known(self, near: str = "") -> list[str]:
        """Every field there is; those of `meta` and of single steps where `near` looks at them."""
        names = [*OWN, *self._steps]
        step, dot, _ = near.partition(".")
        if step == "meta":
            names += sorted({f"meta.{key}" for meta in self._meta() for key in meta})
        elif dot and step in self._steps:
            names += [f"{step}.{member}" for member in MEMBERS]
        return names

    def _column(self, name: str) -> Column | None:
        step, _, member = name.rpartition(".")
        if name in OWN:
            return Column.of(self._own(name))
        if name.startswith("meta."):
            return self._meta_column(name.split(".")[1:])
        if name in self._steps:
            told = self._ledger.label(name)
            return Column.of(told) if told.null_count < len(told) or not len(told) else None
        if step in self._steps and member in MEMBERS:
            return Column.of(self._ledger.label(step, member))
        return None

    def _own(self, name: str) -> pa.Array:
        kept = pa.array(self._ledger.kept_mask)
        if name == "row_id":
            return self._ledger.kept()
        if name == "content_id":
            return one_array(self._ledger.content_ids()["content_id"])
        if name == "review":
            return one_array(self._ledger.states["review"].filter(kept))
        if name == "edited":
            return pa.array(self._ledger.contents.last_edit >= 0).filter(kept)
        column, _, member = name.partition(".")
        array = self._stored(column)
        return pc.struct_field(array, member) if member else array

    def _stored(self, column: str) -> pa.Array:
        return self._ledger.stored(column).filter(pa.array(self._ledger.kept_mask))

    def _meta(self) -> list[dict[str, Any]]:
        if self._metas is None:
            self._metas = [json.loads(text) for text in self._stored("meta").to_pylist()]
        return self._metas

    def _meta_column(self, path: list[str]) -> Column | None:
        values = [_inside(meta, path) for meta in self._meta()]
        if all(value is None for value in values):
            return None
        truths = [v if isinstance(v, bool) else None for v in values]
        numbers = [
            float(v) if isinstance(v, int | float) and not isinstance(v, bool) else None for v in values
        ]
        texts = [v if isinstance(v, str) else None for v in values]
        return Column(
            pa.array([v is not None for v in values], pa.bool_()),
            {
                "text": pa.array(texts, pa.string()),
                "number": pa.array(numbers, pa.float64()),
                "truth": pa.array(truths, pa.bool_()),
            },
        )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


def _inside(value: Any, path: list[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
