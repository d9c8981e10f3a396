"""Load a frozen version, and refuse it unless every file and every row is what people approved."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..curate.version_files import open_version
from ..schemas.errors import VersionError
from ..schemas.example import Message, content_id
from ..schemas.files import read_json
from ..schemas.version import SPLITS, VersionManifest, VersionRow

FREEZE_AGAIN = "restore the file, or freeze a new version: tuneset freeze {out}"


@dataclass(frozen=True)
class FrozenRow:
    """One approved row as it was frozen."""

    row_id: str
    content_id: str
    split: str
    messages: list[dict[str, Any]]
    tools: list[dict[str, Any]] | None = None
    rejected: list[dict[str, Any]] | None = None
    label: bool | None = None


@dataclass(frozen=True)
class FrozenVersion:
    """A version whose bytes and rows were checked against its manifest."""

    name: str
    manifest: VersionManifest
    manifest_sha256: str
    rows: dict[str, list[FrozenRow]] = field(repr=False)


def load_version(out: str | Path, name: str | None = None) -> FrozenVersion:
    """Read a version and check every byte and every row of it.

    Args:
        out: The workspace folder.
        name: The version; None takes the one that was frozen last.

    Returns:
        The rows by split, in file order.

    Raises:
        WorkspaceError: There is no such version.
        VersionError: A file or row was changed, is missing, or was never approved.
    """
    found = open_version(out, name)
    folder = found.folder
    manifest = _read_manifest(folder)
    approved = {row.row_id: row for row in manifest.rows}
    if len(approved) != len(manifest.rows):
        raise VersionError(
            "the manifest names a row twice",
            where=str(folder / "manifest.json"),
            fix=FREEZE_AGAIN.format(out=out),
        )
    seen: set[str] = set()
    rows = {split: _load_split(folder, split, manifest, approved, seen) for split in SPLITS}
    absent = sorted(set(approved) - seen)
    if absent:
        row = approved[absent[0]]
        raise VersionError(
            f"{len(absent)} approved rows are missing, the first is {row.row_id!r}",
            where=str(folder / f"{row.split}.jsonl"),
            fix=FREEZE_AGAIN.format(out=out),
        )
    return FrozenVersion(found.name, manifest, found.manifest_sha256(), rows)


def _read_manifest(folder: Path) -> VersionManifest:
    path = folder / "manifest.json"
    try:
        return VersionManifest.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        raise VersionError(
            f"the manifest is not valid: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            where=str(path),
            fix=FREEZE_AGAIN.format(out=folder.parent.parent),
        ) from error


def _load_split(
    folder: Path,
    split: str,
    manifest: VersionManifest,
    approved: dict[str, VersionRow],
    seen: set[str],
) -> list[FrozenRow]:
    path = folder / f"{split}.jsonl"
    listed = manifest.files.get(path.name)
    again = FREEZE_AGAIN.format(out=folder.parent.parent)
    if listed is None:
        if path.exists():
            raise VersionError(f"{path.name!r} is not in the manifest", where=str(path), fix=again)
        return []
    if not path.is_file():
        raise VersionError(f"{path.name!r} is missing", where=str(folder), fix=again)
    data = path.read_bytes()
    rows = [
        _check_line(line, path, number, split, approved, seen)
        for number, line in enumerate(data.splitlines(), start=1)
    ]
    if hashlib.sha256(data).hexdigest() != listed.sha256 or len(rows) != listed.rows:
        raise VersionError(
            f"{path.name!r} was changed after freezing (SHA-256 or row count differs from the manifest)",
            where=str(path),
            fix=again,
        )
    return rows


def _check_line(
    line: bytes, path: Path, number: int, split: str, approved: dict[str, VersionRow], seen: set[str]
) -> FrozenRow:
    row = _parse_line(line, path, number)
    listed = approved.get(row.row_id)
    problem = None
    if listed is None:
        problem = f"the row {row.row_id!r} was never approved (it is not in the manifest)"
    elif listed.split != split:
        problem = f"the row {row.row_id!r} was approved for {listed.split}, not for {split}"
    elif row.row_id in seen:
        problem = f"the row {row.row_id!r} is there twice"
    elif not (
        row.content_id
        == listed.content_id
        == content_id(row.messages, tools=row.tools, rejected=row.rejected, label=row.label)
    ):
        problem = f"the row {row.row_id!r} was changed after it was approved"
    if problem is not None:
        raise VersionError(
            problem, where=f"{path}, line {number}", fix=FREEZE_AGAIN.format(out=path.parent.parent.parent)
        )
    seen.add(row.row_id)
    return FrozenRow(row.row_id, row.content_id, split, row.messages, row.tools, row.rejected, row.label)


def _parse_line(line: bytes, path: Path, number: int) -> FrozenRow:
    try:
        value = json.loads(line)
        messages, rejected = value["messages"], value.get("rejected")
        for message in [*messages, *(rejected or [])]:
            Message.model_validate(message)
        return FrozenRow(
            row_id=str(value["row_id"]),
            content_id=str(value["content_id"]),
            split="",
            messages=messages,
            tools=value.get("tools"),
            rejected=rejected,
            label=value.get("label"),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VersionError(
            f"the line is not a frozen row ({type(error).__name__})",
            where=f"{path}, line {number}",
            fix=FREEZE_AGAIN.format(out=path.parent.parent.parent),
        ) from error
