"""The argilla package: a record from the row, and the model that is sent to the server."""

from __future__ import annotations

from typing import Any

from argilla.records._resource import Record


def accepts(target_name: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """None for every row that is a record, else why not."""
    del target_name
    return [_problem(row) for row in rows]


def _problem(row: dict[str, Any]) -> str | None:
    try:
        Record.from_dict(row).api_model()
    except Exception as error:  # noqa: BLE001  whatever the package says
        return f"{type(error).__name__}: {error}"
    return None
