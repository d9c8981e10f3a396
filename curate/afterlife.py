"""What became of a row after curation: versions, models and evaluations, read from their files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..schemas.files import read_json
from ..schemas.workspace import Workspace
from .version_files import all_versions


def versions_of(space: Workspace, row_id: str) -> list[dict[str, Any]]:
    """The frozen versions that hold a row, oldest first, each with split, content and decision."""
    found: list[dict[str, Any]] = []
    for version in all_versions(space):
        for row in version.listed():
            if row.row_id == row_id:
                told = {name: getattr(row, name) for name in row.__struct_fields__ if name != "row_id"}
                found.append({"version": version.name, **told})
    return found


def models_of(space: Workspace, row_id: str, versions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The models that were trained on versions with a row, and whether they saw it.

    Args:
        space: The workspace.
        row_id: The row.
        versions: What `versions_of` gave.
    """
    splits = {v["version"]: v["split"] for v in versions}
    found: list[dict[str, Any]] = []
    for run in space.models():
        data = read_json(space.model(run) / "manifest.json").get("data", {})
        version = data.get("version")
        if version in splits:
            trained = row_id in data.get("row_ids", ())
            why = None if trained else _left_out(data, splits[version], row_id)
            found.append({"run": run, "version": version, "trained": trained, "left_out": why})
    return found


def _left_out(data: dict[str, Any], split: str, row_id: str) -> str | None:
    """The reason code under which training left a row out; None where it had none."""
    reasons = data.get("splits", {}).get(split, {}).get("left_out", {})
    return next((reason for reason, ids in reasons.items() if row_id in ids), None)


def evaluations_of(space: Workspace, row_id: str) -> list[dict[str, Any]]:
    """The answers of base and tuned models to a row, with their scores."""
    found: list[dict[str, Any]] = []
    for folder in finished_evaluations(space):
        for record in _records(folder.joinpath("results.jsonl"), row_id):
            found.append({"run": folder.name, **record})
    return found


def finished_evaluations(space: Workspace) -> list[Any]:
    """The folders of finished evaluations, by name."""
    return sorted(path.parent for path in (space.root / "evals").glob("[!.]*/summary.json"))


def _records(path: Any, row_id: str) -> Iterator[dict[str, Any]]:
    needle = json.dumps(row_id).encode()
    if not path.is_file():
        return
    with open(path, "rb") as lines:
        for line in lines:
            if needle in line:
                record = json.loads(line)
                if record.get("row_id") == row_id:
                    yield record
