"""The exported files of a launch: those that are there when they are the right ones, else written anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...curate.export import export
from ...curate.export.result import REFUSED
from ...curate.export.run import REPORT
from ...curate.export.shape import Target
from ...curate.export.targets import find_target
from ...curate.version_files import VersionFiles, open_version
from ...schemas.errors import RecipeError
from ...schemas.files import read_json, sha256_file
from ...schemas.version_info import VERSION
from ...schemas.workspace import Workspace


@dataclass(frozen=True)
class Prepared:
    """An export that is ready to be sent.

    Args:
        version: The frozen version.
        target: The export target.
        folder: Where its files are.
        files: Split to file; a file that holds both splits stands under `train`.
        told: Split to rows, bytes and SHA-256 of its file.
        report: The export's report.
    """

    version: VersionFiles
    target: Target
    folder: Path
    files: Mapping[str, Path]
    told: Mapping[str, Mapping[str, Any]]
    report: Mapping[str, Any]


def prepare(out: str | Path, target: str, version: str | None, changes: Sequence[str]) -> Prepared:
    """The export of a version for a target.

    What stands in `exports/TARGET-VERSION` is used when it was made from this very version by this release
    and every file still has its hash; otherwise, and whenever changes are named, it is written anew.

    Raises:
        RecipeError: An unknown target or change, or fewer or more rows than the service takes.
        WorkspaceError: No such version.
        VersionError: The version was changed, or no row fits.
    """
    wanted = find_target(target)
    frozen = open_version(out, version).verify()
    folder = Workspace.at(out).export(f"{wanted.name}-{frozen.name}").absolute()
    report = None if changes else _standing(folder, wanted, frozen)
    if report is None:
        export(out, to=wanted.name, version=frozen.name, changes=changes)
        report = read_json(folder / REPORT)
    names: dict[str, str] = {}
    for split in report["rows"]:
        name = wanted.layout.file_of(split)
        if name not in names.values() and (split == "train" or wanted.limits.max_validation_rows != 0):
            names[split] = name
    prepared = Prepared(
        version=frozen,
        target=wanted,
        folder=folder,
        files={split: folder / name for split, name in names.items()},
        told={split: report["files"][name] for split, name in names.items()},
        report=report,
    )
    _check_limits(prepared)
    return prepared


def refused_rows(prepared: Prepared) -> dict[str, dict[str, list[str]]]:
    """Split to reason to the row ids that the format could not carry."""
    path = prepared.folder / REFUSED
    refused: dict[str, dict[str, list[str]]] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            refused.setdefault(row["split"], {}).setdefault(row["reason"], []).append(row["row_id"])
    return refused


def _standing(folder: Path, target: Target, frozen: VersionFiles) -> dict[str, Any] | None:
    """The report of an export that can be sent as it is; None where there is none."""
    path = folder / REPORT
    if not path.is_file():
        return None
    report = read_json(path)
    made = {
        "target": target.name,
        "version": frozen.name,
        "manifest_sha256": frozen.manifest_sha256(),
        "tuneset_version": VERSION,
    }
    if not isinstance(report, dict) or any(report.get(name) != value for name, value in made.items()):
        return None
    whole = all(
        (folder / name).is_file() and sha256_file(folder / name) == file["sha256"]
        for name, file in report["files"].items()
    )
    return report if whole else None


def _check_limits(prepared: Prepared) -> None:
    """Refuse what the provider would refuse after the upload."""
    limits, rows = prepared.target.limits, prepared.report["rows"]
    for problem in (
        _too_few(rows.get("train", 0), limits.min_train_rows),
        _too_many("training", rows.get("train", 0), limits.max_train_rows),
        _too_many("validation", rows.get("validation", 0), limits.max_validation_rows or None),
        *(_too_large(f["bytes"], split, limits.max_file_bytes) for split, f in prepared.told.items()),
    ):
        if problem is not None:
            raise RecipeError(
                f"{problem[0]} than {prepared.target.name} takes ({problem[1]:,})",
                where=str(prepared.folder),
                fix="approve other rows and freeze again, or choose another service",
            )


def _too_few(rows: int, least: int | None) -> tuple[str, int] | None:
    return (f"{rows:,} training rows are fewer", least) if least is not None and rows < least else None


def _too_many(kind: str, rows: int, most: int | None) -> tuple[str, int] | None:
    return (f"{rows:,} {kind} rows are more", most) if most is not None and rows > most else None


def _too_large(size: int, split: str, most: int | None) -> tuple[str, int] | None:
    return (f"the {split} file's {size:,} bytes are more", most) if most is not None and size > most else None
