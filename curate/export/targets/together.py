"""Versions as Together AI fine-tuning files: chat, prompt and completion, preference."""

from __future__ import annotations

from functools import partial

from ....schemas.providers.problems import RowProblem
from ....schemas.providers.together import PREFERENCE_RULES, RULES, ChatRow, PreferenceRow, PromptRow
from ..chat import Form, chat_turns, convert_chat, convert_pair
from ..record_kinds import one_answer
from ..shape import SYSTEM, Carries, Converted, Limits, Record, State, Target, uncarried

OPEN = State("open", "docs.together.ai/docs/fine-tuning/data-preparation, read 2026-11")
LIMITS = Limits(
    min_train_rows=1,
    max_file_bytes=int(50.1 * 1024**3),
    source="together 2.14.0 and 3.1.1, lib/constants.py, read 2026-11",
)
FORM = Form(reasoning=True, names=False, late_system=False, masked=True)


def convert_prompt(record: Record) -> Converted | RowProblem:
    """A row of one question and one answer as prompt and completion."""
    problem = one_answer(record) or _more_than_text(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    turns = chat_turns(record["messages"], "messages", Form(names=False), changes)
    if isinstance(turns, RowProblem):
        return turns
    problem = _not_one_exchange([turn["role"] for turn in record["messages"]])
    if problem is not None:
        return problem
    question, answer = turns
    if answer.get("weight") == 0:
        return uncarried("zero_weight", "messages.1.weight")
    if "weight" in answer:
        changes.add("full_weight_left_out")
    row = {"prompt": question.get("content"), "completion": answer.get("content")}
    return Converted(row, tuple(sorted(changes)))


def _more_than_text(record: Record) -> RowProblem | None:
    for i, turn in enumerate(record["messages"]):
        if turn["role"] == "tool" or turn.get("tool_calls"):
            return uncarried("tool_calls", f"messages.{i}")
    return uncarried("tool_definitions", "tools") if record.get("tools") else None


def _not_one_exchange(roles: list[str]) -> RowProblem | None:
    """Why roles are not a user's and then an assistant's, as far as possible a reason that a change lifts."""
    if roles[0] in SYSTEM:
        return uncarried("system_prompt", "messages.0")
    late = next((i for i, role in enumerate(roles) if role in SYSTEM), None)
    if late is not None:
        return uncarried("late_system_prompt", f"messages.{late}")
    if roles == ["user", "assistant"]:
        return None
    if "assistant" not in roles:
        return RowProblem("no_assistant", "messages", RULES["no_assistant"].sentence)
    if roles[-1] != "assistant":
        where = f"messages.{len(roles) - 1}"
        return RowProblem("last_turn_not_assistant", where, RULES["last_turn_not_assistant"].sentence)
    if "user" not in roles:
        return uncarried("no_prompt", "messages")
    merged = [role for i, role in enumerate(roles) if i == 0 or role != roles[i - 1]]
    if merged == ["user", "assistant"]:
        return uncarried("roles_not_alternating", "messages")
    return uncarried("several_turns", "messages")


TOGETHER = Target(
    name="together",
    family="together",
    summary="Together AI fine-tuning, conversations",
    model=ChatRow,
    rules=RULES,
    convert=partial(convert_chat, form=FORM),
    carries=Carries(tools=True, weights=True, reasoning=True),
    limits=LIMITS,
    state=OPEN,
)
TOGETHER_PROMPT = Target(
    name="together-prompt",
    family="together",
    summary="Together AI fine-tuning, prompt and completion",
    model=PromptRow,
    rules=RULES,
    convert=convert_prompt,
    carries=Carries(system=False, turns=False),
    limits=LIMITS,
    state=OPEN,
)
TOGETHER_DPO = Target(
    name="together-dpo",
    family="together",
    summary="Together AI preference fine-tuning (DPO)",
    model=PreferenceRow,
    rules=PREFERENCE_RULES,
    convert=partial(convert_pair, form=FORM),
    kinds=frozenset({"preference"}),
    carries=Carries(tools=True, weights=True, reasoning=True),
    limits=LIMITS,
    state=OPEN,
)
TARGETS = (TOGETHER, TOGETHER_PROMPT, TOGETHER_DPO)
