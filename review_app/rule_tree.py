"""What a `--where` rule says, as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Field:
    """A field of the row; `at` is its place in the rule's text, from 0."""

    name: str
    at: int


@dataclass(frozen=True)
class Always:
    """true or false, whatever the row."""

    value: bool


@dataclass(frozen=True)
class Truth:
    """A field that is itself true or false."""

    field: Field


@dataclass(frozen=True)
class Compare:
    """A field against a value."""

    field: Field
    operator: str
    value: Value


@dataclass(frozen=True)
class In:
    """A field that equals one of some values, or with `negated` differs from each."""

    field: Field
    values: tuple[Value, ...]
    negated: bool


@dataclass(frozen=True)
class Not:
    """The opposite."""

    rule: Node


@dataclass(frozen=True)
class Both:
    """All of some rules."""

    rules: tuple[Node, ...]


@dataclass(frozen=True)
class Either:
    """At least one of some rules."""

    rules: tuple[Node, ...]


Node = Always | Truth | Compare | In | Not | Both | Either


@dataclass(frozen=True)
class Rule:
    """A parsed rule."""

    text: str
    node: Node

    def fields(self) -> list[Field]:
        """The fields that the rule names, in order, each once."""
        found: dict[str, Field] = {}
        for field in _fields(self.node):
            found.setdefault(field.name, field)
        return list(found.values())


def _fields(node: Node) -> Iterator[Field]:
    if isinstance(node, Truth | Compare | In):
        yield node.field
    elif isinstance(node, Not):
        yield from _fields(node.rule)
    elif isinstance(node, Both | Either):
        for rule in node.rules:
            yield from _fields(rule)
