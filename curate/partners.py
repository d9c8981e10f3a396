"""Rows outside a run that a verdict names: what of them stands in the verdict's detail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..schemas.providers.problems import is_json_object

SHOWN = 2000
"""Characters of each text of a foreign row that a verdict keeps."""


def partner_detail(file: str, row: int, prompt: str, response: str) -> dict[str, Any]:
    """The member `partner` of a verdict's detail, for a row outside the run."""
    return {"file": file, "row": row, "prompt": prompt[:SHOWN], "response": response[:SHOWN]}


def foreign_partner(verdict: Mapping[str, Any]) -> dict[str, Any] | None:
    """The row outside the run that a verdict names, as row_id, source and messages; None where there is none.

    Args:
        verdict: With `related_id` and `detail`.
    """
    told = _members(verdict.get("detail")).get("partner")
    if verdict.get("related_id") is None or not isinstance(told, dict):
        return None
    file, row = told.get("file"), told.get("row")
    texts = [told.get("prompt"), told.get("response")]
    if not isinstance(file, str) or not isinstance(row, int) or not all(isinstance(t, str) for t in texts):
        return None
    turns = [{"role": r, "content": t} for r, t in zip(("user", "assistant"), texts, strict=True)]
    source = {"file": file, "row": row}
    return {"row_id": verdict["related_id"], "source": source, "messages": turns}


def without_partner(detail: str) -> str | None:
    """A verdict's detail without its partner, which is shown apart; None where nothing else is in it."""
    rest = {k: v for k, v in _members(detail).items() if k != "partner"}
    return json.dumps(rest, ensure_ascii=False) if rest else None


def _members(detail: str | None) -> dict[str, Any]:
    return json.loads(detail) if detail and is_json_object(detail) else {}
