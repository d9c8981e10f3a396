"""Lines of the exchange files: decisions, preferences and rows that wait, one JSON object a line.

A decision line says what one person decided on one row. A preference line says which of two answers one
person took. A row line is a row that waits for a decision; whoever fills its `action` has written a
decision line.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from .example import Message, canonical_json, compact, content_id
from .review import Answers, Decision, Preference, Task


def utc(text: str) -> str:
    """A moment as UTC, ISO 8601 with milliseconds: the one form of the record.

    Raises:
        ValueError: No such moment, or one without a time zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _utc(text: str) -> str:
    try:
        return utc(text)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("bad_time", "{told}", {"told": str(error)}) from error


_MESSAGES = TypeAdapter(list[Message])


def _turns(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    _MESSAGES.validate_python(turns, strict=True)
    return turns


Moment = Annotated[str, AfterValidator(_utc)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Turns = Annotated[list[dict[str, Any]], Field(min_length=1), AfterValidator(_turns)]


class Content(BaseModel):
    """What a content_id is the hash of: turns as the OpenAI chat shape has them."""

    model_config = ConfigDict(extra="forbid", strict=True)
    messages: Turns
    tools: list[dict[str, Any]] | None = None
    rejected: Turns | None = Field(default=None, description="the losing turns of a preference row")
    label: bool | None = Field(default=None, description="unpaired feedback")

    def hash(self) -> str:
        """The content_id of this content."""
        return content_id(self.messages, tools=self.tools, rejected=self.rejected, label=self.label)

    def payload(self) -> str:
        """Its canonical JSON, as an edition holds it."""
        members = ("messages", "tools", "rejected", "label")
        return canonical_json(compact({name: getattr(self, name) for name in members}))


class EditedContent(Content):
    """A content that a reviewer wrote; the members beside the content may be left out."""

    content_id: str | None = Field(default=None, description="its hash; checked where it is given")
    parent_id: str | None = Field(
        default=None, description="the content it was made from; None is the line's"
    )
    actor: Name | None = Field(default=None, description="who wrote it; None is the line's")
    at: Moment | None = Field(default=None, description="when it was written; None is the line's")


class DecisionLine(BaseModel):
    """What one person decided on one row."""

    model_config = ConfigDict(extra="forbid", strict=True)
    kind: Literal["decision"] = "decision"
    row_id: str
    content_id: str = Field(description="the run's content that was shown")
    action: Decision
    reason: str | None = Field(default=None, description="why it was rejected: a code of REJECT_REASONS")
    note: str | None = None
    edited: EditedContent | None = Field(
        default=None, description="what the decision holds for, where the reviewer changed the row"
    )
    edited_answer: str | None = Field(
        default=None, min_length=1, description="in place of `edited`: the new text of the answer turn"
    )
    answers: Answers | None = Field(default=None, description="labels, ratings and texts")
    actor: Name | None = Field(default=None, description="who decided; None is the importer")
    at: Moment | None = Field(default=None, description="when, with time zone; None is the import")
    final: bool = Field(default=False, description="an adjudicator's word, which settles a disagreement")
    rule: str | None = Field(default=None, description="the --where rule of a bulk decision")
    task: Task = Field(default="review", description="where it was decided; the record says `import`")
    item_id: str | None = Field(default=None, description="the group or pair it was decided in")
    dwell_ms: int | None = Field(default=None, ge=0, description="milliseconds from painted to decided")
    painted_at: Moment | None = None

    @model_validator(mode="after")
    def _one_edit(self) -> DecisionLine:
        if self.edited is not None and self.edited_answer is not None:
            raise PydanticCustomError("two_edits", "both edited and edited_answer are given")
        return self


class PreferenceLine(BaseModel):
    """Which of two answers one person took; the members are those of `schemas.review.PREFERENCES`."""

    model_config = ConfigDict(extra="forbid", strict=True)
    kind: Literal["preference"]
    item_id: str = Field(description="the pair")
    row_id: str | None = Field(default=None, description="the pair's first row: a")
    content_id: str | None = Field(default=None, description="its content in the run")
    outcome: Preference
    source: Literal["conflict", "preference", "edit"]
    chosen_row_id: str | None = None
    chosen_content_id: str | None = None
    rejected_row_id: str | None = None
    rejected_content_id: str | None = None
    left: Literal["a", "b"] | None = Field(default=None, description="the side that stood on the left")
    edited: EditedContent | None = Field(default=None, description="the chosen content, where it is new")
    actor: Name | None = None
    at: Moment | None = None
    dwell_ms: int | None = Field(default=None, ge=0)
    painted_at: Moment | None = None

    @model_validator(mode="after")
    def _sides_fit(self) -> PreferenceLine:
        sides = (
            self.chosen_row_id,
            self.chosen_content_id,
            self.rejected_row_id,
            self.rejected_content_id,
        )
        wanted = self.outcome in ("a", "b")
        if any((side is not None) != wanted for side in sides):
            told = "names both rows and contents" if wanted else "names no chosen and no rejected row"
            raise PydanticCustomError(
                "sides", "outcome {outcome} {told}", {"outcome": self.outcome, "told": told}
            )
        return self


class RowLine(BaseModel):
    """A row that waits for a decision, to be read and decided elsewhere.

    Fill `action`, and where it fits `reason`, `note`, `edited_answer` and `actor`; leave the rest. A line
    whose `action` is still null is passed over.
    """

    model_config = ConfigDict(extra="forbid", strict=True)
    kind: Literal["row"]
    row_id: str
    content_id: str
    messages: list[dict[str, Any]] = Field(description="to read; a change here is not read back")
    tools: list[dict[str, Any]] | None = None
    rejected: list[dict[str, Any]] | None = None
    label: bool | None = None
    why: str | None = Field(default=None, description="why the row waits")
    action: Decision | None = None
    reason: str | None = None
    note: str | None = None
    edited_answer: str | None = Field(default=None, min_length=1)
    actor: Name | None = None
    at: Moment | None = None

    def decision(self) -> DecisionLine | None:
        """The decision that was filled in, if any."""
        if self.action is None:
            return None
        members = ("row_id", "content_id", "action", "reason", "note", "edited_answer", "actor", "at")
        return DecisionLine(**{name: getattr(self, name) for name in members})


LINES: dict[str, type[DecisionLine | PreferenceLine | RowLine]] = {
    "decision": DecisionLine,
    "preference": PreferenceLine,
    "row": RowLine,
}
"""Line models by `kind`; a line without `kind` is a decision."""
