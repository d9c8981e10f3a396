"""Versions as ShareGPT conversations, preferences and judged answers for LLaMA-Factory."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ....schemas.providers.llamafactory import RULES, ChatRow, LabelledRow, PreferenceRow
from ....schemas.providers.problems import RowProblem, is_json_object
from ..llamafactory_config import dataset_info, llamafactory_yaml
from ..settings import Objective
from ..shape import Carries, Converted, Record, Target, one_answer, role_of, uncarried
from ..sidecars import Sidecar

SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


def convert_chat(record: Record) -> Converted | RowProblem:
    """A row for `stage: sft`: every answer in it is trained on."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    return _row(record, record["messages"], {})


def convert_dpo(record: Record) -> Converted | RowProblem:
    """A row for `stage: dpo`: the prompt, and the answer that won and the one that lost, one turn each."""
    rejected = record.get("rejected")
    if rejected is None:
        return uncarried("not_a_preference_row")
    messages = record["messages"]
    if len(messages) < 2 or messages[-1]["role"] != "assistant" or messages[-2]["role"] != "user":
        return uncarried("unclear_prompt", "messages")
    if len(rejected) != 1:
        return uncarried("several_losing_turns", "rejected")
    return _row(record, messages[:-1], {"chosen": messages[-1], "rejected": rejected[0]})


def convert_kto(record: Record) -> Converted | RowProblem:
    """A row for `stage: kto`: a conversation, and whether its last answer is good."""
    if record.get("rejected") is not None:
        return uncarried("preference_row", "rejected")
    if record.get("label") is None:
        return uncarried("not_labelled", "label")
    made = _row(record, record["messages"], {})
    if isinstance(made, RowProblem):
        return made
    return Converted({**made.row, "label": record["label"]}, made.changes)


def _row(record: Record, messages: Sequence[Record], answers: dict[str, Record]) -> Converted | RowProblem:
    """Conversation, answers, system and tools; the last two are "" in rows that have none."""
    problem = unmatched_call(messages)
    if problem is not None:
        return problem
    changes: set[str] = set()
    told: dict[str, Record] = {}
    named = [(f"messages.{i}", turn) for i, turn in enumerate(messages)]
    for where, turn in (*named, *answers.items()):
        problem = _uncarried_member(turn, where)
        if problem is not None:
            return problem
        told[where] = _turn(turn, changes)
    conversation = [told[where] for where, _ in named]
    system = ""
    if conversation and conversation[0]["from"] == "system":
        system = conversation.pop(0)["value"]
        if not system.strip():
            return RowProblem("empty_content", "messages.0.content", RULES["empty_content"].sentence)
    tools = json.dumps(record["tools"], ensure_ascii=False) if record.get("tools") else ""
    row: Record = {"conversations": conversation, **{name: told[name] for name in answers}}
    return Converted({**row, "system": system, "tools": tools}, tuple(sorted(changes)))


def unmatched_call(messages: Sequence[Record]) -> RowProblem | None:
    """Where tool calls and answers do not match by id: ids are not written, so the row cannot show it."""
    seen: set[str] = set()
    waiting: list[str | None] = []
    for i, turn in enumerate(messages):
        if turn["role"] == "tool":
            if turn.get("tool_call_id") not in waiting:
                return _broken("tool_answer_without_call", i)
            waiting.remove(turn.get("tool_call_id"))
            continue
        if waiting:
            return _broken("tool_call_unanswered", i)
        waiting = [call.get("id") for call in turn.get("tool_calls") or ()]
        if seen & set(waiting) or len(set(waiting)) < len(waiting):
            return _broken("tool_call_twice", i)
        seen.update(call_id for call_id in waiting if call_id is not None)
    return None


def _broken(code: str, position: int) -> RowProblem:
    return RowProblem(code, f"messages.{position}", RULES[code].sentence)


def _uncarried_member(turn: Record, where: str) -> RowProblem | None:
    """What a ShareGPT turn has no place for."""
    if turn.get("reasoning_content"):
        return uncarried("reasoning_content", f"{where}.reasoning_content")
    weight = turn.get("weight")
    if weight not in (None, 1) and (turn["role"] == "assistant" or weight):
        return uncarried("zero_weight" if weight == 0 else "fractional_weight", f"{where}.weight")
    if turn.get("name") is not None and turn["role"] != "tool":
        return uncarried("speaker_name", f"{where}.name")
    calls = turn.get("tool_calls") or ()
    if calls and (turn.get("content") or "").strip():
        return uncarried("content_beside_calls", where)
    for k, call in enumerate(calls):
        if not is_json_object(call["function"]["arguments"]):
            return uncarried("arguments_not_object", f"{where}.tool_calls.{k}.function.arguments")
    return None


def _turn(turn: Record, changes: set[str]) -> Record:
    if turn.get("weight") == 1:
        changes.add("full_weight_left_out")
    if turn.get("tool_calls"):
        changes.add("tool_ids_left_out")
        calls = [_call(call["function"]) for call in turn["tool_calls"]]
        return {"from": "function_call", "value": calls[0] if len(calls) == 1 else f"[{', '.join(calls)}]"}
    if turn["role"] == "tool" and turn.get("name") is not None:
        changes.add("tool_name_left_out")
    return {"from": SPEAKERS[role_of(turn, changes)], "value": turn.get("content") if turn["role"] == "tool" else turn.get("content") or ""}


def _call(function: Record) -> str:
    """A call as JSON; the arguments stay as they are written."""
    name = json.dumps(function["name"], ensure_ascii=False)
    return f'{{"name": {name}, "arguments": {function["arguments"]}}}'


def _config(objective: Objective) -> tuple[Sidecar, ...]:
    return (
        Sidecar(
            "dataset_info.json", lambda told: dataset_info(told, objective), "the columns and their roles"
        ),
        Sidecar(
            "llamafactory.yaml",
            lambda told: llamafactory_yaml(told, objective),
            "run `llamafactory-cli train llamafactory.yaml` inside the folder",
        ),
    )


CARRIES = Carries(tools=True)
LLAMAFACTORY = Target(
    name="llamafactory",
    family="llamafactory",
    summary="LLaMA-Factory, stage sft, ShareGPT conversations",
    model=ChatRow,
    rules=RULES,
    convert=convert_chat,
    carries=CARRIES,
    sidecars=_config("sft"),
)
LLAMAFACTORY_DPO = Target(
    name="llamafactory-dpo",
    family="llamafactory",
    summary="LLaMA-Factory, stage dpo, ShareGPT prompts with two answers (ranking)",
    model=PreferenceRow,
    rules=RULES,
    convert=convert_dpo,
    kinds=frozenset({"preference"}),
    carries=CARRIES,
    sidecars=_config("dpo"),
)
LLAMAFACTORY_KTO = Target(
    name="llamafactory-kto",
    family="llamafactory",
    summary="LLaMA-Factory, stage kto, ShareGPT conversations judged good or bad (kto_tag)",
    model=LabelledRow,
    rules=RULES,
    convert=convert_kto,
    kinds=frozenset({"label"}),
    carries=CARRIES,
    sidecars=_config("kto"),
)
TARGETS = (LLAMAFACTORY, LLAMAFACTORY_DPO, LLAMAFACTORY_KTO)
