"""The Label Studio SDK: the task and its predictions against the labelling configuration."""

from __future__ import annotations

from typing import Any

from label_studio_sdk.label_interface import LabelInterface
from tuneset.curate.annotation.label_studio import label_studio_config


def accepts(target_name: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """None for every row that is a task of the configuration, else why not."""
    del target_name
    config = LabelInterface(label_studio_config())
    return [_problem(config, row) for row in rows]


def _problem(config: Any, row: dict[str, Any]) -> str | None:
    try:
        if not config.validate_task({"data": row["data"]}):
            return "no task of the configuration"
        wrong = [e for p in row["predictions"] for e in config.validate_prediction(p, return_errors=True)]
    except Exception as error:  # noqa: BLE001  whatever the package says
        return f"{type(error).__name__}: {error}"
    return "; ".join(map(str, wrong)) or None
