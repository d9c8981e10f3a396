"""The splits that rows had before: from a frozen version, or from a file of rows that name their split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..schemas.errors import RecipeError
from ..schemas.files import sha256_file
from ..schemas.version import SPLITS
from ..schemas.workspace import Workspace
from .readers.inputs import find_inputs
from .readers.read import raw_rows
from .readers.shapes import RowProblem, shape_of
from .readers.table import name_draft
from .rows import prompt_of, response_of
from .text import digest, normalise
from .version_files import VersionFiles, open_version, read_version

NEWEST = "newest"
NAMES: dict[str, str] = {name: name for name in SPLITS} | {
    "val": "validation",
    "valid": "validation",
    "dev": "validation",
}
"""What files call a split, and what it is called here."""


@dataclass
class OldSplits:
    """The earlier split of rows, by what each row can be known again.

    Args:
        by_content: content_id to split, for rows of other files.
        by_row: row_id to split; it names a row of the very same file, however it was edited since.
        by_prompt: Digest of the normalised prompt to every split that it was in.
    """

    by_content: dict[str, str] = field(default_factory=dict)
    by_row: dict[str, str] = field(default_factory=dict)
    by_prompt: dict[bytes, set[str]] = field(default_factory=dict)

    def add(self, split: str, row: Mapping[str, Any]) -> None:
        """Remember one row; of contents that stand in two splits the one further from training counts."""
        for table, name in ((self.by_content, row.get("content_id")), (self.by_row, row.get("row_id"))):
            if name is not None:
                table[name] = max(table.get(name, split), split, key=SPLITS.index)
        key = prompt_key(prompt_of(row["messages"]), response_of(row["messages"]))
        self.by_prompt.setdefault(key, set()).add(split)

    def of(self, content_id: str, row_id: str) -> str | None:
        """The split that a row had; None for a new one."""
        return self.by_row.get(row_id) or self.by_content.get(content_id)


def prompt_key(prompt: str, response: str) -> bytes:
    """Digest of the normalised prompt; a row without a prompt is known by its response."""
    asked = normalise(prompt)
    return digest(asked) if asked else digest("", normalise(response))


@dataclass(frozen=True)
class Earlier:
    """Where earlier splits are read from.

    Args:
        name: As the recipe or the workspace names it.
        path: A version's folder, or a file.
        sha256: Hash of the version's manifest, or of the file.
    """

    name: str
    path: Path
    sha256: str

    def load(self) -> OldSplits:
        """Every row's earlier split.

        Raises:
            VersionError: The version was changed after freezing.
            RecipeError: A file without rows that name a split.
        """
        found = OldSplits()
        rows = _version_rows(read_version(self.path)) if self.path.is_dir() else _file_rows(self.path)
        for split, row in rows:
            found.add(split, row)
        if not found.by_prompt:
            raise RecipeError(
                f"no row of {self.name!r} names a split that is known",
                where=str(self.path),
                fix=f"give each row a member `split`: one of {', '.join(NAMES)}",
            )
        return found


def find_earlier(keep_from: str | None, folder: Path, space: Workspace) -> Earlier | None:
    """What `keep_from` of a recipe means here; None where there is nothing to keep.

    Args:
        keep_from: A path, `newest` for the workspace's newest frozen version, or None.
        folder: What a relative path is relative to.
        space: The workspace that is written.

    Raises:
        RecipeError: There is nothing at the path.
        VersionError: The version was changed after freezing.
    """
    if keep_from is None or (keep_from == NEWEST and not space.versions()):
        return None
    if keep_from == NEWEST:
        version = open_version(space.root)
        return _version(f"versions/{version.name}", version)
    path = folder / keep_from
    if path.is_file():
        return Earlier(keep_from, path, sha256_file(path))
    if (path / "manifest.json").is_file():
        return _version(keep_from, read_version(path))
    if Workspace.at(path).versions():
        version = open_version(path)
        return _version(f"{keep_from}/versions/{version.name}", version)
    raise RecipeError(
        f"keep_from={keep_from!r} is no frozen version, no workspace that has one, and no file",
        where=str(path),
        fix="name a folder such as out/versions/v1, or a file of rows that have a split",
    )


def _version(name: str, version: VersionFiles) -> Earlier:
    return Earlier(name, version.verify().folder, version.manifest_sha256())


def _version_rows(version: VersionFiles) -> Iterator[tuple[str, dict[str, Any]]]:
    for split in SPLITS:
        for row in version.rows(split):
            yield split, row


def _file_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The readable rows of a file in any known shape whose `split` is known."""
    with ExitStack() as stack:
        for source in find_inputs([path], path):
            for number, raw in enumerate(raw_rows(source, stack), start=1):
                shape = None if raw.problem else shape_of(raw.value)
                if shape is None:
                    continue
                try:
                    named = name_draft(shape.convert(raw.value), str(number), path.name, number)
                except RowProblem:
                    continue
                split = NAMES.get(str(named.draft.meta.get("split", "")).lower())
                if split is not None:
                    yield split, {"messages": named.draft.messages, "content_id": named.content_id}
