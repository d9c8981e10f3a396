"""What every provider's conversion shares: its result, and the rows that a format cannot carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from ...schemas.row_problems import GENERAL, RowProblem, Rule

Record = dict[str, Any]
"""A row of a version: row_id, content_id, messages and, where it has them, tools, rejected, label."""

UNCARRIED: dict[str, Rule] = {
    "preference_row": Rule("the row has a losing answer, which this format cannot carry", "the format"),
    "not_a_preference_row": Rule("the row has no losing answer", "the format"),
    "negative_label": Rule("the answer is labelled bad, and this format would teach it", "the format"),
    "reasoning_content": Rule("a turn has reasoning, which this format cannot carry", "the format"),
    "fractional_weight": Rule(
        "a turn has a weight between 0 and 1, which this format cannot carry", "the format"
    ),
    "zero_weight": Rule("a turn is not to be trained on, which this format cannot say", "the format"),
    "arguments_not_object": Rule("the arguments of a tool call are no JSON object", "the format"),
    "unclear_prompt": Rule(
        "where the prompt ends and the winning answer begins is not certain", "the format"
    ),
}

CHANGES: dict[str, str] = {
    "developer_to_system": "developer turns became system turns, which the format has instead",
    "tool_name_left_out": "the names of tool turns were left out; their tool_call_id stays",
}


@dataclass(frozen=True)
class Converted:
    """A row in a provider's shape.

    Args:
        row: The line, as JSON values in the order in which they are written.
        changes: Codes of `CHANGES` for what is told in another way.
    """

    row: dict[str, Any]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """One provider's format.

    Args:
        name: What `--to` takes.
        summary: One line for a list.
        model: The model that every written line is checked against.
        rules: The provider's rules, with their sources.
        convert: A record in the provider's shape, or why that cannot be.
        min_train_rows: Fewer training rows are refused by the provider; None is no limit.
        readme: A README.md for the folder, from the names of the splits that have rows; None writes none.
        preferences: Whether it takes the pairs of a version's comparisons and edits as well.
    """

    name: str
    summary: str
    model: type[BaseModel]
    rules: Mapping[str, Rule]
    convert: Callable[[Record], Converted | RowProblem]
    min_train_rows: int | None = None
    readme: Callable[[list[str]], str] | None = None
    preferences: bool = False

    def rule(self, code: str) -> Rule:
        """The rule with a code."""
        return {**GENERAL, **UNCARRIED, **self.rules}[code]


def uncarried(code: str, where: str = "") -> RowProblem:
    """A row that a format cannot carry."""
    return RowProblem(code, where, UNCARRIED[code].sentence)


def one_answer(record: Record) -> RowProblem | None:
    """Why a record is no single good answer; None when it is one."""
    if record.get("rejected") is not None:
        return uncarried("preference_row", "rejected")
    if record.get("label") is False:
        return uncarried("negative_label", "label")
    return None


def role_of(turn: Record, changes: set[str]) -> str:
    """The role, with developer as system.

    Source: the OpenAI API itself reads a developer turn as a system turn for models before o1
    (platform.openai.com/docs/guides/text, message roles, read 2026-11).
    """
    if turn["role"] != "developer":
        return turn["role"]
    changes.add("developer_to_system")
    return "system"
