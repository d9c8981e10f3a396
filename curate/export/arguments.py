"""Tool-call arguments, which a record holds as JSON text, as the object that some formats want."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any, Literal

from ...schemas.example import canonical_json


class _NotKept(ValueError):
    """Something that an object cannot hold as the text has it."""


def arguments_object(text: str) -> dict[str, Any] | Literal["arguments_not_object", "arguments_not_kept"]:
    """The object that a JSON text means, or the code of `UNCARRIED` that says why there is none.

    Args:
        text: The arguments of a call.
    """
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_float, object_pairs_hook=_members_once)
        if not isinstance(value, dict):
            return "arguments_not_object"
        canonical_json(value).encode("utf-8")
    except (_NotKept, UnicodeEncodeError):
        return "arguments_not_kept"
    except (ValueError, RecursionError):
        return "arguments_not_object"
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value) or Decimal(repr(value)) != Decimal(text):
        raise _NotKept(text)
    return value


def _members_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _NotKept(", ".join(name for name, _ in pairs))
    return value


def is_respelled(text: str, value: dict[str, Any]) -> bool:
    """Whether the readers, which write an object as canonical JSON, would give another text.

    Args:
        text: The arguments of a call.
        value: The object that they mean.
    """
    return canonical_json(value) != text
