"""Rows of a Hugging Face dataset folder: a conversation, a preference or a labelled answer.

DATASETS is datasets 5.2.0: `Json` of features/features.py and utils/json.py, read in November 2026. It
decodes with pandas' ujson, which takes whole numbers of 64 bits alone. TRL is version 1.16.0,
docs/source/dataset_formats.md: the columns of preferences and of labelled answers are the ones that its
trainers read.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictStr, model_validator

from .canonical import RULES as TURN_RULES
from .canonical import Turns, check_answers, check_chat, check_turns
from .problems import Closed, Rule, broken

_DATASETS = "datasets 5.2.0, features.Json decodes with ujson, read 2026-11"
_TRL = "TRL 1.16.0, dataset_formats.md, read 2026-11"

RULES: dict[str, Rule] = {
    **TURN_RULES,
    "no_known_columns": Rule(
        "the row has neither messages, nor prompt, chosen and rejected, nor prompt, completion and label",
        _TRL,
        fix="give the row the columns of one of the three, and no others",
    ),
    "number_too_big": Rule(
        "a whole number in a tool definition needs more than 64 bits, which the loader cannot read",
        _DATASETS,
        fix="write a smaller number, or leave the row out",
    ),
}

KINDS = (
    frozenset({"messages"}),
    frozenset({"prompt", "chosen", "rejected"}),
    frozenset({"prompt", "completion", "label"}),
)
"""The columns that tell which kind of row it is."""
COLUMNS = sorted(frozenset[str]().union(*KINDS))
_LOWEST, _HIGHEST = -(2**63), 2**64 - 1


class DatasetRow(Closed):
    """One row of any configuration; turns have the canonical form, with tool arguments as JSON text."""

    row_id: StrictStr
    content_id: Annotated[StrictStr, Field(pattern="^[0-9a-f]{32}$")]
    messages: Turns | None = None
    prompt: Turns | None = None
    chosen: Turns | None = None
    rejected: Turns | None = None
    completion: Turns | None = None
    label: StrictBool | None = None
    tools: list[dict[str, Any]] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> DatasetRow:
        given = {name for name in COLUMNS if getattr(self, name) is not None}
        if given not in KINDS:
            raise broken(RULES, "no_known_columns")
        if self.tools and _too_big(self.tools):
            raise broken(RULES, "number_too_big", "tools")
        if self.messages:
            check_chat(self.messages)
        if self.prompt and self.chosen and self.rejected:
            check_answers(self.prompt, self.chosen, "chosen")
            check_turns(self.rejected, "rejected")
        if self.prompt and self.completion:
            check_answers(self.prompt, self.completion, "completion")
        return self


def _too_big(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_too_big, value.values()))
    if isinstance(value, list):
        return any(map(_too_big, value))
    return isinstance(value, int) and not _LOWEST <= value <= _HIGHEST
