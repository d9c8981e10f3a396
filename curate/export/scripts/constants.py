"""The settings block of a script: one constant a line, with where its value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....schemas.training_rules import Setting, Settings

LINE = 100


def literal(value: Any) -> str:
    """A value as Python source, texts in double quotes.

    Args:
        value: A text, number, truth value or None.
    """
    if isinstance(value, str):
        return '"' + "".join(_ESCAPES.get(c, c) for c in value) + '"'
    return repr(value)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\x00"}


def constants(settings: Settings, names: Mapping[str, str], more: Mapping[str, Setting] | None = None) -> str:
    """The block, a line or two for each constant.

    Args:
        settings: The resolved settings.
        names: Constant to the setting that it holds.
        more: Constants that the script has besides; one of the same name takes the setting's place.
    """
    told = {name: settings.origins[key] for name, key in names.items()} | dict(more or {})
    lines: list[str] = []
    for name, setting in told.items():
        code, note = f"{name} = {literal(setting.value)}", setting.note.replace("\n", " ")
        lines += [f"{code}  # {note}"] if len(code) + len(note) + 4 <= LINE else [f"# {note}", code]
    return "\n".join(lines)


def title(text: str) -> str:
    """A text of the user's for a script's docstring: one line, nothing that ends or escapes it."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())
