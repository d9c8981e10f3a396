"""Tasks of Label Studio, as its import reads them.

DOCS is labelstud.io/guide/task_format, and the pages of the tags Paragraphs and Text; read in November 2026.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictStr, model_validator

from .argilla import RULES as RECORD_RULES
from .argilla import check_row
from .canonical import RULES as TURN_RULES
from .problems import Closed, Rule

RULES: dict[str, Rule] = {**TURN_RULES, "not_a_row": RECORD_RULES["not_a_row"]}
"""The form of a task is all that Label Studio asks for."""


class Paragraph(Closed):
    """One turn as it is shown."""

    author: StrictStr
    text: StrictStr


class Data(Closed):
    """What an annotator sees; `row` is the row itself as JSON text, so that it can be read back whole."""

    row_id: StrictStr
    content_id: StrictStr
    chat: Annotated[list[Paragraph], Field(min_length=1)]
    rejected: StrictStr = ""
    tools: StrictStr = ""
    why: StrictStr = ""
    row: StrictStr


class Task(Closed):
    """A task, with predictions that an annotator may accept."""

    data: Data
    predictions: list[dict[str, Any]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _sound(self) -> Task:
        check_row(self.data.row, "data.row")
        return self
