"""A folder that one process builds under a hidden name, and that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..schemas.errors import WorkspaceError
from ..schemas.files import disk_error, sync_folder

try:
    import fcntl
except ImportError:  # not on this system; two runs under one name are then not told apart
    fcntl = None


@contextmanager
def building(final: Path, *, replace: bool) -> Iterator[Path]:
    """A fresh folder `.NAME.tmp` beside `final` that takes its name when the block succeeds.

    It vanishes when the block fails. What a killed process left there is cleared first.

    Args:
        final: The folder to make.
        replace: Whether a folder of that name gives way; its place is never empty for long.

    Raises:
        WorkspaceError: The name is taken, another process builds it, or the disk refuses.
    """
    if final.exists() and not replace:
        raise WorkspaceError(
            f"the name {final.name!r} is taken",
            where=str(final),
            fix="choose another --name, or delete that folder",
        )
    temporary = final.with_name(f".{final.name}.tmp")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        with _lock(final):
            shutil.rmtree(temporary, ignore_errors=True)
            temporary.mkdir()
            try:
                yield temporary
                _publish(temporary, final)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise disk_error(error, final) from error


def _publish(temporary: Path, final: Path) -> None:
    old = final.with_name(f".{final.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        os.rename(final, old)
    os.rename(temporary, final)
    sync_folder(final.parent)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _lock(final: Path) -> Iterator[None]:
    path = final.with_name(f".{final.name}.lock")
    with open(path, "w", encoding="utf-8") as f:
        _take(f, final)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _take(f: IO[str], final: Path) -> None:
    if fcntl is None:
        return
    try:
        fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise WorkspaceError(
            f"{final.name!r} is being made by another process",
            where=str(final),
            fix="wait for it, or choose another --name",
        ) from error
