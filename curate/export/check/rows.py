"""What a target says of one parsed row."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from ....schemas.providers.conversation import order_problems
from ....schemas.providers.problems import RowProblem, problems_of
from ..layouts import JsonLines
from ..shape import Target
from .file_rules import FILE_RULES, severity
from .lines import problem
from .shapes import merged, other_shape

SPLITS = ("train", "validation")


class RowRules:
    """Checks rows as they stand in a target's file.

    Args:
        target: The target.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._model = target.model
        self._validate = target.model.__pydantic_validator__.validate_python
        layout = target.layout
        self._column = layout.column if isinstance(layout, JsonLines) else None
        self._values = set(layout.values.values()) if isinstance(layout, JsonLines) else set[str]()

    def problems(self, row: dict[str, Any]) -> list[RowProblem]:
        """Every problem, in the order of the row's members."""
        wrong: list[RowProblem] = []
        if self._column is not None:
            wrong = self._column_problem(row)
            row = {k: v for k, v in row.items() if k != self._column}
        try:
            self._validate(row)
        except ValidationError as error:
            found = problems_of(error, row)
            return wrong + (other_shape(self._model, row, found) or merged(found))
        except RecursionError:
            return [problem("nested_too_deep")]
        return wrong + order_problems(row)

    def refusals(self, row: dict[str, Any]) -> list[RowProblem]:
        """The problems for which the target refuses the row."""
        return [found for found in self.problems(row) if severity(found.code, self._target) == "error"]

    def _column_problem(self, row: dict[str, Any]) -> list[RowProblem]:
        """Why the member that names the split is wrong."""
        name = self._column or ""
        if row.get(name) in (self._values or SPLITS):
            return []
        known = ", ".join(sorted(self._values or SPLITS))
        sentence = FILE_RULES["wrong_split_value"].sentence
        return [RowProblem("wrong_split_value", name, f"{sentence}; it knows {known}")]
