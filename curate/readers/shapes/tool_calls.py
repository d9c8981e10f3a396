"""Tool calls of a turn, in the forms in which people write them, to canonical ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .base import RowProblem, Turn, json_text, json_value

CALL_MEMBERS = ("id", "type", "function")
FUNCTION_MEMBERS = ("name", "arguments")


class CallIds:
    """Gives ids to tool calls that have none, and matches results without an id to those calls in order.

    Where a turn's calls and its results are not equally many, the order does not tell, and the results stay
    without an id.
    """

    def __init__(self) -> None:
        self._count = 0
        self._open: list[str] = []
        self._answers: list[Turn] = []

    def new(self) -> str:
        """An id for a call that has none."""
        self._count += 1
        name = f"call_{self._count}"
        self._open.append(name)
        return name

    def answer(self, result: Turn) -> None:
        """Give a result the id of the oldest call of the turn before that has no result yet."""
        if self._open:
            result["tool_call_id"] = self._open.pop(0)
            self._answers.append(result)
        else:
            result["tool_call_id"] = None

    def end_turn(self) -> None:
        """Forget the calls before: results follow the turn that called."""
        if self._open:
            for result in self._answers:
                result["tool_call_id"] = None
            self._open.clear()
        self._answers.clear()


def read_calls(message: Turn, extra: dict[str, Any], where: str, ids: CallIds) -> None:
    """Move `tool_calls`, or the older `function_call`, from a turn's other members into its message.

    What is written in another way than the OpenAI form stays in `extra` as well, as it was written.

    Raises:
        RowProblem: A call is no JSON, or has no name.
    """
    found = json_value(extra.pop("tool_calls", None))
    single = json_value(extra.pop("function_call", None))
    if found:
        message["tool_calls"] = calls_of(found, where, ids, own_ids=True)
        if not all(_as_canonical(item) for item in found):
            extra["tool_calls"] = found
    elif single:
        message["tool_calls"] = calls_of(single, where, ids, own_ids=False)
        extra["function_call"] = single


def _as_canonical(item: Any) -> bool:
    """Whether a call has every member of the canonical form, and no other."""
    if not isinstance(item, Mapping) or not isinstance(item.get("id"), str) or item.get("type") != "function":
        return False
    function = item.get("function")
    if not isinstance(function, Mapping) or not isinstance(function.get("arguments"), str):
        return False
    return not other_members(item, CALL_MEMBERS) and not other_members(function, FUNCTION_MEMBERS)


def other_members(value: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """Names of the members that are not null and not among the known ones."""
    return [name for name, member in value.items() if name not in known and member is not None]


def calls_of(value: Any, where: str, ids: CallIds, *, own_ids: bool) -> list[Turn]:
    """Canonical tool calls of one call or a list of calls.

    Args:
        value: Parsed JSON.
        where: The turn, for error texts.
        ids: Names the calls that have no id.
        own_ids: Whether an `id` in a call is its id.

    Raises:
        RowProblem: A call is no object, or has no name.
    """
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise RowProblem(f"{where} holds a tool call that is not JSON")
    return [_call(item, where, ids, own_ids=own_ids) for item in value]


def _call(item: Mapping[str, Any], where: str, ids: CallIds, *, own_ids: bool) -> Turn:
    inner = item.get("function")
    function: Mapping[str, Any] = inner if isinstance(inner, Mapping) else item
    name = function.get("name")
    if not isinstance(name, str) or not name.strip():
        raise RowProblem(f"{where} holds a tool call without a name")
    arguments = function.get("arguments", function.get("parameters"))
    if arguments is None:
        arguments = "{}"
    elif not isinstance(arguments, str):
        arguments = json_text(arguments, where)
    given = item.get("id") if own_ids else None
    return {
        "id": given if isinstance(given, str) and given else ids.new(),
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }
