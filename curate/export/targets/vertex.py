"""Versions as Vertex AI tuning files for Gemini."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ....schemas.example import canonical_json
from ....schemas.providers.problems import RowProblem, is_json_object
from ....schemas.providers.vertex import RULES, ChatRow, PreferenceRow
from ..openapi_schema import SchemaProblem, openapi_schema
from ..record_kinds import one_answer, one_pair
from ..shape import SYSTEM, Carries, Converted, Limits, Record, State, Target, uncarried
from .vertex_tune import tune_script

OUTPUT = "output"
"""The member of a function response that is its output; source: FunctionResponse in google-genai."""
EXACT = 2**53

Part = dict[str, Any]


class _Refused(Exception):
    """A record that the format cannot carry."""

    def __init__(self, problem: RowProblem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def convert_sft(record: Record) -> Converted | RowProblem:
    """A conversation as `contents`, with functions; calls of functions only where the user asked for them."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    return contents_of(record["messages"], record.get("tools"), calls=bool(record.get("tune_calls")))


def contents_of(messages: list[Record], tools: list[Record] | None, *, calls: bool) -> Converted | RowProblem:
    """A conversation, or the beginning of one, as `systemInstruction`, `contents` and `tools`.

    Args:
        messages: Turns.
        tools: Tool definitions.
        calls: Whether calls of functions are carried.
    """
    changes: set[str] = set()
    try:
        row = _conversation(messages, changes, tune_calls=calls)
        if tools:
            row["tools"] = [{"functionDeclarations": _declarations(tools, changes)}]
    except _Refused as refused:
        return refused.problem
    return Converted(row, tuple(sorted(changes)))


def convert_dpo(record: Record) -> Converted | RowProblem:
    """A preference: the last turn of `messages` won, the losing turn stands in `rejected`; all text."""
    problem = one_pair(record)
    if problem is not None:
        return problem
    messages, rejected = record["messages"], record["rejected"]
    if record.get("tools"):
        return uncarried("tool_definitions", "tools")
    changes: set[str] = set()
    try:
        row = _conversation(messages[:-1], changes, tune_calls=False, no_calls="tool_calls")
        winner, loser = (
            _model_turn(turn, f"{name}.{i}", changes, tune_calls=False, no_calls="tool_calls")
            for name, i, turn in (("messages", len(messages) - 1, messages[-1]), ("rejected", 0, rejected[0]))
        )
    except _Refused as refused:
        return refused.problem
    if "systemInstruction" in row:
        row = {"system_instruction": row["systemInstruction"], "contents": row["contents"]}
    row["completions"] = [{"score": 1, "completion": winner}, {"score": 0, "completion": loser}]
    return Converted(row, tuple(sorted(changes)))


def _conversation(
    turns: list[Record], changes: set[str], *, tune_calls: bool, no_calls: str = "function_call_untunable"
) -> Record:
    row: Record = {}
    contents: list[Part] = []
    i = 0
    while i < len(turns):
        turn, where = turns[i], f"messages.{i}"
        role = turn.get("role")
        if role in SYSTEM:
            if i:
                raise _Refused(uncarried("late_system_prompt", where))
            changes.update({"developer_to_system"} if role == "developer" else ())
            row["systemInstruction"] = {"role": "system", "parts": _text(turn, where)}
        elif role == "assistant":
            contents.append(_model_turn(turn, where, changes, tune_calls=tune_calls, no_calls=no_calls))
            if turn.get("tool_calls") and turns[i + 1 : i + 2] and turns[i + 1].get("role") != "tool":
                raise _Refused(_refusal("call_unanswered", f"messages.{i + 1}"))
        elif role == "tool":
            answers = _run_of_tools(turns, i)
            contents.append({"role": "user", "parts": _responses(turns, i, answers, changes)})
            i += len(answers) - 1
        else:
            told = {"role": role} if role is not None else {}
            contents.append({**told, "parts": _text(turn, where)})
        i += 1
    row["contents"] = contents
    return row


def _text(turn: Record, where: str) -> list[Part]:
    """The text of a turn as its parts; a name would be lost."""
    if turn.get("name") is not None:
        raise _Refused(uncarried("speaker_name", f"{where}.name"))
    content = turn.get("content")
    if content is None and turn.get("tool_calls"):
        return []
    return [{"text": "" if content is None else content}]


def _model_turn(turn: Record, where: str, changes: set[str], *, tune_calls: bool, no_calls: str) -> Record:
    weight = turn.get("weight")
    if weight not in (None, 1):
        raise _Refused(uncarried("zero_weight" if weight == 0 else "fractional_weight", f"{where}.weight"))
    if turn.get("reasoning_content"):
        raise _Refused(uncarried("reasoning_content", f"{where}.reasoning_content"))
    parts = _text(turn, where)
    calls = turn.get("tool_calls") or []
    if calls and not tune_calls:
        raise _Refused(_refusal(no_calls, f"{where}.tool_calls"))
    if calls and parts and parts[0]["text"] == "":
        changes.add("empty_content_left_out")
        parts = []
    for k, call in enumerate(calls):
        parts.append({"functionCall": _call(call, f"{where}.tool_calls.{k}", changes)})
    return {"role": "model", "parts": parts}


