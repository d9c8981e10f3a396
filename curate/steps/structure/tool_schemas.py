"""The tools that a row declares, read once for each distinct text."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .reasons import Finding
from .schema_types import kinds_of

REMEMBERED = 2048
"""Distinct tool texts that a process remembers."""

_SCHEMA_KEYS = ("parameters", "input_schema", "inputSchema")
_PREFIXES = ("functions.", "tools.")


@dataclass(frozen=True)
class Tools:
    """What a row declares.

    Args:
        schemas: Name to the parameter schemas under that name; a schema is {} where there is none.
        faults: What is wrong with the definitions.
        complete: Whether every definition has a name, so that what is not among them is not declared.
    """

    schemas: Mapping[str, tuple[Mapping[str, Any], ...]]
    faults: tuple[Finding, ...]
    complete: bool

    def declared_as(self, name: str) -> str | None:
        """The declared name that a called one means: itself, without space around it or a namespace."""
        if name in self.schemas:
            return name
        plain = name.strip()
        for prefix in _PREFIXES:
            plain = plain.removeprefix(prefix)
        return plain if plain in self.schemas else None


@functools.lru_cache(maxsize=REMEMBERED)
def tools_of(text: str) -> Tools:
    """The tools of a row's `tools` cell.

    Args:
        text: A JSON list of definitions in the OpenAI form, as the readers write it.
    """
    schemas: dict[str, list[Mapping[str, Any]]] = {}
    faults: list[Finding] = []
    complete = True
    for number, tool in enumerate(json.loads(text), start=1):
        function = tool.get("function") if isinstance(tool, Mapping) else None
        name = function.get("name") if isinstance(function, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(name, str) or not name.strip():
            faults.append(Finding("bad_tool_definition", f"tool {number} has no name"))
            complete = False
            continue
        given = next((function[k] for k in _SCHEMA_KEYS if function.get(k)), {})
        if not _is_object_schema(given):
            faults.append(Finding("bad_tool_definition", f"tool {number} ({name}): no object schema"))
            given = {}
        if name in schemas:
            same = "the same definition" if given in schemas[name] else "another definition"
            faults.append(Finding("doubled_tool", f"tool {number}: {same} of {name!r} stands before"))
        schemas.setdefault(name, []).append(given)
    return Tools({name: tuple(found) for name, found in schemas.items()}, tuple(faults), complete)


def _is_object_schema(schema: Any) -> bool:
    """Whether arguments can fit a schema at all; forms that we do not know can."""
    if not isinstance(schema, Mapping):
        return False
    kinds = kinds_of(schema.get("type"))
    return kinds is None or "object" in kinds
