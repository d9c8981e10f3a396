"""Azure OpenAI has no checker of its own at hand; it reads OpenAI's lines, so OpenAI's descriptions are asked."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

_found = importlib.util.spec_from_file_location(
    "tuneset_oracle_openai", Path(__file__).with_name("openai.py")
)
assert _found is not None
assert _found.loader is not None
_openai = importlib.util.module_from_spec(_found)
_found.loader.exec_module(_openai)


def accepts(target: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """For each row None, or why OpenAI's own descriptions refuse it.

    A preference's answer may be several turns at Azure; then its last turn is asked of.

    Raises:
        ImportError: The SDK is not installed.
    """
    return _openai.accepts(target.replace("azure", "openai"), [_short(row) for row in rows])


def _short(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    outputs = [n for n in ("preferred_output", "non_preferred_output") if isinstance(row.get(n), list)]
    return {**row, **{n: row[n][-1:] for n in outputs}}
