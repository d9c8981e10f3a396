"""Plants faults of tool calls, results and tool definitions into valid chats."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

Row = dict[str, Any]
Fault = Callable[[Row, random.Random], bool]
"""Breaks a row; False where the row has nothing that it could break."""


def calls_of(row: Row) -> list[Any]:
    """Every call of a row."""
    return [c for turn in row["messages"] for c in turn.get("tool_calls") or ()]


def _results(row: Row) -> list[int]:
    return [i for i, turn in enumerate(row["messages"]) if turn["role"] == "tool"]


def _changed_arguments(row: Row, change: Callable[[dict[str, Any], Mapping[str, Any]], bool]) -> bool:
    """Change the arguments of the first call that has some, given the parameters of its tool."""
    schemas = {t["function"]["name"]: t["function"].get("parameters", {}) for t in row.get("tools") or ()}
    for call in calls_of(row):
        arguments = json.loads(call["function"]["arguments"])
        if change(arguments, schemas.get(call["function"]["name"], {})):
            call["function"]["arguments"] = json.dumps(arguments, ensure_ascii=False)
            return True
    return False


def missing_argument(row: Row, _g: random.Random) -> bool:
    def change(arguments: dict[str, Any], schema: Mapping[str, Any]) -> bool:
        name = next((n for n in schema.get("required", ()) if n in arguments), None)
        return name is not None and arguments.pop(name) is not None

    return _changed_arguments(row, change)


def wrong_type(row: Row, g: random.Random) -> bool:
    def change(arguments: dict[str, Any], schema: Mapping[str, Any]) -> bool:
        typed = [n for n in arguments if "type" in schema.get("properties", {}).get(n, {})]
        if not typed:
            return False
        name = g.choice(typed)
        kind = schema["properties"][name]["type"]
        arguments[name] = 17 if kind in ("string", "array", "object") else "seventeen"
        return True

    return _changed_arguments(row, change)


def extra_argument(row: Row, _g: random.Random) -> bool:
    def change(arguments: dict[str, Any], schema: Mapping[str, Any]) -> bool:
        arguments["verbosity"] = "high"
        return bool(schema.get("properties"))

    return _changed_arguments(row, change)


def enum_violation(row: Row, _g: random.Random) -> bool:
    for call in calls_of(row):
        arguments = json.loads(call["function"]["arguments"])
        for tool in row.get("tools") or ():
            properties = tool["function"].get("parameters", {}).get("properties", {})
            for name in arguments:
                same = tool["function"]["name"] == call["function"]["name"] and name in properties
                if same and isinstance(arguments[name], str):
                    properties[name]["enum"] = ["alpha", "beta"]
                    return True
    return False


def twice_encoded(row: Row, _g: random.Random) -> bool:
    for call in calls_of(row):
        call["function"]["arguments"] = json.dumps(call["function"]["arguments"])
    return bool(calls_of(row))


def python_arguments(row: Row, _g: random.Random) -> bool:
    for call in calls_of(row):
        call["function"]["arguments"] = repr(json.loads(call["function"]["arguments"]))
    return any("'" in c["function"]["arguments"] for c in calls_of(row))


def arguments_list(row: Row, _g: random.Random) -> bool:
    for call in calls_of(row):
        call["function"]["arguments"] = json.dumps([json.loads(call["function"]["arguments"])])
    return bool(calls_of(row))


def no_call_id(row: Row, _g: random.Random) -> bool:
    for call in calls_of(row):
        del call["id"]
    return bool(calls_of(row))


def no_result_id(row: Row, _g: random.Random) -> bool:
    for i in _results(row):
        del row["messages"][i]["tool_call_id"]
    return bool(_results(row))


def same_id_in_turn(row: Row, _g: random.Random) -> bool:
    for i, turn in enumerate(row["messages"]):
        if turn.get("tool_calls"):
            turn["tool_calls"].append(copy.deepcopy(turn["tool_calls"][0]))
            row["messages"].insert(i + 2, copy.deepcopy(row["messages"][i + 1]))
            return True
    return False


def same_id_in_turns(row: Row, _g: random.Random) -> bool:
    if len(calls_of(row)) < 2:
        return False
    for call in calls_of(row):
        call["id"] = "call_0"
    for i in _results(row):
        row["messages"][i]["tool_call_id"] = "call_0"
    return True


def two_results(row: Row, _g: random.Random) -> bool:
    for i in _results(row):
        row["messages"].insert(i + 1, {**row["messages"][i], "content": '{"status": "other"}'})
        return True
    return False


def result_before_call(row: Row, _g: random.Random) -> bool:
    for i in _results(row):
        row["messages"][i - 1], row["messages"][i] = row["messages"][i], row["messages"][i - 1]
        return True
    return False


def result_then_user(row: Row, _g: random.Random) -> bool:
    for i in _results(row):
        if i + 2 < len(row["messages"]):
            del row["messages"][i + 1]
            return True
    return False


def ends_with_result(row: Row, _g: random.Random) -> bool:
    del row["messages"][(_results(row) or [-2])[-1] + 1 :]
    return bool(_results(row))


def user_calls(row: Row, _g: random.Random) -> bool:
    for i, turn in enumerate(row["messages"]):
        if turn.get("tool_calls"):
            row["messages"][i - 1]["tool_calls"] = turn["tool_calls"]
            return True
    return False


def tools_text(row: Row, _g: random.Random) -> bool:
    row["tools"] = "get_weather(city)"
    return True


def tools_of_names(row: Row, _g: random.Random) -> bool:
    row["tools"] = ["get_weather", "get_time"]
    return True


def tool_without_name(row: Row, _g: random.Random) -> bool:
    for tool in row.get("tools") or ():
        del tool["function"]["name"]
        return True
    return False


def tool_twice(row: Row, _g: random.Random) -> bool:
    if row.get("tools"):
        row["tools"].append({"type": "function", "function": {"name": row["tools"][0]["function"]["name"]}})
    return bool(row.get("tools"))


def parameters_text(row: Row, _g: random.Random) -> bool:
    for tool in row.get("tools") or ():
        tool["function"]["parameters"] = "city: string"
        return True
    return False


def legacy_call(row: Row, _g: random.Random) -> bool:
    for turn in row["messages"]:
        if turn.get("tool_calls"):
            turn["function_call"] = turn.pop("tool_calls")[0]["function"]
        if turn["role"] == "tool":
            turn["role"] = "function"
            del turn["tool_call_id"]
    return bool(_results(row)) or any("function_call" in t for t in row["messages"])


def final_call(row: Row, _g: random.Random) -> bool:
    """No fault: a conversation may end with a call."""
    del row["messages"][(_results(row) or [-1])[-1] :]
    return bool(row["messages"]) and bool(row["messages"][-1].get("tool_calls"))


CALL_FAULTS: tuple[Fault, ...] = (
    missing_argument,
    wrong_type,
    extra_argument,
    enum_violation,
    twice_encoded,
    python_arguments,
    arguments_list,
    no_call_id,
    no_result_id,
    same_id_in_turn,
    same_id_in_turns,
    two_results,
    result_before_call,
    result_then_user,
    ends_with_result,
    user_calls,
    tools_text,
    tools_of_names,
    tool_without_name,
    tool_twice,
    parameters_text,
    legacy_call,
    final_call,
)
