"""Rows of Gemini tuning files: `contents` with parts, and pairs of `completions` with scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Draft, RowProblem, Shape, Turn, json_text, rest
from .conversation import besides_at
from .tool_calls import CallIds

SYSTEM = ("systemInstruction", "system_instruction")
ROLES = {"user": "user", "model": "assistant", "function": "user", "tool": "user", "system": "system"}
"""Older files have function responses under roles of their own."""
OUTPUT = "output"
_CALL, _RESPONSE = ("functionCall", "function_call"), ("functionResponse", "function_response")


def _either(value: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _has_contents(row: Any) -> bool:
    contents = row.get("contents") if isinstance(row, Mapping) else None
    return (
        isinstance(contents, list)
        and bool(contents)
        and isinstance(contents[0], Mapping)
        and "parts" in contents[0]
    )


def _is_pair(row: Any) -> bool:
    answers = row.get("completions") if _has_contents(row) else None
    return isinstance(answers, list) and all(isinstance(a, Mapping) and "completion" in a for a in answers)


def _contents(row: Any) -> Draft:
    messages, besides = _turns(row)
    meta = rest(row, {"contents", "tools", *SYSTEM}) | besides_at(besides, 0)
    return Draft(messages, _tools(row.get("tools")), None, None, meta)


def _pair(row: Any) -> Draft:
    """The higher score won."""
    messages, besides = _turns(row)
    ranked: list[tuple[float, Turn]] = []
    for i, answer in enumerate(row["completions"]):
        score, where = answer.get("score"), f"'completions'[{i}]"
        if isinstance(score, bool) or not isinstance(score, int | float):
            raise RowProblem(f"{where} has the score {score!r}, not a number")
        if not isinstance(answer["completion"], Mapping):
            raise RowProblem(f"{where} is no turn")
        turns, _ = _read({"role": "model", **answer["completion"]}, where, CallIds())
        if len(turns) != 1:
            raise RowProblem(f"{where} is more than an answer: it has function responses")
        ranked.append((score, turns[0]))
    ranked.sort(key=lambda pair: -pair[0])
    if len(ranked) != 2 or ranked[0][0] == ranked[1][0]:
        raise RowProblem("'completions' are not two answers with different scores")
    meta = rest(row, {"contents", "completions", "tools", *SYSTEM}) | besides_at(besides, 0)
    return Draft([*messages, ranked[0][1]], _tools(row.get("tools")), [ranked[1][1]], None, meta)


def _turns(row: Mapping[str, Any]) -> tuple[list[Turn], dict[str, Any]]:
    messages: list[Turn] = []
    besides: dict[str, Any] = {}
    ids = CallIds()
    system = _either(row, SYSTEM)
    given = [("'systemInstruction'", {**system, "role": "system"})] if isinstance(system, Mapping) else []
    given += [(f"'contents'[{i}]", turn) for i, turn in enumerate(row["contents"])]
    for where, turn in given:
        if not isinstance(turn, Mapping):
            raise RowProblem(f"{where} is a {type(turn).__name__}, not a turn")
        found, extra = _read(turn, where, ids)
        if extra:
            besides[str(len(messages))] = extra
        messages += found
    ids.end_turn()
    return messages, besides


def _read(turn: Mapping[str, Any], where: str, ids: CallIds) -> tuple[list[Turn], dict[str, Any]]:
    """The messages of one turn: several where it holds function responses; and its other members."""
    name, parts = turn.get("role", "user"), turn.get("parts")
    role = ROLES.get(name) if isinstance(name, str) else None
    if role is None:
        raise RowProblem(f"{where} has the unknown role {name!r}")
    if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
        raise RowProblem(f"{where} has no list of parts")
    responses = [r for part in parts if (r := _either(part, _RESPONSE)) is not None]
    if not responses:
        ids.end_turn()
    messages = [_result(response, where, ids) for response in responses]
    texts: list[str] = []
    calls: list[Turn] = []
    thoughts: list[str] = []
    for part in parts:
        text, call = part.get("text"), _either(part, _CALL)
        function = call is not None or _either(part, _RESPONSE) is not None
        if isinstance(text, str) and (text or not function):
            (thoughts if part.get("thought") is True else texts).append(text)
        elif not function:
            kinds = ", ".join(map(repr, part)) or "nothing"
            raise RowProblem(f"{where} has a part with {kinds}; only text and functions are supported")
        if call is not None:
            calls.append(_call(call, where, ids))
    if texts or calls or not responses:
        message: Turn = {"role": role, "content": "".join(texts) if texts or not calls else None}
        message |= {"reasoning_content": "".join(thoughts)} if thoughts else {}
        message |= {"tool_calls": calls} if calls else {}
        messages.append(message)
    return messages, rest(turn, {"role", "parts"})


def _call(call: Any, where: str, ids: CallIds) -> Turn:
    name = call.get("name") if isinstance(call, Mapping) else None
    if not isinstance(name, str) or not name.strip():
        raise RowProblem(f"{where} holds a function call without a name")
    given = call.get("id")
    return {
        "id": given if isinstance(given, str) and given else ids.new(),
        "type": "function",
        "function": {"name": name, "arguments": json_text(call.get("args") or {}, where)},
    }


def _result(response: Any, where: str, ids: CallIds) -> Turn:
    """A tool turn; a response of nothing but an output that is text is that text."""
    if not isinstance(response, Mapping):
        raise RowProblem(f"{where} holds a function response that is no object")
    value = response.get("response")
    only = value[OUTPUT] if isinstance(value, Mapping) and set(value) == {OUTPUT} else None
    message: Turn = {"role": "tool", "content": only if isinstance(only, str) else json_text(value, where)}
    if isinstance(response.get("id"), str):
        message["tool_call_id"] = response["id"]
    else:
        ids.answer(message)
    return message


def _tools(value: Any) -> list[Any] | None:
    """Function declarations as tool definitions, their types in small letters."""
    groups = [value] if isinstance(value, Mapping) else value or []
    if not isinstance(groups, list) or not all(isinstance(group, Mapping) for group in groups):
        raise RowProblem("'tools' is not a list of function declarations")
    tools: list[Any] = []
    for group in groups:
        found = _either(group, ("functionDeclarations", "function_declarations"))
        if not isinstance(found, list) or not all(isinstance(function, Mapping) for function in found):
            raise RowProblem("'tools' holds something else than function declarations")
        tools += [{"type": "function", "function": _function(function)} for function in found]
    return tools or None


def _function(declared: Mapping[str, Any]) -> dict[str, Any]:
    function = dict(declared)
    if isinstance(function.get("parameters"), Mapping):
        function["parameters"] = _schema(function["parameters"])
    return function


def _schema(schema: Any) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    told = dict(schema)
    if isinstance(told.get("type"), str):
        told["type"] = told["type"].lower()
    if isinstance(told.get("properties"), Mapping):
        told["properties"] = {name: _schema(v) for name, v in told["properties"].items()}
    if "items" in told:
        told["items"] = _schema(told["items"])
    if isinstance(told.get("anyOf"), list):
        told["anyOf"] = [_schema(v) for v in told["anyOf"]]
    return told


SHAPES = (
    Shape("gemini_preference", "'contents' with two scored 'completions'", _is_pair, _pair),
    Shape("gemini", "'contents', turns with 'parts'", _has_contents, _contents),
)
