"""Plain turn dictionaries: {"turn_1": {"Human": ..., "MOSS": ...}} and [{"user": ..., "assistant": ...}]."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .base import Draft, RowProblem, Shape, Turn, json_value, optional_text, rest, text_of
from .conversation import with_system

USER_KEYS = ("human", "user", "prompt", "question", "input", "instruction", "customer")
ASSISTANT_KEYS = ("assistant", "gpt", "bot", "response", "answer", "output", "moss", "agent", "model")
HOLDERS = ("chat", "conversation", "conversations", "dialogue", "dialog", "turns", "rounds")
SYSTEM_KEYS = ("meta_instruction", "system", "system_prompt")
_OPENING_MARK = re.compile(r"^<\|[A-Za-z ]+\|>:? ?")
_CLOSING_MARK = re.compile(r"<eo[a-z]>\s*$")


def _clean(text: str) -> str:
    """A turn without the MOSS markers around it."""
    return _CLOSING_MARK.sub("", _OPENING_MARK.sub("", text))


def _key(turn: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((k for k in turn if k.strip().lower() in names), None)


def _rounds(value: Any) -> list[Any] | None:
    value = json_value(value)
    if (
        isinstance(value, Mapping)
        and value
        and all(re.fullmatch(r"(turn|round)_?\d+", str(k)) for k in value)
    ):
        return [value[k] for k in sorted(value, key=lambda k: int(re.sub(r"\D", "", k)))]
    return value if isinstance(value, list) else None


def _is_round(turn: Any) -> bool:
    if not isinstance(turn, Mapping):
        return False
    return _key(turn, USER_KEYS) is not None and _key(turn, ASSISTANT_KEYS) is not None


def _holder(row: Any) -> str | None:
    if not isinstance(row, Mapping):
        return None
    for key in HOLDERS:
        rounds = _rounds(row.get(key))
        if rounds and _is_round(rounds[0]):
            return key
    return None


def _matches(row: Any) -> bool:
    return _holder(row) is not None


def _convert(row: Any) -> Draft:
    key = _holder(row)
    if key is None:
        raise RowProblem("no rounds with a user's and an assistant's text")
    messages: list[Turn] = []
    besides: dict[str, Any] = {}
    for position, turn in enumerate(_rounds(row[key]) or []):
        where = f"{key!r}[{position}]"
        if not isinstance(turn, Mapping):
            raise RowProblem(f"{where} is a {type(turn).__name__}, not a round")
        user, assistant = _key(turn, USER_KEYS), _key(turn, ASSISTANT_KEYS)
        if user is None or assistant is None:
            raise RowProblem(f"{where} lacks the user's or the assistant's text")
        messages.append({"role": "user", "content": _clean(text_of(turn[user], where))})
        messages.append({"role": "assistant", "content": _clean(text_of(turn[assistant], where))})
        extra = {k: v for k, v in turn.items() if k not in (user, assistant)}
        if any(not isinstance(v, str) or _clean(v).strip() not in ("", "None") for v in extra.values()):
            besides[str(position)] = extra
    system_key = next((k for k in SYSTEM_KEYS if isinstance(row.get(k), str)), None)
    meta = rest(row, {key, system_key or key})
    if besides:
        meta["round_members"] = besides
    return Draft(with_system(messages, optional_text(row, system_key)), None, None, None, meta)


SHAPES = (Shape("turn_dicts", "rounds with a user's and an assistant's text", _matches, _convert),)
