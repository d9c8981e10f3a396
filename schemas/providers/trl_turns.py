"""What a conversation must be so that the chat templates which TRL trains with can render it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .problems import Rule, broken
from .turn_order import Place, role_problem


class ToolCallLike(Protocol):
    """A call as the checks read it."""

    @property
    def id(self) -> str | None: ...
    @property
    def function(self) -> Any: ...


def check_conversation(
    rules: Mapping[str, Rule], turns: Sequence[Any], at: Place, tools: Sequence[Mapping[str, Any]] | None
) -> None:
    """Roles in order, no empty turn, and every call of a tool answered by results that follow it.

    Args:
        rules: The rules of the family.
        turns: Turns of a row model, in order; the last is what is learnt.
        at: Where each stands.
        tools: The tools that the row defines; None allows every call.

    Raises:
        PydanticCustomError: The first rule that is broken.
    """
    before = ""
    waiting: list[str | None] = []
    for i, turn in enumerate(turns):
        role: str = turn.role
        if role == "tool":
            _answer(rules, turn, waiting, at(i))
        else:
            if waiting:
                raise broken(rules, "tool_call_unanswered", at(i))
            code = role_problem(role, before)
            if code is not None:
                raise broken(rules, code, at(i))
            calls = turn.tool_calls if role == "assistant" else None
            if not calls and not (turn.content or "").strip():
                raise broken(rules, "empty_content", f"{at(i)}.content")
            if calls:
                _check_names(rules, calls, tools, at(i))
                waiting = [call.id for call in calls]
        before = role
    if before != "assistant":
        raise broken(rules, "last_turn_not_assistant", at(len(turns) - 1))


def _answer(rules: Mapping[str, Rule], turn: Any, waiting: list[str | None], place: str) -> None:
    """Take the call that a tool turn answers from those waiting: by its id, else the first."""
    name = turn.tool_call_id
    if name is not None and name in waiting:
        waiting.remove(name)
    elif waiting and (name is None or None in waiting):
        waiting.remove(None if None in waiting else waiting[0])
    else:
        raise broken(rules, "tool_answer_without_call", place)


def _check_names(
    rules: Mapping[str, Rule],
    calls: Sequence[ToolCallLike],
    tools: Sequence[Mapping[str, Any]] | None,
    place: str,
) -> None:
    if tools is None:
        return
    defined = {name_of(tool) for tool in tools}
    for k, call in enumerate(calls):
        if call.function.name not in defined:
            raise broken(rules, "undeclared_tool", f"{place}.tool_calls.{k}")


def name_of(tool: Mapping[str, Any]) -> str | None:
    """The name of a tool's definition, in the OpenAI form or bare; None where it is no text."""
    inner = tool.get("function")
    name = (inner if isinstance(inner, Mapping) else tool).get("name")
    return name if isinstance(name, str) else None


def check_weights(
    rules: Mapping[str, Rule], turns: Sequence[Any], at: Place, allowed: tuple[float | None, ...]
) -> None:
    """A weight says nothing that the trainer would not do.

    Args:
        rules: The rules of the family.
        turns: Turns of a row model.
        at: Where each stands.
        allowed: Weights that say what the trainer does.

    Raises:
        PydanticCustomError: Another weight.
    """
    for i, turn in enumerate(turns):
        if turn.role == "assistant" and turn.weight not in allowed:
            raise broken(rules, "weight_not_read", f"{at(i)}.weight")
