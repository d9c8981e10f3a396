"""An edit of the reviewer applied to the content that was shown."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from ....schemas.example import Message
from .contract import PaneRow
from .events import Edit


def edited_payload(row: PaneRow, edits: Iterable[Edit]) -> dict[str, Any] | str:
    """The row's messages, tools, rejected and label with the edits in; or a sentence, where one does not fit.

    Only the edited fields change: all else is what Python holds, not what a browser sent back.
    """
    payload: dict[str, Any] = {
        "messages": [copy.deepcopy(dict(turn)) for turn in row.messages],
        "tools": copy.deepcopy(list(row.tools)) if row.tools is not None else None,
        "rejected": [copy.deepcopy(dict(turn)) for turn in row.rejected]
        if row.rejected is not None
        else None,
        "label": row.label,
    }
    for edit in edits:
        problem = _apply(payload, edit)
        if problem:
            return problem
    try:
        for turn in (*payload["messages"], *(payload["rejected"] or ())):
            Message.model_validate(turn)
    except ValidationError as error:
        return (
            f"The edited turns do not fit: {error.errors(include_url=False, include_input=False)[0]['msg']}."
        )
    return payload


def _apply(payload: dict[str, Any], edit: Edit) -> str | None:
    turns = payload[edit.part]
    if turns is None or edit.turn >= len(turns):
        return f"There is no turn {edit.turn + 1} to edit."
    turn = turns[edit.turn]
    if edit.field != "arguments":
        if turn.get(edit.field) is None and edit.field == "reasoning_content":
            return f"Turn {edit.turn + 1} has no reasoning to edit."
        turn[edit.field] = edit.text
        return None
    calls = turn.get("tool_calls") or []
    if edit.call is None or edit.call >= len(calls):
        return f"Turn {edit.turn + 1} has no such tool call."
    try:
        json.loads(edit.text)
    except ValueError:
        return f"The arguments of tool call {edit.call + 1} in turn {edit.turn + 1} are not JSON."
    calls[edit.call]["function"]["arguments"] = edit.text
    return None
