"""Lists of turns, in the OpenAI form and in the ShareGPT form, to canonical messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....schemas.example import ROLES, canonical_json
from .base import RowProblem, Turn, json_value

ROLE_KEYS = ("role", "from", "speaker")
CONTENT_KEYS = ("content", "value", "text", "message")
SYNONYMS = {
    "human": "user",
    "prompter": "user",
    "question": "user",
    "customer": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "ai": "assistant",
    "agent": "assistant",
    "answer": "assistant",
    "chatbot": "assistant",
    "function_call": "function_call",
    "function": "tool",
    "observation": "tool",
    "function_response": "tool",
    "tool_response": "tool",
    "ipython": "tool",
}
CANONICAL = ("content", "name", "reasoning_content", "tool_calls", "tool_call_id", "weight")
_CALL_PARTS = ("tool_call", "tool_use", "function_call")


def parse_turns(value: Any, where: str = "'messages'") -> tuple[list[Turn], dict[str, Any]]:
    """Canonical messages, and what the turns had besides, by position.

    Args:
        value: A list of turn objects, or such a list as JSON text.
        where: The cell's name, for error texts.

    Raises:
        RowProblem: Anything that is not a list of turns with known roles and text.
    """
    value = json_value(value)
    if not isinstance(value, list):
        raise RowProblem(f"{where} is a {type(value).__name__}, not a list of turns")
    if not value:
        raise RowProblem(f"{where} is empty")
    messages: list[Turn] = []
    besides: dict[str, Any] = {}
    calls = _Calls()
    for position, turn in enumerate(value):
        if not isinstance(turn, Mapping):
            raise RowProblem(f"{where}[{position}] is a {type(turn).__name__}, not a turn")
        message, extra = _parse_turn(turn, f"{where}[{position}]", calls)
        messages.append(message)
        if extra:
            besides[str(position)] = extra
    return messages, besides


class _Calls:
    """Gives ids to tool calls that have none, and matches ShareGPT results to their calls in order."""

    def __init__(self) -> None:
        self.count = 0
        self.open: list[str] = []

    def new(self) -> str:
        self.count += 1
        name = f"call_{self.count}"
        self.open.append(name)
        return name

    def answer(self) -> str | None:
        return self.open.pop(0) if self.open else None


def _parse_turn(turn: Mapping[str, Any], where: str, calls: _Calls) -> tuple[Turn, dict[str, Any]]:
    role_key = next((k for k in ROLE_KEYS if turn.get(k) is not None), None)
    if role_key is None:
        raise RowProblem(f"{where} has no role")
    spelled = turn[role_key]
    role = _role(spelled, where)
    content_key = next((k for k in CONTENT_KEYS if k in turn), None)
    extra = {k: v for k, v in turn.items() if k not in (role_key, content_key) and v is not None}
    message: Turn = {"role": "assistant" if role == "function_call" else role}
    content = turn.get(content_key) if content_key else None
    if role == "function_call":
        message["content"] = None
        message["tool_calls"] = _calls_of(json_value(content), where, calls, own_ids=False)
        return message, extra
    _read_content(message, content, where, calls)
    _read_calls(message, extra, where, calls)
    _read_known(message, extra, where)
    if role == "tool" and message.get("tool_call_id") is None:
        message["tool_call_id"] = calls.answer()
    return message, extra


def _role(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise RowProblem(f"{where} has the role {value!r}, not a name")
    role = value.strip().lower()
    role = SYNONYMS.get(role, role)
    if role not in ROLES and role != "function_call":
        raise RowProblem(f"{where} has the unknown role {value!r}")
    return role


def _read_content(message: Turn, content: Any, where: str, calls: _Calls) -> None:
    if content is None or isinstance(content, str):
        message["content"] = content
        return
    if isinstance(content, list):
        _read_parts(message, content, where, calls)
        return
    if isinstance(content, Mapping) and message["role"] == "tool":
        message["content"] = canonical_json(content)
        return
    raise RowProblem(f"{where} has content of type {type(content).__name__}, not text")


def _read_parts(message: Turn, parts: list[Any], where: str, calls: _Calls) -> None:
    texts: list[str] = []
    reasoning: list[str] = []
    tool_calls: list[Turn] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        kind = part.get("type") if isinstance(part, Mapping) else None
        body = part.get("text", part.get("value")) if isinstance(part, Mapping) else None
        if kind == "text" and isinstance(body, str):
            texts.append(body)
        elif kind in ("reasoning", "thinking") and isinstance(part.get("thinking", body), str):
            reasoning.append(part.get("thinking", body))
        elif kind in _CALL_PARTS:
            tool_calls += _calls_of(
                json_value(body if body is not None else part), where, calls, own_ids=True
            )
        else:
            raise RowProblem(f"{where} has a content part of type {kind!r}; only text is supported")
    message["content"] = "".join(texts) if texts else (None if tool_calls else "")
    if reasoning:
        message["reasoning_content"] = "".join(reasoning)
    if tool_calls:
        message["tool_calls"] = tool_calls


def _read_calls(message: Turn, extra: dict[str, Any], where: str, calls: _Calls) -> None:
    found = extra.pop("tool_calls", None)
    single = extra.pop("function_call", None)
    if found:
        message["tool_calls"] = _calls_of(json_value(found), where, calls, own_ids=True)
    elif single:
        message["tool_calls"] = _calls_of(json_value(single), where, calls, own_ids=False)


def _calls_of(value: Any, where: str, calls: _Calls, *, own_ids: bool) -> list[Turn]:
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise RowProblem(f"{where} holds a tool call that is not JSON")
    return [_call(item, where, calls, own_ids=own_ids) for item in value]


def _call(item: Mapping[str, Any], where: str, calls: _Calls, *, own_ids: bool) -> Turn:
    inner = item.get("function")
    function: Mapping[str, Any] = inner if isinstance(inner, Mapping) else item
    name = function.get("name")
    if not isinstance(name, str) or not name:
        raise RowProblem(f"{where} holds a tool call without a name")
    arguments = function.get("arguments", function.get("parameters"))
    if arguments is None:
        arguments = "{}"
    elif not isinstance(arguments, str):
        arguments = canonical_json(arguments)
    given = item.get("id") if own_ids else None
    return {
        "id": given if isinstance(given, str) else calls.new(),
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def _read_known(message: Turn, extra: dict[str, Any], where: str) -> None:
    for key in ("name", "reasoning_content", "tool_call_id"):
        value = extra.get(key)
        if isinstance(value, str):
            message[key] = extra.pop(key)
    for key in ("weight", "loss_weight"):
        value = extra.get(key)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise RowProblem(f"{where} has the weight {value!r}, not a number in [0, 1]")
        if message["role"] == "assistant":
            message["weight"] = float(extra.pop(key))
        elif value == 0:
            del extra[key]  # a turn that is not the assistant's is never trained
