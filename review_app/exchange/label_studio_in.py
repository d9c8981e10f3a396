"""Annotations of Label Studio's JSON export: several people a task; skips, drafts, predictions do not count.

Source: labelstud.io, "Label Studio JSON format of annotated tasks", as of 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...curate.annotation.form import DECISION, EDIT, NOTE, REASON
from ...schemas.errors import InputError
from .form import Filled, decided
from .json_values import Value, json_values
from .problems import REMEDIES, problem, shown
from .told import Told

QUESTIONS = {DECISION: "choices", REASON: "choices", EDIT: "text", NOTE: "text"}
"""Names of our controls, and the member of a result's value that holds the answer."""


def read_label_studio(path: Path) -> Iterator[Told]:
    """The decisions in a JSON export.

    Raises:
        InputError: The file cannot be read, is cut off, or is an export as JSON-MIN.
    """
    for value in json_values(path):
        _refuse_min(value, path)
        yield from _task(value)


def _refuse_min(value: Value, path: Path) -> None:
    task = value.value
    if isinstance(task, dict) and "data" not in task and "annotation_id" in task:
        raise InputError(
            "the file is an export as JSON-MIN",
            where=f"{path}, record {value.number}",
            fix=REMEDIES["json_min"],
        )


def _task(value: Value) -> Iterator[Told]:
    number, task = value.number, value.value
    if value.wrong is not None:
        yield Told(number, problems=(problem(number, "", "not_json", value.wrong),))
        return
    if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
        yield Told(number, problems=(problem(number, "data", "missing_field", "the task has no data"),))
        return
    annotations = task.get("annotations") or []
    drafts = task.get("drafts") or []
    if not annotations:
        yield Told(number, left="draft" if drafts else "undecided")
    for part, annotation in enumerate(annotations):
        yield _annotation(task["data"], annotation, number, part)


def _annotation(data: Mapping[str, Any], annotation: Any, number: int, part: int) -> Told:
    where = f"annotations.{part}"
    try:
        if annotation.get("was_cancelled"):
            return Told(number, part, left="skipped")
        form = Filled(
            row_id=data.get("row_id"),
            content_id=data.get("content_id"),
            actor=_person(annotation.get("completed_by")),
            values=_values(annotation["result"]),
            at=annotation.get("updated_at") or annotation.get("created_at"),
            dwell_ms=_milliseconds(annotation.get("lead_time")),
        )
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        told = f"the annotation has another form than Label Studio writes ({error})"
        return Told(number, part, problems=(problem(number, where, "wrong_type", told),))
    return decided(form, number, part)


def _values(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Answers by the names of our controls; results of other controls are passed over."""
    found: dict[str, Any] = {}
    for result in results:
        name = result.get("from_name")
        if name in QUESTIONS:
            found[name] = result["value"][QUESTIONS[name]]
    return found


def _person(told: Any) -> str:
    """Who annotated: the e-mail address where the export has it, else the number of the user."""
    if isinstance(told, dict):
        told = told.get("email") or told.get("id")
    if told is None or isinstance(told, bool) or not isinstance(told, (int, str)):
        raise ValueError(f"completed_by is {shown(told)}")
    return told if isinstance(told, str) and "@" in told else f"label-studio:{told}"


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else max(0, round(float(seconds) * 1000))
