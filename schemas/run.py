"""The run card: what one curation read, ran and counted."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class InputFile(BaseModel):
    """One input as it was read."""

    model_config = ConfigDict(extra="forbid")
    file: str
    sha256: str
    bytes: int
    format: str = Field(description="jsonl, json, csv, tsv, parquet, dataset")
    shape: str = Field(description="the row shape that was detected or stated")
    evidence: str = Field(description="why that shape, as one sentence")
    rows: int
    quarantined: int


class ReferenceFile(BaseModel):
    """A file that rows were compared with; rows that could not be read protect nothing."""

    model_config = ConfigDict(extra="forbid")
    file: str
    sha256: str
    bytes: int
    rows: int
    unreadable: int


class SkippedFile(BaseModel):
    """A file of an input folder that is not a data file."""

    model_config = ConfigDict(extra="forbid")
    file: str
    why: str


class StepCount(BaseModel):
    """What one step did; `reasons` counts rows by action and reason code."""

    model_config = ConfigDict(extra="forbid")
    step: str
    rows_in: int
    kept: int
    dropped: int
    review: int
    edited: int
    assigned: int
    reasons: dict[str, dict[str, int]] = Field(default_factory=dict)
    sentences: dict[str, str] = Field(default_factory=dict, description="reason code to sentence")
    notes: list[str] = Field(default_factory=list, description="what the person who runs it should know")
    seconds: float = Field(description="time of measure and decide, summed over processes")
    cached_batches: int = 0
    measured_batches: int = 0


class DroppedRow(BaseModel):
    """One of the rows that a guard rail shows."""

    model_config = ConfigDict(extra="forbid")
    row_id: str
    file: str
    row: int = Field(description="counted from 1")
    reason: str
    score: float | None = None
    related_id: str | None = None
    text: str = Field(description="the beginning of prompt and answer")


class LargeDrop(BaseModel):
    """A group of rows of which one step drops more than the recipe allows."""

    model_config = ConfigDict(extra="forbid")
    step: str
    kind: str = Field(description="source, language or length")
    group: str
    rows: int = Field(description="rows of the group that came to the step and count")
    dropped: int
    share: float
    reasons: dict[str, int]
    examples: list[DroppedRow]


class Guard(BaseModel):
    """What the guard rails found; `accepted` where the run went on in spite of it."""

    model_config = ConfigDict(extra="forbid")
    max_drop_ratio: float | None = None
    accepted: bool = False
    findings: list[LargeDrop] = Field(default_factory=list)

    @property
    def stopped(self) -> bool:
        """Whether the run was not published."""
        return bool(self.findings) and not self.accepted


class RunCard(BaseModel):
    """`run.json`: written last, so its presence means that the run is complete."""

    model_config = ConfigDict(extra="forbid")
    tuneset_version: str
    code_sha256: str = Field(description="hash of the package's own source files")
    python: str
    libraries: dict[str, str]
    recipe: dict[str, Any]
    recipe_sha256: str
    seed: int
    inputs: list[InputFile]
    skipped: list[SkippedFile]
    references: list[ReferenceFile] = Field(
        default_factory=list, description="files that rows were compared with, such as benchmarks"
    )
    rows_in: int
    rows: int
    quarantined: int
    kept: int
    dropped: int
    review: int = Field(description="kept rows that some step sends to a person")
    edited: int
    steps: list[StepCount]
    besides: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="step to what it read besides the inputs, with its hash"
    )
    guard: Guard = Field(default_factory=Guard, description="groups that lost more than max_drop_ratio")
    files: dict[str, str] = Field(description="final file to SHA-256")
    started_at: str
    seconds: float
    seconds_by_phase: dict[str, float]
    peak_memory_mb: float = Field(description="largest resident set of a process, MiB")
    workers: int
    engine: str