def _refusal(code: str, where: str, more: str = "") -> RowProblem:
    if code not in RULES:
        return uncarried(code, where)
    return RowProblem(code, where, f"{RULES[code].sentence}: {more}" if more else RULES[code].sentence)


def _call(call: Record, where: str, changes: set[str]) -> Part:
    function = call["function"]
    text = function["arguments"]
    if not isinstance(text, str) or not is_json_object(text):
        raise _Refused(uncarried("arguments_not_object", f"{where}.function.arguments"))
    arguments = json.loads(text)
    if not _exact(arguments):
        raise _Refused(_refusal("number_too_large", f"{where}.function.arguments"))
    if canonical_json(arguments) != text:
        changes.add("arguments_respelled")
    if call.get("id") is not None:
        changes.add("tool_ids_left_out")
    return {"name": function.get("name"), "args": arguments}


def _exact(value: Any) -> bool:
    """Whether every integer is one that a double holds exactly."""
    if isinstance(value, Mapping):
        return all(map(_exact, value.values()))
    if isinstance(value, list):
        return all(map(_exact, value))
    return not isinstance(value, int) or abs(value) <= EXACT


def _run_of_tools(turns: list[Record], start: int) -> list[Record]:
    end = start
    while end < len(turns) and turns[end].get("role") == "tool":
        end += 1
    return turns[start:end]


def _responses(turns: list[Record], start: int, answers: list[Record], changes: set[str]) -> list[Part]:
    """Tool turns as function responses, in the order of the calls, which is what matches them there."""
    calls = (turns[start - 1].get("tool_calls") or []) if start else []
    names = {call.get("id"): call["function"].get("name") for call in calls}
    by_id = {turn.get("tool_call_id"): turn for turn in answers}
    if len(names) != len(calls) or len(by_id) != len(answers) or not set(by_id) <= set(names):
        raise _Refused(_refusal("response_without_call", f"messages.{start}"))
    if len(by_id) < len(names):
        raise _Refused(_refusal("call_unanswered", f"messages.{start}"))
    if list(by_id) != list(names):
        changes.add("tool_answers_reordered")
    if any(turn.get("name") not in (None, names[turn.get("tool_call_id")]) for turn in answers):
        changes.add("tool_name_replaced")
    return [
        {"functionResponse": {"name": name, "response": {OUTPUT: by_id[call_id].get("content") or ""}}}
        for call_id, name in names.items()
    ]


def _declarations(tools: list[Record], changes: set[str]) -> list[Record]:
    found: list[Record] = []
    for i, tool in enumerate(tools):
        function = tool.get("function") if tool.get("type") == "function" else None
        if not isinstance(function, Mapping):
            raise _Refused(uncarried("tool_definitions", f"tools.{i}"))
        where = f"tools.{i}.function.parameters"
        for keyword in set(function) - {"name", "description", "parameters"}:
            changes.add(f"tool_member_left_out:{keyword}")
        told = {k: function[k] for k in ("name", "description") if function.get(k) is not None}
        if function.get("parameters") is not None:
            told |= _parameters(function["parameters"], where, changes)
        found.append(told)
    return found


def _parameters(schema: Any, where: str, changes: set[str]) -> Record:
    """The parameters; a function without any has none, as the reference says."""
    try:
        told = openapi_schema(schema, changes)
    except SchemaProblem as problem:
        raise _Refused(_refusal(problem.code, where, problem.keyword)) from problem
    if not told or (told.get("type") == "OBJECT" and not told.get("properties")):
        changes.add("empty_parameters_left_out")
        return {}
    return {"parameters": told}


_STATE = State(
    "open",
    "docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/supervised-tuning, read 2026-11",
)
_SFT_LIMITS = Limits(
    max_train_rows=1_000_000,
    max_validation_rows=5_000,
    max_file_bytes=1_000_000_000,
    max_row_tokens=131_072,
    source="docs.cloud.google.com, About supervised fine-tuning for Gemini models (2.5 Flash), read 2026-11",
)
_DPO_LIMITS = Limits(
    max_train_rows=10_000_000,
    max_validation_rows=5_000,
    max_file_bytes=1_000_000_000,
    max_row_tokens=131_072,
    source="docs.cloud.google.com, About preference tuning for Gemini models, read 2026-11",
)
_NOTES = {
    "tool_calls": "rows call functions: tuning Gemini 2.5 has refused such rows with 'unsupported modality "
    "[function call]' (googleapis/python-aiplatform issue 6127, read 2026-11)"
}

VERTEX = Target(
    name="vertex",
    family="vertex",
    summary="Vertex AI supervised tuning of Gemini, contents and parts",
    model=ChatRow,
    rules=RULES,
    convert=convert_sft,
    carries=Carries(tools=True),
    limits=_SFT_LIMITS,
    state=_STATE,
    sidecars=(tune_script("SUPERVISED_FINE_TUNING"),),
    notes=_NOTES,
)
VERTEX_DPO = Target(
    name="vertex-dpo",
    family="vertex",
    summary="Vertex AI preference tuning of Gemini, two completions with scores",
    model=PreferenceRow,
    rules=RULES,
    convert=convert_dpo,
    kinds=frozenset({"preference"}),
    limits=_DPO_LIMITS,
    state=_STATE,
    sidecars=(tune_script("PREFERENCE_TUNING"),),
)
TARGETS = (VERTEX, VERTEX_DPO)
