"""Which rows a rule takes: the tree walked over whole columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute

from ..schemas.errors import RecipeError
from .rule_tree import Always, Both, Compare, Either, Field, In, Node, Not, Rule, Truth, Value
from .rules import rule_error

pc: Any = pyarrow.compute  # its functions are made at import, where type checkers cannot see them

COMPARE = {
    "==": "equal", "!=": "not_equal", "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A field of every row, by kind of value; a row is null in the kinds that its value does not have.

    Args:
        present: Whether the row has a value, bool.
        kinds: text (string), number (int64 or float64), truth (bool): those that the field can have.
    """

    present: pa.Array
    kinds: Mapping[str, pa.Array]

    @classmethod
    def of(cls, array: pa.Array) -> Column:
        """A column of one kind."""
        kind = (
            "truth"
            if pa.types.is_boolean(array.type)
            else "text"
            if pa.types.is_string(array.type)
            else "number"
        )
        return cls(pc.is_valid(array), {kind: array})


def mask(rule: Rule, columns: Mapping[str, Column], rows: int) -> pa.Array:
    """Which rows a rule takes.

    Args:
        rule: A parsed rule.
        columns: A column of `rows` values for each of the rule's fields.
        rows: How many rows there are.

    Returns:
        Bool, no nulls, shape (rows,).

    Raises:
        RecipeError: A field compared with a value of a kind that it never has.
    """
    return _Walk(rule.text, columns, rows).visit(rule.node)


class _Walk:
    """One walk over one tree."""

    def __init__(self, text: str, columns: Mapping[str, Column], rows: int) -> None:
        self._text = text
        self._columns = columns
        self._rows = rows

    def visit(self, node: Node) -> pa.Array:
        match node:
            case Always(value):
                return self._all(value)
            case Truth(field):
                return pc.fill_null(self._kind(field, True), False)
            case Compare():
                return self._compare(node)
            case In():
                return self._in(node)
            case Not(rule):
                return pc.invert(self.visit(rule))
            case Both(rules):
                return self._join(pc.and_, rules)
            case Either(rules):
                return self._join(pc.or_, rules)

    def _all(self, value: bool) -> pa.Array:
        return pa.repeat(pa.scalar(value), self._rows)

    def _join(self, join: Any, rules: tuple[Node, ...]) -> pa.Array:
        result = self.visit(rules[0])
        for rule in rules[1:]:
            result = join(result, self.visit(rule))
        return result

    def _compare(self, node: Compare) -> pa.Array:
        if node.value is None:
            present = self._columns[node.field.name].present
            if node.operator not in ("==", "!="):
                raise self._wrong(node.field, "null has no order", "use == null or != null")
            return present if node.operator == "!=" else pc.invert(present)
        if isinstance(node.value, bool) and node.operator not in ("==", "!="):
            raise self._wrong(node.field, "true and false have no order", "use == or !=")
        left, right = _same_type(self._kind(node.field, node.value), [node.value])
        return pc.fill_null(getattr(pc, COMPARE[node.operator])(left, right[0]), False)

    def _in(self, node: In) -> pa.Array:
        present = self._columns[node.field.name].present
        result = self._all(node.negated)
        for values in _by_kind(node.values):
            if values[0] is None:
                part = present if node.negated else pc.invert(present)
            else:
                left, right = _same_type(self._kind(node.field, values[0]), values)
                part = pc.is_in(left, value_set=right)
                part = pc.and_(pc.is_valid(left), pc.invert(part)) if node.negated else part
            result = pc.and_(result, part) if node.negated else pc.or_(result, part)
        return result

    def _kind(self, field: Field, value: Value) -> pa.Array:
        """The field's values of the kind of a given value."""
        kinds = self._columns[field.name].kinds
        kind = _kind_of(value)
        if kind in kinds:
            return kinds[kind]
        has = " or ".join(_SAID[k] for k in kinds)
        raise self._wrong(
            field, f"{field.name!r} is {has}, and never {_SAID[kind]}", f"compare it with {has}", value
        )

    def _wrong(self, field: Field, what: str, fix: str, value: Value = None) -> RecipeError:
        shown = "" if value is None or value is True else f" such as {value!r}"
        return rule_error(what + shown, self._text, field.at, fix)


_SAID = {"text": "text", "number": "a number", "truth": "true or false"}


def _kind_of(value: Value) -> str:
    if isinstance(value, bool):
        return "truth"
    return "text" if isinstance(value, str) else "number"


def _by_kind(values: tuple[Value, ...]) -> list[list[Value]]:
    groups: dict[str, list[Value]] = {}
    for value in values:
        groups.setdefault("null" if value is None else _kind_of(value), []).append(value)
    return list(groups.values())


def _same_type(column: pa.Array, values: list[Value]) -> tuple[pa.Array, pa.Array]:
    """A column and values as one Arrow type; whole numbers meet fractions as fractions."""
    if isinstance(values[0], str | bool):
        return column, pa.array(values, column.type)
    if pa.types.is_integer(column.type) and all(isinstance(v, int) for v in values):
        return column, pa.array(values, column.type)
    return column.cast(pa.float64(), safe=False), pa.array([float(v or 0) for v in values], pa.float64())
