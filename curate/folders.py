"""Folders that appear whole or not at all, and the line files inside them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from ..schemas.errors import WorkspaceError
from ..schemas.files import disk_error, sync_folder


@contextmanager
def new_folder(path: Path, *, scratch: Path | None = None, replace: bool = False) -> Iterator[Path]:
    """A temporary folder that takes the name `path`, synced to disk, when the block succeeds.

    What a killed process left behind is removed by the next call for the same name.

    Args:
        path: The folder to make.
        scratch: Where the temporary folder stands, on the same disk; None is beside `path`.
        replace: Take the place of a folder that is there already.

    Raises:
        WorkspaceError: The folder is there already, the disk is full, or it cannot be written.
    """
    place = scratch or path.parent
    temporary = place / f".{path.name}.{os.getpid()}.tmp"
    try:
        place.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(place, path.name)
        temporary.mkdir()
        yield temporary
        for path_inside in sorted(temporary.rglob("*")):
            sync_folder(path_inside) if path_inside.is_dir() else _sync(path_inside)
        sync_folder(temporary)
        _take_name(temporary, path, replace)
        sync_folder(path.parent)
    except OSError as error:
        raise disk_error(error, path) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _take_name(temporary: Path, path: Path, replace: bool) -> None:
    if not path.exists():
        os.rename(temporary, path)
        return
    if not replace:
        raise WorkspaceError(f"{path.name!r} is there already", where=str(path), fix="choose another name")
    old = temporary.with_name(temporary.name + ".old")
    os.rename(path, old)
    os.rename(temporary, path)
    shutil.rmtree(old, ignore_errors=True)


def _remove_leftovers(place: Path, name: str) -> None:
    for left in place.glob(f".{name}.*.tmp*"):
        pid = left.name[len(name) + 2 :].split(".", 1)[0]
        if pid.isdigit() and not _runs(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(pid: int) -> bool:
    """Whether a process may still be at work; where that cannot be asked, yes."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return pid != os.getpid()


def _sync(file: Path) -> None:
    with open(file, "rb") as f:
        os.fsync(f.fileno())


LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
"""Line ends to `str.splitlines`, though not to JSON; inside a JSON text they stand in strings alone."""
_NEXT, _LINE, _PARAGRAPH = map(chr, LINE_ENDS)


class LineFile:
    """A file of JSON texts, one a line, hashed and counted on the way.

    Attributes:
        rows: Lines so far.
        bytes: Bytes so far.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = None
        self.rows = 0
        self.bytes = 0

    def __enter__(self) -> LineFile:
        self._file = open(self._path, "wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, line: str) -> None:
        """Add one JSON text; characters that some readers take for a line end are escaped."""
        if not line.isascii() and (_NEXT in line or _LINE in line or _PARAGRAPH in line):
            line = line.translate(LINE_ENDS)
        data = (line + "\n").encode("utf-8")
        if self._file is None:
            raise ValueError(f"{self._path} is not open")
        self._file.write(data)
        self._digest.update(data)
        self.rows += 1
        self.bytes += len(data)

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written so far, as hex digits."""
        return self._digest.hexdigest()
