"""`models/RUN/manifest.json` of a model that was tuned at a provider. Written last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...schemas.errors import WorkspaceError
from ...schemas.files import read_json
from ...schemas.names import check_name
from ...schemas.workspace import Workspace
from ..manifest import DataRecord
from .journal import JOURNAL


class HostedFile(BaseModel):
    """One file that was sent."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(description="in the export folder")
    sent_as: str = Field(description="its name at the provider")
    id: str = Field(description="its id at the provider")
    rows: int
    bytes: int
    sha256: str


class HostedManifest(BaseModel):
    """`manifest.json` of one hosted model."""

    model_config = ConfigDict(extra="forbid")
    run: str
    tuneset_version: str
    service: str
    destination: str = Field(description="who got the data: host, account, region")
    target: str = Field(description="the export target of the files")
    base: str = Field(description="the provider's base model")
    model: str = Field(description="the tuned model, as the provider names it")
    job_id: str
    key: str = Field(description="the launch's key, in file and job names at the provider")
    started_at: str
    finished_at: str
    data: DataRecord
    files: dict[str, HostedFile]
    settings: dict[str, Any] = Field(description="in the provider's words; what is absent the provider chose")
    details: dict[str, Any] = Field(description="what the provider told: trained tokens, its seed, files")


def load_hosted_manifest(out: str | Path, run: str) -> HostedManifest | None:
    """The manifest of a run that is a hosted model; None where it is something else or nothing.

    Raises:
        WorkspaceError: The manifest is damaged, or the launch has not ended with a model.
    """
    folder = Workspace.at(out).model(check_name(run, "model"))
    path = folder / "manifest.json"
    if not path.is_file():
        if (folder / JOURNAL).is_file():
            raise WorkspaceError(
                f"the launch {run!r} has no model yet",
                where=str(folder / JOURNAL),
                fix="run its `tuneset launch` again: it follows the job to its end",
            )
        return None
    value = read_json(path)
    if not isinstance(value, dict) or "service" not in value:
        return None
    try:
        return HostedManifest.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise WorkspaceError(
            f"the model's manifest is not valid: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            where=str(path),
            fix="remove it and run its `tuneset launch` again: it is written anew from the journal",
        ) from error
