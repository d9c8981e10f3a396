"""Responses of Argilla 2: several annotators a record; only what was submitted counts, suggestions never.

Three forms are read: the nested one of `records.to_json` (it does not say what was submitted), the flat one
of `records.to_datasets().to_json` and `records.to_list(flatten=True)`, and the server's own, where each
response has `values`, `status` and `user_id`.

Source: argilla 2.8, `records/_io/_generic.py` and `records/_resource.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .form import Filled, decided
from .json_values import Value, json_values
from .problems import problem, shown
from .told import Left, Told

RESPONSES = ".responses"
LEFT: dict[str, Left] = {"draft": "draft", "discarded": "discarded"}


@dataclass(slots=True)
class _Response:
    """One annotator's answers on one record; `status` None where the file does not say."""

    status: str | None = None
    values: dict[str, Any] = field(default_factory=dict)


def read_argilla(path: Path, *, all_submitted: bool = False) -> Iterator[Told]:
    """The decisions in a file of records, a JSON array or JSONL.

    Args:
        path: The file.
        all_submitted: Responses without a status count as submitted.

    Raises:
        InputError: The file cannot be read, or is cut off.
    """
    for value in json_values(path):
        yield from _record(value, all_submitted)


def _record(value: Value, all_submitted: bool) -> Iterator[Told]:
    number, record = value.number, value.value
    if value.wrong is not None:
        yield Told(number, problems=(problem(number, "", "not_json", value.wrong),))
        return
    if not isinstance(record, dict):
        yield Told(number, problems=(problem(number, "", "not_object", f"found {shown(record)}"),))
        return
    try:
        responses = _responses(record)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        told = f"the responses have another form than Argilla writes ({error})"
        yield Told(number, problems=(problem(number, "responses", "wrong_type", told),))
        return
    if not responses:
        yield Told(number, left="undecided")
    for part, (user, response) in enumerate(responses.items()):
        yield _told(record, user, response, number, part, all_submitted)


def _told(
    record: Mapping[str, Any], user: str, response: _Response, number: int, part: int, all_submitted: bool
) -> Told:
    status = response.status or ("submitted" if all_submitted else None)
    if status in LEFT:
        return Told(number, part, left=LEFT[status])
    if status is None:
        sentence = f"the response of {shown(user)} does not say whether it was submitted"
        return Told(number, part, problems=(problem(number, "responses", "no_status", sentence),))
    if status != "submitted":
        sentence = f"no status {shown(status)}"
        return Told(number, part, problems=(problem(number, "responses", "wrong_type", sentence),))
    metadata = record.get("metadata")
    names: Mapping[str, Any] = metadata if isinstance(metadata, dict) else record
    form = Filled(
        row_id=names.get("row_id", record.get("id")),
        content_id=names.get("content_id"),
        actor=f"argilla:{user}",
        values=response.values,
    )
    return decided(form, number, part)


def _responses(record: Mapping[str, Any]) -> dict[str, _Response]:
    """Answers by annotator, in the order in which the record names them."""
    told = record.get("responses")
    found: dict[str, _Response] = {}
    if isinstance(told, list):
        for response in told:
            values = {name: answer["value"] for name, answer in (response["values"] or {}).items()}
            found[_user(response["user_id"])] = _Response(response["status"], values)
    elif isinstance(told, dict):
        for question, answers in told.items():
            for answer in answers:
                response = found.setdefault(_user(answer["user_id"]), _Response(answer.get("status")))
                response.values[question] = answer["value"]
    else:
        _flat(record, found)
    return found


def _flat(record: Mapping[str, Any], found: dict[str, _Response]) -> None:
    for column, values in record.items():
        if not column.endswith(RESPONSES) or values is None:
            continue
        users = record[f"{column}.users"]
        statuses = record.get(f"{column}.status") or [None] * len(users)
        for user, value, status in zip(users, values, statuses, strict=True):
            response = found.setdefault(_user(user), _Response(status))
            if value is not None:
                response.values[column.removesuffix(RESPONSES)] = value


def _user(name: Any) -> str:
    if not name or name == "None":
        raise ValueError("a response names no user")
    return str(name)
