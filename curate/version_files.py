"""Frozen versions read back: found by name, refused when a byte changed, streamed row by row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ..schemas.errors import VersionError, WorkspaceError, did_you_mean
from ..schemas.example import content_id
from ..schemas.files import sha256_file
from ..schemas.names import check_name
from ..schemas.version import SPLITS
from ..schemas.workspace import Workspace

T = TypeVar("T")
PREFERENCES = "preferences"
_DECODE = msgspec.json.Decoder().decode


class ListedFile(msgspec.Struct):
    """A split file as the manifest lists it."""

    rows: int
    sha256: str


class ListedRow(msgspec.Struct):
    """An approved row as the manifest lists it."""

    row_id: str
    content_id: str
    split: str
    decision: int
    actor: str
    decided_at: str
    rule: str | None = None
    reason: str | None = None
    votes: int | None = None
    decided_on: str | None = None
    parent_id: str | None = None


class ListedHead(msgspec.Struct):
    """Where the record of decisions stood."""

    events: int
    hash: str


class _Head(msgspec.Struct):
    """A manifest without its rows, which can be millions."""

    name: str
    created_at: str
    counts: dict[str, int]
    files: dict[str, ListedFile]
    decisions: dict[str, int]
    record: ListedHead | None = None


class _Rows(msgspec.Struct):
    rows: list[ListedRow]


@dataclass(frozen=True)
class VersionFiles:
    """One frozen version.

    Args:
        name: Its name.
        folder: Where it is.
        created_at: When it was frozen, UTC, ISO 8601.
        counts: Split to rows.
        files: File name to rows and SHA-256.
        decisions: Rule or actor to approved rows.
        record: Where the record of decisions stood; None in older versions.
    """

    name: str
    folder: Path
    created_at: str
    counts: dict[str, int]
    files: dict[str, ListedFile]
    decisions: dict[str, int]
    record: ListedHead | None = None

    @property
    def total(self) -> int:
        """Rows in all splits."""
        return sum(self.counts.values())

    @property
    def manifest(self) -> Path:
        return self.folder / "manifest.json"

    def manifest_sha256(self) -> str:
        """The hash that names this very version."""
        return sha256_file(self.manifest)

    def listed(self) -> list[ListedRow]:
        """Every approved row with its decision, from the manifest."""
        return _decode(self.manifest, _Rows).rows

    def verify(self) -> VersionFiles:
        """Itself, when every file is the one that was frozen.

        Raises:
            VersionError: A file was changed or is missing; a changed row is named.
        """
        for name, listed in self.files.items():
            path = self.folder / name
            if not path.is_file():
                raise self._refused(f"{name!r} is missing", path)
            if sha256_file(path) != listed.sha256:
                raise self._refused(*_culprit(path))
        return self

    def rows(self, split: str) -> Iterator[dict[str, Any]]:
        """The rows of a split, one by one, as JSON values; none when the version has no such file."""
        return self._rows(f"{split}.jsonl")

    def preferences(self, split: str) -> Iterator[dict[str, Any]]:
        """The pairs that came of comparisons and edits, as rows with `rejected`; none in older versions."""
        return self._rows(f"{PREFERENCES}/{split}.jsonl")

    def _rows(self, name: str) -> Iterator[dict[str, Any]]:
        if name not in self.files:
            return
        with open(self.folder / name, "rb") as lines:
            yield from map(_value, lines)

    def _refused(self, what: str, where: Path | str) -> VersionError:
        return VersionError(
            f"version {self.name!r} was changed after freezing: {what}",
            where=str(where),
            fix=f"restore the file from a backup, or run: tuneset freeze {self.folder.parent.parent}",
        )


def open_version(out: str | Path, name: str | None = None) -> VersionFiles:
    """A frozen version by its name; None takes the one frozen last.

    Raises:
        RecipeError: A name that cannot be a version's.
        WorkspaceError: No such version.
        VersionError: A manifest that cannot be read.
    """
    space = Workspace.at(out)
    if name is not None:
        check_name(name, "version")
    names = space.versions()
    if not names:
        raise WorkspaceError(
            f"{str(space.root)!r} has no frozen version",
            where=str(space.root / "versions"),
            fix=f"approve rows, then run: tuneset freeze {space.root}",
        )
    if name is None:
        return max((read_version(space.version(n)) for n in names), key=lambda v: (v.created_at, v.name))
    if name not in names:
        raise WorkspaceError(
            f"no version {name!r}", where=str(space.root / "versions"), fix=did_you_mean(name, names)
        )
    return read_version(space.version(name))


def all_versions(space: Workspace) -> list[VersionFiles]:
    """Every frozen version, oldest first."""
    return sorted(
        (read_version(space.version(n)) for n in space.versions()), key=lambda v: (v.created_at, v.name)
    )


def read_version(folder: Path) -> VersionFiles:
    """The version in a folder, from the head of its manifest.

    Raises:
        VersionError: The manifest cannot be read.
    """
    head = _decode(folder / "manifest.json", _Head)
    known = (f"{folder}{split}.jsonl" for folder in ("", f"{PREFERENCES}/") for split in SPLITS)
    files = {name: head.files[name] for name in known if name in head.files}
    if len(files) != len(head.files):
        raise VersionError(
            f"the manifest lists files that are no splits: {', '.join(sorted(set(head.files) - set(files)))}",
            where=str(folder / "manifest.json"),
            fix="restore manifest.json from a backup, or freeze a new version",
        )
    return VersionFiles(folder.name, folder, head.created_at, head.counts, files, head.decisions, head.record)


def _value(line: bytes) -> Any:
    """A line's JSON value; what msgspec does not take, such as half a surrogate pair, the slower way."""
    try:
        return _DECODE(line)
    except msgspec.DecodeError:
        return json.loads(line)


def _decode(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise VersionError(
            f"the manifest cannot be read ({error})",
            where=str(path),
            fix="restore manifest.json from a backup, or freeze a new version",
        ) from error


def _culprit(path: Path) -> tuple[str, str]:
    """What was changed in a file, and where: the first row that is not its own content_id."""
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            where = f"{path}, line {number}"
            try:
                row = json.loads(line)
                found = content_id(
                    row["messages"],
                    tools=row.get("tools"),
                    rejected=row.get("rejected"),
                    label=row.get("label"),
                )
                if found != row["content_id"]:
                    return f"row {row['row_id']!r} has other content", where
            except (ValueError, KeyError, TypeError, AttributeError):
                return "a line is no row", where
    return "rows were added, removed or moved", str(path)
