"""`models/RUN/manifest.json`: what a model was trained on, from and with. Written last."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..schemas.errors import WorkspaceError, did_you_mean
from ..schemas.files import read_json
from ..schemas.names import check_name
from ..schemas.workspace import Workspace

LIBRARIES = ("torch", "transformers", "peft", "trl", "accelerate", "datasets", "tokenizers", "safetensors")


class BaseRecord(BaseModel):
    """The base model of a run."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(description="as it was asked for; evaluation resolves it again")
    source: str
    sha256: str = Field(description="hash over all file names and hashes")
    files: dict[str, str]
    chat_template_sha256: str


class DataRecord(BaseModel):
    """The frozen version of a run, and which of its rows were used."""

    model_config = ConfigDict(extra="forbid")
    version: str
    manifest_sha256: str
    rows_sha256: str = Field(description="hash over `row_id content_id` of the training rows, in file order")
    row_ids: list[str]
    content_ids: list[str] = Field(description="of the same rows, in the same order")
    splits: dict[str, Any] = Field(description="rows, tokens, trained tokens and rows left out, by split")


class Outcome(BaseModel):
    """How training went; losses in nats a trained token."""

    model_config = ConfigDict(extra="forbid")
    steps: int
    tokens: int = Field(description="tokens fed, padding not counted")
    seconds: float
    stopped: str = Field(description="finished or early_stopping")
    best_step: int
    base_validation_loss: float | None
    validation_loss: float | None = Field(description="of the weights that were kept")
    train_loss: float | None = Field(description="the last one logged")
    trainable_parameters: int


class ModelManifest(BaseModel):
    """`manifest.json` of one trained model."""

    model_config = ConfigDict(extra="forbid")
    run: str
    tuneset_version: str
    code_sha256: str
    started_at: str
    base: BaseRecord
    data: DataRecord
    settings: dict[str, Any] = Field(description="name to value, origin (given, derived, default) and reason")
    outcome: Outcome
    hardware: dict[str, Any]
    libraries: dict[str, str]
    files: dict[str, str] = Field(description="file of the model folder to SHA-256")


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that training stands on."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def load_model_manifest(out: str | Path, run: str) -> ModelManifest:
    """The manifest of a trained model.

    Raises:
        WorkspaceError: There is no such model, or its manifest is damaged.
    """
    space = Workspace.at(out)
    path = space.model(check_name(run, "model")) / "manifest.json"
    if not path.is_file():
        known = space.models()
        raise WorkspaceError(
            f"there is no model {run!r}",
            where=str(path.parent),
            fix=did_you_mean(run, known) if known else f"run: tuneset train {out} --name {run}",
        )
    try:
        return ModelManifest.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        raise WorkspaceError(
            f"the model's manifest is not valid: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            where=str(path),
            fix="train again under another --name",
        ) from error
