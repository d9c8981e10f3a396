"""YAML for the configs beside an export: one setting a line, each with where its value comes from."""

from __future__ import annotations

import json
from typing import Any


def scalar(value: Any) -> str:
    """A value in YAML; a float keeps its dot, without which YAML 1.1 reads `5e-05` as a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        text = repr(value)
        mantissa, mark, exponent = text.partition("e")
        return f"{mantissa}.0e{exponent}" if mark and "." not in mantissa else text
    if isinstance(value, str) and value.isascii() and value.replace("_", "").isalnum() and value[0].isalpha():
        return value
    return json.dumps(value, ensure_ascii=False)


def line(key: str, value: Any, note: str = "") -> str:
    """`key: value`, and a comment."""
    return f"{key}: {scalar(value)}" + (f"  # {note}" if note else "")


def item(members: dict[str, Any], indent: str = "  ") -> list[str]:
    """A mapping as one item of a list."""
    lines = [line(key, value) for key, value in members.items()]
    return [f"{indent}{'- ' if i == 0 else '  '}{text}" for i, text in enumerate(lines)]
