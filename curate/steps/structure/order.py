"""Roles and their order, empty turns and weights: repairs, and what remains wrong."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ...rows import Turn
from .reasons import Finding

END_TOKENS = ("<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<|end|>", "</s>", "<eos>")
SYSTEM = ("system", "developer")
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
REMEMBERED = 4096
"""Distinct sequences of roles that a process remembers."""

_END = re.compile(r"(?:\s*(?:" + "|".join(map(re.escape, END_TOKENS)) + r"))+\s*$")


def has_content(turn: Mapping[str, Any]) -> bool:
    """Whether a turn has a text with something to see in it."""
    content = turn.get("content")
    return isinstance(content, str) and bool(content.strip().strip(INVISIBLE))


def repair_order(messages: Sequence[Turn]) -> tuple[list[Turn], list[Finding]]:
    """The messages with certain faults repaired, and what was repaired."""
    fixes: list[Finding] = []
    turns: list[Turn] = []
    for position, turn in enumerate(messages):
        if turn["role"] in SYSTEM and not has_content(turn):
            fixes.append(Finding("empty_system", f"turn {position + 1} removed"))
        elif turns and turn == turns[-1] and turn["role"] in SYSTEM:
            fixes.append(Finding("repeated_system", f"turn {position + 1} removed"))
        else:
            turns.append(turn)
    fixes += _cut_end(turns)
    fixes += _cut_end_token(turns)
    return turns, fixes


def _cut_end(turns: list[Turn]) -> Iterator[Finding]:
    """Take away one user turn, or the results of one turn, at the end: nothing is learnt from them."""
    roles = [t["role"] for t in turns]
    if roles[-2:] == ["assistant", "user"]:
        yield Finding("trailing_user_turn", f"turn {len(turns)} removed")
        turns.pop()
        return
    cut = len(turns)
    while cut and roles[cut - 1] == "tool":
        cut -= 1
    if 0 < cut < len(turns) and turns[cut - 1].get("tool_calls") and roles[cut - 1] == "assistant":
        yield Finding("ends_with_tool", f"{len(turns) - cut} turns after turn {cut} removed")
        del turns[cut:]


def _cut_end_token(turns: list[Turn]) -> Iterator[Finding]:
    if not turns or turns[-1]["role"] != "assistant":
        return
    text = turns[-1].get("content") or ""
    found = _END.search(text) if text.rstrip().endswith(END_TOKENS) else None
    if found:
        yield Finding("end_token", f"removed {found.group().strip()!r}")
        turns[-1] = {**turns[-1], "content": text[: found.start()]}


def impossible_turns(turns: Sequence[Turn]) -> list[Finding]:
    """Faults of the turns with which a row cannot be trained on."""
    if unusable := unusable_roles(tuple(t["role"] for t in turns)):
        return [unusable]
    if all(t.get("weight") == 0 for t in turns if t["role"] == "assistant"):
        return [Finding("nothing_trained", "every assistant turn has the weight 0")]
    last = len(turns) - 1
    return [
        Finding("empty_response", f"turn {i + 1} is empty")
        if i == last
        else Finding("empty_turn", f"turn {i + 1} ({turn['role']}) is empty")
        for i, turn in enumerate(turns)
        if turn["role"] in ("user", "assistant") and not has_content(turn) and not turn.get("tool_calls")
    ]


@functools.lru_cache(maxsize=REMEMBERED)
def unusable_roles(roles: tuple[str, ...]) -> Finding | None:
    """Why a conversation with these roles cannot be trained on."""
    told = f"roles: {', '.join(roles) or 'none'}"
    if "assistant" not in roles:
        return Finding("no_assistant_turn", told)
    if "user" not in roles and not any(role in roles for role in SYSTEM):
        return Finding("no_user_turn", told)
    return None


@functools.lru_cache(maxsize=REMEMBERED)
def doubtful_order(roles: tuple[str, ...]) -> tuple[Finding, ...]:
    """What is unusual in the order of roles."""
    found: list[Finding] = []
    if "user" not in roles:
        found.append(Finding("system_prompt_only", f"roles: {', '.join(roles)}"))
    first = next((i for i, role in enumerate(roles) if role not in SYSTEM), len(roles))
    if first > 1:
        found.append(Finding("system_twice", f"{first} {roles[0]} turns open the conversation"))
    if "user" in roles and first < len(roles) and roles[first] == "assistant":
        found.append(Finding("starts_with_assistant", f"turn {first + 1} is the assistant's"))
    for i, role in enumerate(roles[first:], start=first):
        if role in SYSTEM:
            found.append(Finding("late_system", f"turn {i + 1} is a {role} turn"))
    talk = [(i, role) for i, role in enumerate(roles) if role not in SYSTEM]
    for (_, before), (i, role) in pairwise(talk):
        if role == before and role in ("user", "assistant"):
            found.append(Finding("doubled_turn", f"turns {i} and {i + 1} are both the {role}'s"))
        elif (before, role) == ("tool", "user"):
            found.append(Finding("result_not_used", f"turn {i + 1} is the user's, after a tool result"))
    return tuple(found)


def doubtful_turns(turns: Sequence[Turn]) -> list[Finding]:
    """Faults of the turns that a person should look at."""
    found = list(doubtful_order(tuple(t["role"] for t in turns)))
    for i, turn in enumerate(turns):
        weight = turn.get("weight")
        if weight is not None and weight not in (0, 1):
            found.append(Finding("fractional_weight", f"turn {i + 1} has the weight {weight:g}"))
    return found
