"""Labelled rows: a file of examples, or what reviewers labelled, exported."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ...schemas.errors import InputError, did_you_mean
from ..readers.raw import RawRow
from ..readers.read import raw_rows
from ..readers.shapes import RowProblem
from ..reference import draft_of, find_reference
from ..row_vectors import asked_text
from ..rows import response_of

LABEL = "label"


class Example(NamedTuple):
    """What is asked, what is answered ("" where the file has none), and the label."""

    prompt: str
    response: str
    label: str


def read_examples(path: str, folder: Path, name: str, labels: Collection[str]) -> list[Example]:
    """The examples of a file; rows without a label are passed over.

    Args:
        path: JSON Lines, CSV or any other input file; the label stands in a column `label`, else in one named
            like the step. The rest of a row is read as reference rows are.
        folder: Where a relative path is looked for first.
        name: The step's name.
        labels: The labels that are allowed; all where empty.

    Raises:
        InputError: The file cannot be read, holds no labelled row, or has a label that is not declared.
    """
    found: list[Example] = []
    with ExitStack() as stack:
        for reference in find_reference([path], folder):
            for row in raw_rows(reference.source, stack):
                example = _example(row, name)
                if example is None:
                    continue
                if labels and example.label not in labels:
                    raise InputError(
                        f"the label {example.label!r} is not among the step's labels",
                        where=f"{path}, row {row.row}",
                        fix=did_you_mean(example.label, labels),
                    )
                found.append(example)
    if not found:
        raise InputError(
            "no row has a label and a text",
            where=path,
            fix=f"give rows such as {{'prompt': '...', 'label': '...'}}; the label may stand in {name!r} too",
        )
    return found


def _example(row: RawRow, name: str) -> Example | None:
    """A row as an example; None where it has no label or no text."""
    if not isinstance(row.value, dict):
        return None
    value: dict[Any, Any] = row.value
    key = next((k for k in (LABEL, name) if isinstance(value.get(k), str) and value[k].strip()), None)
    if key is None:
        return None
    rest = {k: v for k, v in value.items() if k not in (LABEL, name)}
    try:
        draft = draft_of(replace(row, value=rest))
    except RowProblem:
        return None
    prompt, response = asked_text(draft.messages), response_of(draft.messages)
    return Example(prompt, response, value[key].strip()) if (prompt + response).strip() else None
