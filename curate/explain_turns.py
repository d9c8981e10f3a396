"""Turns and their changes as readable lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .terminal_text import WIDTH, changed_part, shorten, wrap

LONGEST = 600
AROUND = 60
INDENT = "    "

Told = dict[str, Any]


def turn_told(turn: Told) -> str:
    """A turn as one text: reasoning, content, tool calls."""
    parts = [f"(reasoning) {turn['reasoning_content']}"] if turn.get("reasoning_content") else []
    parts += [turn["content"]] if turn.get("content") else []
    for call in turn.get("tool_calls") or ():
        parts.append(f"(calls) {call['function']['name']}({call['function']['arguments']})")
    weight = turn.get("weight")
    parts += [f"(weight {weight:g})"] if weight is not None else []
    return "\n".join(parts) or "(empty)"


def change_lines(change: Told) -> Iterator[str]:
    """One changed turn: what it was, and what it is."""
    before, after = change["before"], change["after"]
    role = (before or after)["role"]
    yield f"{INDENT}turn {change['turn']} ({role})"
    old = None if before is None else turn_told(before)
    new = None if after is None else turn_told(after)
    if before is not None and after is not None and before["role"] != after["role"]:
        old, new = f"{before['role']}: {old}", f"{after['role']}: {new}"
    if old is not None and new is not None:
        old, new = changed_part(old, new, around=AROUND)
    for sign, text in (("- ", old), ("+ ", new)):
        if text is not None:
            yield from labelled(INDENT + sign, shorten(text, LONGEST))


def labelled(label: str, text: str) -> Iterator[str]:
    """A wrapped text after its label."""
    lines = wrap(text, WIDTH - len(label))
    yield (label + lines[0]).rstrip()
    yield from ((" " * len(label) + line).rstrip() for line in lines[1:])


def indented(text: str, indent: str) -> Iterator[str]:
    """A wrapped text behind an indent."""
    yield from ((indent + line).rstrip() for line in wrap(text, WIDTH - len(indent)))
