"""The place of a launch in the workspace: its name, its lock, and that nothing else stands there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...curate.lock import locked
from ...curate.version_files import open_version
from ...schemas.errors import WorkspaceError
from .journal import JOURNAL, Journal
from .record import ROWS


def newest_version(out: str | Path) -> str:
    """The name of the version frozen last."""
    return open_version(out, None).name


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The launch's lock; the kernel lets go of it when the process dies."""
    try:
        with locked(folder.with_name(f".{folder.name}.launch.lock")):
            yield
    except WorkspaceError as error:
        if not error.what.startswith("another tuneset process"):
            raise
        raise WorkspaceError(
            f"{error.what.removesuffix('is writing this workspace')}launches or follows {folder.name!r}",
            where=str(folder),
            fix="wait until it ends, or start another job with another --name",
        ) from error


def refuse_taken(folder: Path, journal: Journal) -> None:
    """Refuse a name that something else has; a launch killed before its first line may stay."""
    there = {path.name for path in folder.iterdir() if path.name[0] != "."} if folder.exists() else set[str]()
    if not journal.lines and not there <= {ROWS, JOURNAL}:
        raise WorkspaceError(
            f"the name {folder.name!r} is taken",
            where=str(folder),
            fix="choose another --name, or delete that folder",
        )
