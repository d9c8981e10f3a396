"""Rows of SageMaker JumpStart's folders: each rule broken once."""

from __future__ import annotations

from typing import Any

import pytest
from tuneset.schemas.providers.problems import problems
from tuneset.schemas.providers.remedies import ANY, remedy
from tuneset.schemas.providers.sagemaker import RULES, DialogRow, InstructionRow


def dialog(*roles: str, text: str = "a") -> dict[str, Any]:
    return {"dialog": [{"role": role, "content": text} for role in roles]}


VALID: list[tuple[Any, dict[str, Any]]] = [
    (InstructionRow, {"prompt": "Where is {bay}?", "completion": "North."}),
    (DialogRow, dialog("user", "assistant")),
    (DialogRow, dialog("system", "user", "assistant", "user", "assistant")),
]
INVALID: list[tuple[Any, dict[str, Any], str, str]] = [
    (InstructionRow, {"prompt": " ", "completion": "b"}, "empty_content", "prompt"),
    (InstructionRow, {"prompt": "a", "completion": ""}, "empty_answer", "completion"),
    (InstructionRow, {"prompt": "a"}, "missing_member", "completion"),
    (InstructionRow, {"prompt": "a", "completion": 1}, "wrong_type", "completion"),
    (InstructionRow, {"prompt": "a", "completion": "b", "id": "1"}, "template_member", "id"),
    (DialogRow, dialog("user", "assistant", text=""), "empty_content", "dialog.0.content"),
    (DialogRow, dialog("assistant"), "first_turn_not_user", "dialog.0"),
    (DialogRow, dialog("system"), "first_turn_not_user", "dialog.0"),
    (DialogRow, dialog("system", "assistant"), "first_turn_not_user", "dialog.1"),
    (DialogRow, dialog("user", "user", "assistant"), "roles_not_alternating", "dialog.1"),
    (DialogRow, dialog("user", "system", "assistant"), "late_system_prompt", "dialog.1"),
    (DialogRow, dialog("user"), "last_turn_not_assistant", "dialog.0"),
    (DialogRow, dialog("user", "tool"), "wrong_type", "dialog.1.role"),
    (DialogRow, {**dialog("user", "assistant"), "id": 1}, "unknown_member", "id"),
]


@pytest.mark.parametrize(("model", "good"), VALID)
def test_valid_rows_are_taken(model: Any, good: dict[str, Any]) -> None:
    assert problems(model, good) == []


@pytest.mark.parametrize(("model", "bad", "code", "where"), INVALID)
def test_invalid_rows_are_refused_with_their_rule_and_place(
    model: Any, bad: dict[str, Any], code: str, where: str
) -> None:
    found = problems(model, bad)
    assert (found[0].code, found[0].where) == (code, where)


def test_every_rule_is_broken_above() -> None:
    assert {code for _, _, code, _ in INVALID} >= set(RULES)


def test_every_rule_says_what_to_do() -> None:
    assert {code: remedy(code, rule) for code, rule in RULES.items() if remedy(code, rule) == ANY} == {}
