"""Versions as Label Studio tasks: what was approved, to look at and label further."""

from __future__ import annotations

from ....schemas.providers.label_studio import RULES, Task
from ...annotation.label_studio import label_studio_config, label_studio_task
from ..annotation_rows import OPEN, content_text, shown
from ..layout_json import JsonArrays
from ..shape import ALL_KINDS, EVERYTHING, Converted, Record, Target
from ..sidecars import Exported, Sidecar


def convert(record: Record) -> Converted:
    """A row as a task of Label Studio."""
    told = label_studio_task(shown(record))
    told["data"] = {**told["data"], "row": content_text(record)}
    return Converted(told)


def _config(_: Exported) -> str:
    return label_studio_config()


LABEL_STUDIO = Target(
    name="label-studio",
    family="label_studio",
    summary="Label Studio tasks, and the labelling configuration",
    model=Task,
    rules=RULES,
    convert=convert,
    kinds=ALL_KINDS,
    carries=EVERYTHING,
    state=OPEN,
    layout=JsonArrays(),
    sidecars=(Sidecar("config.xml", _config, "the project's labelling configuration"),),
)
TARGETS = (LABEL_STUDIO,)
