"""What shape a row has by its members, so that a row for another target is told in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from ....schemas.providers.problems import RowProblem

_SHAPES = (
    ("messages",),
    ("conversations",),
    ("conversation",),
    ("dialog",),
    ("input", "preferred_output"),
    ("prompt", "chosen"),
    ("chosen", "rejected"),
    ("contents",),
    ("instruction", "output"),
    ("prompt", "completion"),
    ("prompt", "response"),
    ("question", "answer"),
    ("prompt",),
    ("text",),
)
"""Members that tell; the first that fits wins."""
MAX_SORTS = 10_000


class Shapes:
    """Counts rows by shape."""

    def __init__(self) -> None:
        self._sorts: dict[tuple[str, ...], str] = {}
        self.rows: Counter[str] = Counter()

    def add(self, row: dict[str, Any]) -> None:
        """One row."""
        sort = tuple(row)
        name = self._sorts.get(sort)
        if name is None:
            name = shape_name(row)
            if len(self._sorts) < MAX_SORTS:
                self._sorts[sort] = name
        self.rows[name] += 1

    def mixed(self) -> str:
        """The shapes and their rows where there is more than one; "" otherwise."""
        named = {name: n for name, n in self.rows.most_common() if name}
        return ", ".join(f"{name} in {n:,} rows" for name, n in named.items()) if len(named) > 1 else ""


def shape_name(row: Iterable[str]) -> str:
    """The members that tell a row's shape; "" where none is known."""
    members = set(row)
    for shape in _SHAPES:
        if members.issuperset(shape):
            return " and ".join(shape)
    return ""


def other_shape(
    model: type[BaseModel], row: dict[str, Any], found: Sequence[RowProblem]
) -> list[RowProblem] | None:
    """One finding in place of many where a row has the members of another shape; None where it has not."""
    missing = [p.where for p in found if p.code == "missing_member" and "." not in p.where]
    name = shape_name(row)
    fields = set(model.model_fields)
    if not missing or not name or set(name.split(" and ")) <= fields:
        return None
    wanted = " and ".join(repr(n) for n, field in model.model_fields.items() if field.is_required())
    sentence = f"the row has {name}, as other targets want it; rows of this target have {wanted}"
    return [RowProblem("other_shape", "", sentence)]


def merged(found: Sequence[RowProblem]) -> list[RowProblem]:
    """One finding for each rule and place; a role's place is the role.

    A union tells of each of its members.
    """
    told: dict[tuple[str, str], RowProblem] = {}
    for problem in found:
        at = problem.where
        if problem.code == "unknown_role" and not at.endswith("role"):
            at = f"{at}.role"
        before = told.get((problem.code, at))
        sentence = problem.sentence
        if before is not None and sentence != before.sentence:
            sentence = f"{before.sentence.removesuffix(')')}, or {_detail(sentence)}"
        told[(problem.code, at)] = RowProblem(problem.code, at, sentence)
    return list(told.values())


def _detail(sentence: str) -> str:
    """What stands in a sentence's last brackets, without the words that the first one has too."""
    return sentence.rpartition(" (")[2].removeprefix("it should be ")
