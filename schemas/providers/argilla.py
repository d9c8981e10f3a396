"""Records of Argilla 2, as `dataset.records.from_json` reads them.

SDK is argilla 2.8.0, records/_resource.py, Record.from_dict; SERVER is argilla-server 2.8.0, the validators
of chat fields. Read in November 2026.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError, model_validator
from pydantic_core import core_schema

from .canonical import CONTENT, check_content
from .canonical import RULES as TURN_RULES
from .problems import Closed, Fails, Rule, broken

_SERVER = "argilla-server 2.8.0, validators of chat fields, read 2026-11"

MAX_TURN = 20_000
MAX_TURNS = 500

RULES: dict[str, Rule] = {
    **TURN_RULES,
    "not_a_row": Rule(
        "`row` is no row of a version as JSON text",
        "the export itself",
        fix="export again: nothing but `tuneset export` writes this member",
    ),
    "turn_too_long": Rule(
        f"a turn has no text, or more than {MAX_TURN:,} characters",
        _SERVER,
        fix="shorten or split the turn, or leave the row out",
    ),
    "too_many_turns": Rule(
        f"the conversation has no turn, or more than {MAX_TURNS}",
        _SERVER,
        fix="split the conversation, or leave the row out",
    ),
}
_TURN = core_schema.str_schema(min_length=1, max_length=MAX_TURN)
_TURNS = core_schema.list_schema(min_length=1, max_length=MAX_TURNS)


class Turn(Closed):
    """One turn as it is shown."""

    role: StrictStr
    content: Annotated[StrictStr, Fails(RULES, "turn_too_long", _TURN)]


class Fields(Closed):
    """What an annotator sees."""

    chat: Annotated[list[Turn], Fails(RULES, "too_many_turns", _TURNS)]
    rejected: StrictStr | None = None
    tools: StrictStr | None = None
    why: StrictStr | None = None


class Record(BaseModel):
    """A record; `metadata.row` is the row itself as JSON text, so that it can be read back whole."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    id: StrictStr
    fields_: Fields = Field(alias="fields")
    metadata: dict[str, str | int | float | list[str]] = Field(default_factory=dict)
    suggestions: dict[str, dict[str, Any]] = Field(default_factory=dict)
    responses: dict[str, list[dict[str, Any]]] = Field(default_factory=dict)
    vectors: dict[str, list[float]] = Field(default_factory=dict)
    status: Literal["pending", "completed"] = "pending"
    server_id: StrictStr | None = Field(default=None, alias="_server_id")

    @model_validator(mode="after")
    def _sound(self) -> Record:
        row = self.metadata.get("row")
        if isinstance(row, str):
            check_row(row, "metadata.row")
        return self


def check_row(text: str, where: str) -> None:
    """Refuse the JSON text of a row that is none, or that nothing can be learnt from.

    Args:
        text: The row's content.
        where: The member that holds it.

    Raises:
        PydanticCustomError: With a code of `RULES`.
    """
    try:
        content = CONTENT.validate_json(text)
    except ValidationError as error:
        raise broken(RULES, "not_a_row", where) from error
    check_content(content)
