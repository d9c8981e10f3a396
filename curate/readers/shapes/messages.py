"""Lists of turns, in the OpenAI form and in the ShareGPT form, to canonical messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ....schemas.example import ROLES
from .base import RowProblem, Turn, json_text, json_value
from .tool_calls import CallIds, calls_of, read_calls

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
    "tool_call": "function_call",
    "function": "tool",
    "observation": "tool",
    "function_response": "tool",
    "tool_response": "tool",
    "ipython": "tool",
}
DIALECTS = (
    frozenset({"system", "prompter", "assistant"}),  # OpenAssistant
    frozenset({"system", "human", "gpt", "function_call", "observation", "tool"}),  # ShareGPT
    frozenset({"system", "user", "assistant", "tool_call", "tool_response", "tool"}),  # ms-swift
)
"""Role names that are published together; a conversation in one of them is written as it should be."""

BESIDES = "turn_members"
"""The member of `meta` with what turns had besides their canonical form, by position in `messages`.

A member that was read as something else than it says stands there as it was written: a role in another
spelling, tool calls without ids or with arguments as objects, a result that is no text.
"""

_CALL_PARTS = ("tool_call", "tool_use", "function_call")
_TEXT_PARTS = ("text", "input_text", "output_text")


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
    spelled: list[tuple[str, str]] = []
    ids = CallIds()
    for position, turn in enumerate(value):
        if not isinstance(turn, Mapping):
            raise RowProblem(f"{where}[{position}] is a {type(turn).__name__}, not a turn")
        message, extra = _parse_turn(turn, f"{where}[{position}]", ids, spelled)
        messages.append(message)
        if extra:
            besides[str(position)] = extra
    ids.end_turn()
    for position in odd_roles(spelled):
        besides[str(position)] = {"role": spelled[position][1], **besides.get(str(position), {})}
    return messages, besides


def _parse_turn(
    turn: Mapping[str, Any], where: str, ids: CallIds, spelled: list[tuple[str, str]]
) -> tuple[Turn, dict[str, Any]]:
    role_key = next((k for k in ROLE_KEYS if turn.get(k) is not None), None)
    if role_key is None:
        raise RowProblem(f"{where} has no role")
    role = parse_role(turn[role_key], where)
    spelled.append((role_key, turn[role_key]))
    content_key = next((k for k in CONTENT_KEYS if k in turn), None)
    extra = {k: v for k, v in turn.items() if k not in (role_key, content_key) and v is not None}
    message: Turn = {"role": "assistant" if role == "function_call" else role}
    content = turn.get(content_key) if content_key else None
    if role != "tool":
        ids.end_turn()
    if role == "function_call":
        message["content"] = None
        message["tool_calls"] = calls_of(json_value(content), where, ids, own_ids=False)
        return message, extra
    _read_content(message, content, extra, where, ids)
    read_calls(message, extra, where, ids)
    _read_known(message, extra, where)
    if role == "tool" and message.get("tool_call_id") is None:
        ids.answer(message)
    return message, extra


def parse_role(value: Any, where: str) -> str:
    """The canonical role of a role's name, or `function_call`.

    Raises:
        RowProblem: The name is not known.
    """
    if not isinstance(value, str):
        raise RowProblem(f"{where} has the role {value!r}, not a name")
    role = value.strip().lower()
    role = SYNONYMS.get(role, role)
    if role not in ROLES and role != "function_call":
        raise RowProblem(f"{where} has the unknown role {value!r}")
    return role


def odd_roles(spelled: Sequence[tuple[str, str]]) -> list[int]:
    """Positions of the roles that are spelled in another way than the conversation's form has it.

    Args:
        spelled: The key and the name of each turn's role.
    """
    names = {name for _, name in spelled}
    if names.issubset(ROLES) or any(names <= dialect for dialect in DIALECTS):
        return []
    return [
        i
        for i, (key, name) in enumerate(spelled)
        if name not in ROLES and (key == "role" or name != name.strip().lower())
    ]


def _read_content(message: Turn, content: Any, extra: dict[str, Any], where: str, ids: CallIds) -> None:
    if content is None:
        message["content"] = extra.pop("refusal") if isinstance(extra.get("refusal"), str) else None
    elif isinstance(content, str):
        message["content"] = content
    elif isinstance(content, list) and (message["role"] != "tool" or all(map(_is_text, content))):
        _read_parts(message, content, where, ids)
    elif message["role"] == "tool":
        message["content"] = json_text(content, where)
        extra["content"] = content
    else:
        raise RowProblem(f"{where} has content of type {type(content).__name__}, not text")


def _is_text(part: Any) -> bool:
    if isinstance(part, Mapping) and part.get("type") in _TEXT_PARTS:
        return isinstance(part.get("text", part.get("value")), str)
    return isinstance(part, str)


def _read_parts(message: Turn, parts: list[Any], where: str, ids: CallIds) -> None:
    texts: list[str] = []
    reasoning: list[str] = []
    tool_calls: list[Turn] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        kind = part.get("type") if isinstance(part, Mapping) else None
        body = part.get("text", part.get("value")) if isinstance(part, Mapping) else None
        if kind in _TEXT_PARTS and isinstance(body, str):
            texts.append(body)
        elif kind == "refusal" and isinstance(part.get("refusal"), str):
            texts.append(part["refusal"])
        elif kind in ("reasoning", "thinking") and isinstance(part.get("thinking", body), str):
            reasoning.append(part.get("thinking", body))
        elif kind in _CALL_PARTS:
            tool_calls += calls_of(json_value(body if body is not None else part), where, ids, own_ids=True)
        else:
            raise RowProblem(f"{where} has a content part of type {kind!r}; only text is supported")
    message["content"] = "".join(texts) if texts else (None if tool_calls else "")
    if reasoning:
        message["reasoning_content"] = "".join(reasoning)
    if tool_calls:
        message["tool_calls"] = tool_calls


def _read_known(message: Turn, extra: dict[str, Any], where: str) -> None:
    for key in ("name", "reasoning_content", "tool_call_id"):
        value = extra.get(key)
        if isinstance(value, str) and (key != "tool_call_id" or message["role"] == "tool"):
            message[key] = extra.pop(key)
    if message["role"] == "assistant" and isinstance(extra.get("train"), bool):
        message["weight"] = float(extra.pop("train"))  # Axolotl's flag for a turn
    for key in ("weight", "loss_weight"):
        value = extra.get(key)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise RowProblem(f"{where} has the weight {value!r}, not a number in [0, 1]")
        if message["role"] == "assistant":
            message["weight"] = float(extra.pop(key))
        elif value == 0 and key == "loss_weight":
            del extra[key]  # LLaMA-Factory writes it on every turn
