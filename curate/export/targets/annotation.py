"""Versions as records and tasks of annotation tools: what was approved, to look at and label further."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ....schemas.example import canonical_json
from ....schemas.providers import argilla, label_studio
from ...annotation.argilla import argilla_record, argilla_settings
from ...annotation.label_studio import label_studio_config, label_studio_task
from ...annotation.turns import answer_of
from ..layout_json import JsonArrays
from ..shape import Carries, Converted, Kind, Record, State, Target
from ..sidecars import Exported, Sidecar

EVERYTHING = Carries(tools=True, weights=True, names=True, reasoning=True)
KINDS: frozenset[Kind] = frozenset({"chat", "preference", "label"})
OPEN = State("open", "a tool that you run, or a service with the same form")
CONTENT = ("messages", "tools", "rejected", "label")


@dataclass(frozen=True)
class _Row:
    """A record as `annotation` shows it."""

    row: dict[str, Any]
    why: str | None = None

    @property
    def row_id(self) -> str:
        return self.row["row_id"]

    @property
    def content_id(self) -> str:
        return self.row["content_id"]

    @property
    def answer(self) -> str | None:
        return answer_of(self.row)


def _shown(record: Record) -> _Row:
    return _Row({"tools": None, "rejected": None, **record})


def _content(record: Record) -> str:
    """The row itself as JSON text: what the shown turns cannot say is not lost."""
    return canonical_json({name: record[name] for name in CONTENT if record.get(name) is not None})


def convert_argilla(record: Record) -> Converted:
    """A row as a record of Argilla."""
    told = argilla_record(_shown(record))
    told["metadata"] = {**told["metadata"], "row": _content(record)}
    return Converted(told)


def convert_label_studio(record: Record) -> Converted:
    """A row as a task of Label Studio."""
    told = label_studio_task(_shown(record))
    told["data"] = {**told["data"], "row": _content(record)}
    return Converted(told)


def _settings(told: Exported) -> str:
    guidelines = f"Rows of version {told.version}, as they were approved."
    return json.dumps(argilla_settings(guidelines), ensure_ascii=False, indent=2) + "\n"


def _config(_: Exported) -> str:
    return label_studio_config()


ARGILLA = Target(
    name="argilla",
    family="argilla",
    summary="Argilla 2 records, and the settings of their dataset",
    model=argilla.Record,
    rules=argilla.RULES,
    convert=convert_argilla,
    kinds=KINDS,
    carries=EVERYTHING,
    state=OPEN,
    layout=JsonArrays(),
    sidecars=(Sidecar("settings.json", _settings, "the dataset's settings, for Settings.from_json"),),
)
LABEL_STUDIO = Target(
    name="label-studio",
    family="label_studio",
    summary="Label Studio tasks, and the labelling configuration",
    model=label_studio.Task,
    rules=label_studio.RULES,
    convert=convert_label_studio,
    kinds=KINDS,
    carries=EVERYTHING,
    state=OPEN,
    layout=JsonArrays(),
    sidecars=(Sidecar("config.xml", _config, "the project's labelling configuration"),),
)
