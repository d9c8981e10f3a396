"""Versions as Mistral fine-tuning files."""

from __future__ import annotations

import hashlib
from typing import Any

from ....schemas.providers.mistral import ID_LENGTH, RULES, ChatRow, is_plain_id
from ....schemas.providers.problems import RowProblem
from ..record_kinds import one_answer
from ..shape import SYSTEM, Carries, Converted, Limits, Record, State, Target, role_of, uncarried
from .mistral_job import JOB, YAML

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def plain_id(given: str, taken: set[str]) -> str:
    """Nine letters and digits for an id: itself where it is that already, else a hash of it.

    Args:
        given: The id.
        taken: Ids of the row that are in use.
    """
    if is_plain_id(given) and given not in taken:
        return given
    for salt in range(1000):
        digest = hashlib.blake2b(f"{salt}:{given}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
        number = int.from_bytes(digest)
        letters = []
        for _ in range(ID_LENGTH):
            number, rest = divmod(number, len(_LETTERS))
            letters.append(_LETTERS[rest])
        if "".join(letters) not in taken:
            return "".join(letters)
    raise AssertionError("a thousand hashes are taken")


def convert(record: Record) -> Converted | RowProblem:
    """A row as one line of chat JSONL with plain ids."""
    problem = one_answer(record)
    if problem is not None:
        return problem
    changes: set[str] = set()
    ids = _Ids(record["messages"])
    messages: list[Record] = []
    for i, turn in enumerate(record["messages"]):
        problem = _uncarried(turn, i)
        if problem is not None:
            return problem
        messages.append(_turn(turn, ids, changes))
    row: Record = {"messages": messages}
    if record.get("tools"):
        row["tools"] = [_tool(tool, changes) for tool in record["tools"]]
    if ids.changed:
        changes.add("tool_ids_rewritten")
    return Converted(row, tuple(sorted(changes)))


class _Ids:
    """The plain id of every id in a row; ids that no call has are rewritten too, so they still match none."""

    def __init__(self, turns: list[Record]) -> None:
        given = [call.get("id") for turn in turns for call in turn.get("tool_calls") or ()]
        self._told = {one: one for one in given if isinstance(one, str) and is_plain_id(one)}
        self.changed = False
        for one in given:
            self.told(one)

    def told(self, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        if given not in self._told:
            self._told[given] = plain_id(given, set(self._told.values()))
            self.changed |= self._told[given] != given
        return self._told[given]


def _uncarried(turn: Record, i: int) -> RowProblem | None:
    where = f"messages.{i}"
    weight = turn.get("weight")
    if turn.get("role") in SYSTEM and i:
        return uncarried("late_system_prompt", where)
    if turn.get("reasoning_content"):
        return uncarried("reasoning_content", f"{where}.reasoning_content")
    if weight is not None and weight not in (0, 1):
        return uncarried("fractional_weight", f"{where}.weight")
    if turn.get("name") is not None and turn.get("role") != "tool":
        return uncarried("speaker_name", f"{where}.name")
    if turn.get("tool_calls") and turn.get("content"):
        return uncarried("content_beside_calls", where)
    return None


def _turn(turn: Record, ids: _Ids, changes: set[str]) -> Record:
    told: Record = {"role": role_of(turn, changes)} if turn.get("role") is not None else {}
    told |= {name: turn[name] for name in ("content", "name") if turn.get(name) is not None}
    calls = turn.get("tool_calls")
    if calls:
        if "content" in told:
            del told["content"]
            changes.add("empty_content_left_out")
        told["tool_calls"] = [{**call, "id": ids.told(call.get("id"))} for call in calls]
    if turn.get("tool_call_id") is not None:
        told["tool_call_id"] = ids.told(turn["tool_call_id"])
    if turn.get("weight") is not None and turn.get("role") == "assistant":
        told["weight"] = int(turn["weight"])
    return told


def _tool(tool: Any, changes: set[str]) -> Any:
    """A tool with the members that are asked for; empty ones say as little as missing ones."""
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict):
        return tool
    given = {name: value for name, value in function.items() if value is not None}
    if not {"description", "parameters"} <= set(given):
        changes.add("tool_members_filled_in")
    return {**tool, "function": {"description": "", "parameters": {}, **given}}


MISTRAL = Target(
    name="mistral",
    family="mistral",
    summary="Mistral fine-tuning API and mistral-finetune, chat JSONL",
    model=ChatRow,
    rules=RULES,
    convert=convert,
    carries=Carries(tools=True, weights=True),
    limits=Limits(
        max_train_rows=10_000_000,
        max_file_bytes=512 * 1024**2,
        source="docs.mistral.ai, files API, and mistral-finetune, utils/validate_data.py, read 2026-11",
    ),
    state=State(
        "unknown",
        "docs.mistral.ai/api/endpoint/fine-tuning and mistralai on PyPI, read 2026-11",
        "the official SDK has no fine_tuning since 2.5.2; mistral-finetune trains the same files on one's "
        "own machine",
    ),
    sidecars=(JOB, YAML),
    notes={
        "tools": "in rows with tools only the last assistant turn is trained on (mistral-finetune, "
        "finetune/data/tokenize.py, read 2026-11)"
    },
)
TARGETS = (MISTRAL,)
