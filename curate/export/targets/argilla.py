"""Versions as Argilla records: what was approved, to look at and label further."""

from __future__ import annotations

import json

from ....schemas.providers.argilla import RULES
from ....schemas.providers.argilla import Record as Row
from ...annotation.argilla import argilla_record, argilla_settings
from ..annotation_rows import OPEN, content_text, shown
from ..layout_json import JsonArrays
from ..shape import ALL_KINDS, EVERYTHING, Converted, Record, Target
from ..sidecars import Exported, Sidecar


def convert(record: Record) -> Converted:
    """A row as a record of Argilla."""
    told = argilla_record(shown(record))
    told["metadata"] = {**told["metadata"], "row": content_text(record)}
    return Converted(told)


def _settings(told: Exported) -> str:
    guidelines = f"Rows of version {told.version}, as they were approved."
    return json.dumps(argilla_settings(guidelines), ensure_ascii=False, indent=2) + "\n"


ARGILLA = Target(
    name="argilla",
    family="argilla",
    summary="Argilla 2 records, and the settings of their dataset",
    model=Row,
    rules=RULES,
    convert=convert,
    kinds=ALL_KINDS,
    carries=EVERYTHING,
    state=OPEN,
    layout=JsonArrays(),
    sidecars=(Sidecar("settings.json", _settings, "the dataset's settings, for Settings.from_json"),),
)
TARGETS = (ARGILLA,)
