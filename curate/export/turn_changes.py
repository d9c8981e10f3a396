"""Changes to the turns of a record, for formats with fewer kinds of turns; `transforms` names them.

Each is pure: the changed record alone in a list, or None where it has nothing to do or would lose something.
"""

from __future__ import annotations

from typing import Any

from .shape import SYSTEM, Record

Turn = dict[str, Any]

LABELS = {"system": "System", "developer": "System", "user": "User", "assistant": "Assistant"}
"""How a turn's role is written inside a prompt."""
_MERGED = {"role", "content", "tool_calls", "weight", "name"}


def history_in_prompt(record: Record) -> list[Record] | None:
    """Everything between the system prompt and the last answer as one user turn, each turn after its label.

    A row stays as it is where a turn of the history calls a tool, answers a call, or has reasoning or a
    name, and where the last turn but one is not the user's.
    """
    messages = record["messages"]
    opening = _opening(messages)
    history, answer = messages[opening:-1], messages[-1]
    if answer["role"] != "assistant" or not history or history[-1]["role"] != "user":
        return None
    if all(turn["role"] == "user" for turn in history) or not all(map(_plain, history)):
        return None
    lines = [f"{LABELS[turn['role']]}: {turn['content']}" for turn in history]
    prompt = "\n\n".join([*lines, f"{LABELS['assistant']}:"])
    return [{**record, "messages": [*messages[:opening], {"role": "user", "content": prompt}, answer]}]


def _opening(messages: list[Turn]) -> int:
    """How many system turns the conversation opens with."""
    return next((i for i, turn in enumerate(messages) if turn["role"] not in SYSTEM), len(messages))


def _plain(turn: Turn) -> bool:
    more = any(turn.get(member) for member in ("tool_calls", "reasoning_content", "name"))
    return turn["role"] in LABELS and bool(turn.get("content")) and not more


def system_to_user(record: Record) -> list[Record] | None:
    """The text of each system turn before the text of the user's next turn, a blank line between.

    A system turn with no user's turn after it, or with a name, stays.
    """
    turns: list[Turn] = []
    waiting: list[Turn] = []
    for turn in record["messages"]:
        if turn["role"] in SYSTEM and not turn.get("name"):
            waiting.append(turn)
        elif turn["role"] == "user" and waiting:
            turns += [{**turn, "content": _joined([*waiting, turn])}]
            waiting = []
        else:
            turns.append(turn)
    if waiting or len(turns) == len(record["messages"]):
        return None
    return [{**record, "messages": turns}]


def merge_same_role(record: Record) -> list[Record] | None:
    """Adjacent turns of one role as one turn, a blank line between; tool turns stay apart.

    Turns that differ in weight or name stay apart, as do turns with reasoning, and a turn that calls tools
    takes nothing after it. The winning answer of a preference is its last turn, and stays that.
    """
    messages, rejected = record["messages"], record.get("rejected")
    winner = messages[-1:] if rejected is not None else []
    merged = [*_merged(messages[: len(messages) - len(winner)]), *winner]
    lost = _merged(rejected) if rejected is not None else None
    if len(merged) == len(messages) and len(lost or ()) == len(rejected or ()):
        return None
    return [{**record, "messages": merged} | ({"rejected": lost} if lost is not None else {})]


def _merged(turns: list[Turn]) -> list[Turn]:
    merged: list[Turn] = []
    for turn in turns:
        if merged and _may_merge(merged[-1], turn):
            merged[-1] = {**merged[-1], **turn, "content": _joined([merged[-1], turn])}
        else:
            merged.append(turn)
    return merged


def _may_merge(first: Turn, second: Turn) -> bool:
    same = all(first.get(member) == second.get(member) for member in ("role", "name"))
    same = same and _weight(first) == _weight(second)
    known = all(value is None or member in _MERGED for t in (first, second) for member, value in t.items())
    return same and known and first["role"] != "tool" and not first.get("tool_calls")


def _weight(turn: Turn) -> float:
    return 1 if turn.get("weight") is None else turn["weight"]


def _joined(turns: list[Turn]) -> str | None:
    return "\n\n".join(turn["content"] for turn in turns if turn.get("content")) or None


def drop_tools(record: Record) -> list[Record] | None:
    """The row without tool definitions where no turn calls a tool or answers a call."""
    turns = [*record["messages"], *(record.get("rejected") or ())]
    if not record.get("tools") or any(turn.get("tool_calls") or turn["role"] == "tool" for turn in turns):
        return None
    return [{**record, "tools": None}]
