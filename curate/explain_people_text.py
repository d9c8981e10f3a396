"""What people did with a row, as readable lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .explain_turns import INDENT, LONGEST, change_lines, indented
from .terminal_text import shorten, visible

Told = dict[str, Any]
TASKS = {"review": "", "rule": "", "browse": " in Browse"}
"""Where something was decided; other tasks are named as they are."""


def event_lines(event: Told) -> Iterator[str]:
    """One event: who, when and what; then its note, what it answered, and what it changed."""
    how = f" (rule: {event['rule']})" if event["rule"] else ""
    why = f": {event['reason']}" if event["reason"] else ""
    undone = f" of #{event['supersedes']}" if event["supersedes"] else ""
    task = TASKS.get(event["task"], f", {event['task']}")
    notes = ["stands"] if event["stands"] else []
    notes += ["final"] if event["final"] else []
    notes += [] if event["same_content"] else ["on other content than today's"]
    notes += [f"after {event['dwell_ms'] / 1000:.1f} s"] if event["dwell_ms"] is not None else []
    tail = f"  [{', '.join(notes)}]" if notes else ""
    told = f"{event['action']}{undone} by {event['actor']}{task}{how}{why}{tail}"
    yield visible(f"  #{event['seq']} {event['at']}  {told}")
    if event["note"]:
        yield from indented(shorten(event["note"], LONGEST), INDENT)
    if event["value"]:
        yield from indented(shorten(_answers(event["value"]), LONGEST), INDENT)
    for change in event.get("changes", ()):
        yield from change_lines(change)
    if event.get("changed"):
        yield f"{INDENT}also changed: {', '.join(event['changed'])}"


def _answers(value: str) -> str:
    """The members of an event's value that a person answered."""
    try:
        told = json.loads(value)
    except ValueError:
        return value
    hidden = ("chosen_content_id", "rejected_content_id", "left", "fast")
    pairs = told.items() if isinstance(told, dict) else ()
    return ", ".join(f"{name}: {answer}" for name, answer in pairs if name not in hidden and answer)


def standing_lines(standing: Told) -> Iterator[str]:
    """What stands, by whose votes."""
    votes = standing["votes"]
    told = f"stands {standing['state']}"
    if standing["state"] == "changed":
        told = "a decision stands on other content than the row has"
    elif standing["waiting"]:
        told += "; the edit is applied by the next tuneset curate"
    if not standing["own"]:
        told += f", as decided on the same content in {standing['row_id']}"
    yield visible(f"  {told}")
    for vote in votes if len(votes) > 1 else ():
        why = f" {vote['reason']}" if vote["reason"] else ""
        yield visible(f"{INDENT}{vote['actor']}: {vote['action']}{why}  (#{vote['seq']})")
