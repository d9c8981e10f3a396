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
    rows: list[VersionRow]
