"""Rows that hold a list of turns: OpenAI messages, ShareGPT conversations, a bare list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import (
    Draft,
    RowProblem,
    Shape,
    Turn,
    is_turns,
    json_value,
    optional_text,
    parse_label,
    parse_tools,
    rest,
)
from .messages import BESIDES, CONTENT_KEYS, ROLE_KEYS, parse_turns

REFERENCES = ("reference_answer", "ground_truth")
"""The right answer beside a prompt, in rows for reinforcement fine-tuning; as text it is the assistant's.

Such rows have developer turns for what is a system turn elsewhere (OpenAI's schema of them has no system).
"""
SHAREGPT_KEYS = ("conversations", "conversation", "dialogue", "dialog", "turns", "items", "chat", "text")


def with_system(messages: list[Turn], system: str) -> list[Turn]:
    """The messages, opened by a system turn where there is a system text."""
    return [{"role": "system", "content": system}, *messages] if system.strip() else messages


def besides_at(besides: Mapping[str, Any], position: int) -> dict[str, Any]:
    """The member of `meta` for what turns had besides, where the first of them stands at a position."""
    return {BESIDES: {str(int(k) + position): v for k, v in besides.items()}} if besides else {}


def draft(row: Mapping[str, Any], key: str, *, used: tuple[str, ...] = ()) -> Draft:
    """The draft of a row whose turns are in one cell.

    Raises:
        RowProblem: The turns, the tools or the label cannot be read.
    """
    turns, besides = parse_turns(row[key], repr(key))
    messages = with_system(turns, optional_text(row, "system" if "system" in row else None))
    tools = parse_tools(row.get("tools") if row.get("tools") is not None else row.get("functions"))
    has_label = "label" in row and (row["label"] is None or isinstance(row["label"], bool))
    label = parse_label(row["label"], "'label'") if has_label else None
    taken = {key, "system", "tools", "functions", *used} | ({"label"} if has_label else set())
    meta = rest(row, taken) | besides_at(besides, len(messages) - len(turns))
    return Draft(messages, tools, None, label, meta)


def _has_turns(row: Any, keys: tuple[str, ...], role_keys: tuple[str, ...]) -> str | None:
    if not isinstance(row, Mapping):
        return None
    for key in keys:
        if key in row and is_turns(row[key]):
            turns = json_value(row[key])
            if any(k in turn for turn in turns[:2] if isinstance(turn, Mapping) for k in role_keys):
                return key
    return None


def _is_openai(row: Any) -> bool:
    return isinstance(row, Mapping) and "messages" in row and not isinstance(row["messages"], int | float)


def _openai(row: Any) -> Draft:
    read = draft(row, "messages")
    reference = next((name for name in REFERENCES if isinstance(row.get(name), str)), None)
    if reference is None or read.messages[-1]["role"] != "user" or not row[reference].strip():
        return read
    answer: Turn = {"role": "assistant", "content": row[reference]}
    prompt = [{**t, "role": "system"} if t["role"] == "developer" else t for t in read.messages]
    return read._replace(messages=[*prompt, answer], meta=rest(read.meta, {reference}))


def _is_sharegpt(row: Any) -> bool:
    return _has_turns(row, SHAREGPT_KEYS, ROLE_KEYS) is not None


def _sharegpt(row: Any) -> Draft:
    key = _has_turns(row, SHAREGPT_KEYS, ROLE_KEYS)
    if key is None:
        raise RowProblem("no list of turns under 'conversations'")
    return draft(row, key)


def _is_judged(row: Any) -> bool:
    if not isinstance(row, Mapping) or "prompt" in row or not isinstance(row.get("label"), bool):
        return False
    return _has_turns(row, ("completion",), ROLE_KEYS) is not None


def _judged(row: Any) -> Draft:
    return draft(row, "completion")


def _is_bare(row: Any) -> bool:
    return is_turns(row) and isinstance(row, list) and any(k in row[0] for k in ROLE_KEYS)


def _bare(row: Any) -> Draft:
    return draft({"messages": row}, "messages")


SHAPES = (
    Shape("openai_messages", "'messages', a list of turns with 'role' and 'content'", _is_openai, _openai),
    Shape("sharegpt", f"'conversations', turns with 'from' and {CONTENT_KEYS[1]!r}", _is_sharegpt, _sharegpt),
    Shape("judged_conversation", "'completion', a list of turns, with a 'label'", _is_judged, _judged),
    Shape("bare_messages", "a list of turns as the row itself", _is_bare, _bare),
)
