"""Versions as ShareGPT conversations, preferences and judged answers for LLaMA-Factory."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ....schemas.providers.llamafactory import RULES, ChatRow, LabelledRow, PreferenceRow
from ....schemas.providers.problems import RowProblem
from ..arguments import arguments_object, is_respelled
from ..plain_turns import weight_problem
from ..record_kinds import last_answer_alone, one_answer, one_pair, one_verdict
from ..scripts.llamafactory import dataset_info, llamafactory_yaml
from ..settings import Objective
from ..shape import Carries, Converted, Record, Target, role_of, uncarried
from ..sidecars import Sidecar

SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


def convert_chat(record: Record) -> Converted | RowProblem:
    """A row for `stage: sft`: every answer in it is trained on."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    return _row(record, record["messages"], {}, last_alone=False)


def convert_last(record: Record) -> Converted | RowProblem:
    """A row for `stage: sft` with `mask_history: true`: the last answer alone is trained on."""
    problem = last_answer_alone(record)
    if problem is not None:
        return problem
    return _row(record, record["messages"], {})


def convert_dpo(record: Record) -> Converted | RowProblem:
    """A row for `stage: dpo`: the prompt, and the answer that won and the one that lost, one turn each."""
    problem = one_pair(record)
    if problem is not None:
        return problem
    *prompt, winner = record["messages"]
    return _row(record, prompt, {"chosen": winner, "rejected": record["rejected"][0]})


def convert_kto(record: Record) -> Converted | RowProblem:
    """A row for `stage: kto`: a conversation, and whether its last answer is good."""
    problem = one_verdict(record)
    if problem is not None:
        return problem
    made = _row(record, record["messages"], {})
    if isinstance(made, RowProblem):
        return made
    return Converted({**made.row, "label": record["label"]}, made.changes)


def _row(
    record: Record, messages: Sequence[Record], answers: dict[str, Record], *, last_alone: bool = True
) -> Converted | RowProblem:
    """Conversation, answers, system and tools; the last two are "" in rows that have none."""
    problem = unmatched_call(messages)
    if problem is not None:
        return problem
    changes: set[str] = set()
    told: dict[str, Record] = {}
    named = {f"messages.{i}": turn for i, turn in enumerate(messages)}
    learnt = answers or dict(list(named.items())[-1:] if last_alone else named)
    for where, turn in {**named, **answers}.items():
        problem = _uncarried_member(turn, where) or weight_problem(
            turn, where, changes, learnt=where in learnt
        )
        if problem is not None:
            return problem
        said = _turn(turn, where, changes)
        if isinstance(said, RowProblem):
            return said
        told[where] = said
    conversation = [told[where] for where in named]
    system = ""
    if conversation and conversation[0]["from"] == "system":
        system = conversation.pop(0)["value"]
        if not system.strip():
            return _broken("empty_content", 0)
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
    if turn.get("name") is not None and turn["role"] != "tool":
        return uncarried("speaker_name", f"{where}.name")
    if turn.get("tool_calls") and (turn.get("content") or "").strip():
        return uncarried("content_beside_calls", where)
    return None


def _turn(turn: Record, where: str, changes: set[str]) -> Record | RowProblem:
    if turn.get("tool_calls"):
        return _calls(turn["tool_calls"], f"{where}.tool_calls", changes)
    content = turn.get("content")
    if turn["role"] == "tool" and turn.get("name") is not None:
        changes.add("tool_name_left_out")
    said = content if turn["role"] == "tool" else content or ""
    return {"from": SPEAKERS[role_of(turn, changes)], "value": said}


def _calls(calls: Sequence[Record], where: str, changes: set[str]) -> Record | RowProblem:
    """A function_call turn: one call as an object, several as a list; their ids have no place."""
    told: list[str] = []
    for k, call in enumerate(calls):
        name, text = call["function"]["name"], call["function"]["arguments"]
        arguments = arguments_object(text)
        if isinstance(arguments, str):
            return uncarried(arguments, f"{where}.{k}.function.arguments")
        if is_respelled(text, arguments):
            changes.add("arguments_respelled")
        told.append(f'{{"name": {json.dumps(name, ensure_ascii=False)}, "arguments": {text}}}')
    changes.add("tool_ids_left_out")
    return {"from": "function_call", "value": told[0] if len(told) == 1 else f"[{', '.join(told)}]"}


def _config(objective: Objective, *, last_alone: bool = False) -> tuple[Sidecar, ...]:
    return (
        Sidecar(
            "dataset_info.json", lambda told: dataset_info(told, objective), "the columns and their roles"
        ),
        Sidecar(
            "llamafactory.yaml",
            lambda told: llamafactory_yaml(told, objective, last_alone=last_alone),
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
LLAMAFACTORY_LAST = Target(
    name="llamafactory-last",
    family="llamafactory",
    summary="LLaMA-Factory, stage sft with mask_history: the last turn alone is learnt",
    model=ChatRow,
    rules=RULES,
    convert=convert_last,
    carries=CARRIES,
    sidecars=_config("sft", last_alone=True),
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
    summary="LLaMA-Factory, stage kto, ShareGPT conversations judged good or bad; a preference is two rows",
    model=LabelledRow,
    rules=RULES,
    convert=convert_kto,
    kinds=frozenset({"label", "preference"}),
    carries=CARRIES,
    sidecars=_config("kto"),
    always=("pairs_as_labels",),
)
TARGETS = (LLAMAFACTORY, LLAMAFACTORY_LAST, LLAMAFACTORY_DPO, LLAMAFACTORY_KTO)
