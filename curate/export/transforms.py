"""Changes that a user may name where a format cannot carry a row; each row that one touches is counted.

Without a name nothing here happens: the row is refused with its reason. A transform is pure: a record in,
records out, or None where it has nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...schemas.errors import RecipeError, did_you_mean
from .record_kinds import last_answer_is_clear
from .shape import Record
from .turn_changes import drop_tools, history_in_prompt, merge_same_role, system_to_user


@dataclass(frozen=True)
class Transform:
    """One named change.

    Args:
        sentence: What it does to a row, for the report: "N rows: SENTENCE".
        lifts: The reasons, of `shape.UNCARRIED` or a family's own, that it can lift.
        apply: The changed record, or several; None where the record stays as it is.
    """

    sentence: str
    lifts: tuple[str, ...]
    apply: Callable[[Record], list[Record] | None]


def _winner_only(record: Record) -> list[Record] | None:
    if record.get("rejected") is None:
        return None
    return [{**record, "rejected": None}]


def _ignore_weights(record: Record) -> list[Record] | None:
    if all(turn.get("weight") in (None, 1) for turn in record["messages"]):
        return None
    kept = [{k: v for k, v in turn.items() if k != "weight"} for turn in record["messages"]]
    return [{**record, "messages": kept}]


def _without(member: str) -> Callable[[Record], list[Record] | None]:
    def apply(record: Record) -> list[Record] | None:
        if not any(turn.get(member) for turn in record["messages"]):
            return None
        return [
            {**record, "messages": [{k: v for k, v in t.items() if k != member} for t in record["messages"]]}
        ]

    return apply


def _pairs_as_labels(record: Record) -> list[Record] | None:
    rejected, messages = record.get("rejected"), record["messages"]
    if rejected is None or not last_answer_is_clear(messages):
        return None
    lost = [*messages[:-1], *rejected]
    return [
        {**record, "rejected": None, "label": True},
        {**record, "messages": lost, "rejected": None, "label": False},
    ]


def _answers_apart(record: Record) -> list[Record] | None:
    turns = record["messages"]
    trained = [i for i, t in enumerate(turns) if t["role"] == "assistant" and t.get("weight") != 0]
    if record.get("rejected") is not None or len(trained) < 2:
        return None
    return [{**record, "messages": [*map(_as_context, turns[:i]), turns[i]]} for i in trained]


def _as_context(turn: Record) -> Record:
    return {**turn, "weight": 0.0} if turn["role"] == "assistant" else turn


def _tune_calls(record: Record) -> list[Record] | None:
    """Mark a record that calls tools, for a target that asks."""
    if not any(turn.get("tool_calls") for turn in record["messages"]):
        return None
    return [{**record, "tune_calls": True}]


TRANSFORMS: dict[str, Transform] = {
    "winner_only": Transform(
        "only the winning answer of a preference was kept", ("preference_row",), _winner_only
    ),
    "ignore_weights": Transform(
        "the weights of turns were left out, so that every answer is trained on",
        ("zero_weight", "fractional_weight"),
        _ignore_weights,
    ),
    "drop_reasoning": Transform(
        "the reasoning was left out", ("reasoning_content",), _without("reasoning_content")
    ),
    "answers_apart": Transform(
        "each answer that is trained on became a row of its own, with the turns before it",
        ("trained_prompt",),
        _answers_apart,
    ),
    "pairs_as_labels": Transform(
        "the winning and the losing answer of a preference became a good and a bad row", (), _pairs_as_labels
    ),
    "tune_calls": Transform(
        "calls of functions were kept, for a Gemini model whose tuning takes them",
        ("function_call_untunable",),
        _tune_calls,
    ),
    "drop_names": Transform("the names of speakers were left out", ("speaker_name",), _without("name")),
    "drop_tools": Transform(
        "tool definitions were left out, as the row calls none",
        ("tool_definitions", "tools_unsupported"),
        drop_tools,
    ),
    "history_in_prompt": Transform(
        "earlier turns were written into the prompt with role labels, so that only the last answer is learnt",
        ("several_turns",),
        history_in_prompt,
    ),
    "system_to_user": Transform(
        "the system prompt was put before the user's next text",
        ("system_prompt", "late_system_prompt", "system_not_first"),
        system_to_user,
    ),
    "merge_same_role": Transform(
        "adjacent turns of one role were joined by a blank line",
        (
            "roles_not_alternating",
            "turns_not_alternating",
            "several_losing_turns",
            "call_beside_assistant",
            "two_assistant_turns",
        ),
        merge_same_role,
    ),
}
"""What `tuneset export --with` takes."""


def find_transforms(names: list[str] | tuple[str, ...]) -> dict[str, Transform]:
    """The transforms with these names, in the table's order: of two that lift a reason the first is made.

    Raises:
        RecipeError: A name that is not in the table.
    """
    for name in names:
        if name not in TRANSFORMS:
            raise RecipeError(f"unknown change {name!r}", where="--with", fix=did_you_mean(name, TRANSFORMS))
    return {name: transform for name, transform in TRANSFORMS.items() if name in names}


def transformed(record: Record, transforms: dict[str, Transform]) -> tuple[list[Record], list[str]]:
    """A record after some transforms, and the names of those that changed it."""
    records, touched = [record], []
    for name, transform in transforms.items():
        after = [transform.apply(one) for one in records]
        if any(changed is not None for changed in after):
            touched.append(name)
            records = [r for one, changed in zip(records, after, strict=True) for r in (changed or [one])]
    return records, touched
