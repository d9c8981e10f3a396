"""A frozen version: which rows, approved by whom, under which rule."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SPLITS: tuple[str, ...] = ("train", "validation", "test")


class VersionFile(BaseModel):
    """One split file of a version."""

    model_config = ConfigDict(extra="forbid")
    rows: int
    sha256: str


class VersionRow(BaseModel):
    """One approved row: its content and the decision that let it in."""

    model_config = ConfigDict(extra="forbid")
    row_id: str
    content_id: str = Field(description="hash of the content as frozen, edits applied")
    split: Literal["train", "validation", "test"]
    decision: int = Field(description="sequence number of the decision in review.db")
    actor: str
    rule: str | None = None
    decided_at: str
    reason: str | None = None
    votes: int | None = Field(
        default=None, description="people whose decisions stand; None in older versions"
    )
    decided_on: str | None = Field(
        default=None, description="the row with the same content that was decided on, where it is another"
    )
    parent_id: str | None = Field(
        default=None, description="the content that the reviewer edited, where the row was edited"
    )


class VersionPair(BaseModel):
    """One preference that came of a comparison or an edit."""

    model_config = ConfigDict(extra="forbid")
    row_id: str = Field(description="the row whose answer won")
    content_id: str = Field(description="hash of the pair")
    split: Literal["train", "validation", "test"]
    source: Literal["conflict", "preference", "edit"]
    decisions: list[int] = Field(description="sequence numbers of the events that it rests on")
    rejected_row_id: str = Field(description="the row whose answer lost")
    rejected_content_id: str = Field(description="hash of that row's content")


class RecordHead(BaseModel):
    """Where the record of decisions stood."""

    model_config = ConfigDict(extra="forbid")
    events: int
    hash: str


class LeakPair(BaseModel):
    """A held-out row and its nearest train row; similarities are ratios in [0, 1]."""

    model_config = ConfigDict(extra="forbid")
    split: str
    row_id: str
    train_row_id: str
    whole: float = Field(description="Jaccard similarity of the character 5-grams of both rows")
    prompt: float
    response: float
    cosine: float | None = Field(default=None, description="by the encoder, where there was one")


class LeakLevels(BaseModel):
    """How near the rows of one split are to the train rows."""

    model_config = ConfigDict(extra="forbid")
    rows: int
    highest: float = Field(description="highest similarity to a train row")
    at_least: dict[str, int] = Field(description="similarity to rows that reach it")
    at_threshold: int = Field(description="rows that reach the threshold")
    held: int = Field(description="rows of 100 shingles or more that stand to 0.9 within one train row")
    highest_cosine: float | None = None


class LeakCertificate(BaseModel):
    """What a comparison of held-out rows with train rows found when the version was frozen."""

    model_config = ConfigDict(extra="forbid")
    method: str
    threshold: float = Field(description="the threshold of near_duplicate, or its default")
    train_rows: int
    exact_from: float | None = Field(
        description="similarities from here up are exact, lower ones are lower bounds; None where none is"
    )
    recall: float | None = Field(description="measured on some rows where nothing is exact; else None")
    encoder: str | None = None
    splits: dict[str, LeakLevels]
    pairs: list[LeakPair] = Field(description="the closest, the closest first")


class VersionManifest(BaseModel):
    """`versions/NAME/manifest.json`: written last; every later command re-hashes against it."""

    model_config = ConfigDict(extra="forbid")
    name: str
    created_at: str
    tuneset_version: str
    code_sha256: str
    recipe: dict[str, Any]
    recipe_sha256: str
    run_files: dict[str, str] = Field(description="rows, verdicts and edits of the run: file to SHA-256")
    inputs: list[dict[str, Any]]
    files: dict[str, VersionFile]
    counts: dict[str, int] = Field(description="split to rows")
    decisions: dict[str, int] = Field(description="rule or actor to approved rows")
    leak_certificate: LeakCertificate | None = Field(
        default=None, description="how near held-out rows are to train rows; None in older versions"
    )
    record: RecordHead | None = Field(
        default=None, description="the record of decisions at that moment; None in older versions"
    )
    left_out: dict[str, int] = Field(
        default_factory=dict, description="approved rows and comparisons that are not here: why to how many"
    )
    preferences: list[VersionPair] = Field(
        default_factory=list, description="what stands in preferences/, file by file"
    )
    rows: list[VersionRow]
