"""One writer a workspace: a lock that dies with its process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..schemas.errors import WorkspaceError
from ..schemas.files import disk_error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file while the block runs; the kernel lets go of it when the process dies.

    Raises:
        WorkspaceError: Another process holds it, or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise disk_error(error, path) from error
    try:
        if not _try_lock(fd):
            holder = os.read(fd, 32).decode("ascii", "replace").strip() or "unknown"
            raise WorkspaceError(
                f"another tuneset process (pid {holder}) is writing this workspace",
                where=str(path.parent),
                fix="wait until it ends, or name another folder with -o",
            )
        try:
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            raise disk_error(error, path) from error
        yield
        os.ftruncate(fd, 0)
    finally:
        os.close(fd)


def _try_lock(fd: int) -> bool:
    if os.name != "posix":
        return True  # Windows: no flock; the atomic renames still keep every file whole
    import fcntl

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
