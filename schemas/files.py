"""Files that appear whole or not at all, and their hashes."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import TunesetError, WorkspaceError

BLOCK = 1 << 20


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name, synced to disk, when the block succeeds.

    Raises:
        WorkspaceError: The disk is full, or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with open(temporary, "rb") as f:
            os.fsync(f.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        raise disk_error(error, path) from error
    finally:
        _remove(temporary)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # the error that brought us here is the one to tell


def sync_folder(folder: Path) -> None:
    """Make the renames in a folder durable, where the system can."""
    if os.name != "posix":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def disk_error(error: OSError, path: Path) -> TunesetError:
    """The three-part error for a failed write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or "No space left" in str(error):
        return WorkspaceError(
            "the disk is full",
            where=f"writing {path}",
            fix="free some space and run the same command again; finished work is kept",
        )
    if isinstance(error, (PermissionError, FileNotFoundError, NotADirectoryError, IsADirectoryError)) or (
        error.errno == errno.EROFS
    ):
        return WorkspaceError(
            f"the folder cannot be written ({error.strerror})",
            where=str(path.parent),
            fix="name a folder that you may write with -o, or change its permissions",
        )
    return WorkspaceError(
        f"writing failed ({error.strerror or error})",
        where=str(path),
        fix="check the disk and run the same command again; finished work is kept",
    )


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write an indented JSON file, whole or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file of a workspace.

    Raises:
        WorkspaceError: The file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WorkspaceError(
            f"{path.name!r} is missing", where=str(path.parent), fix="run the step that makes it again"
        ) from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise WorkspaceError(
            f"{path.name!r} is not JSON ({error})",
            where=str(path),
            fix="restore the file from a backup, or run the step that makes it again",
        ) from error


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


CACHE_VARIABLE = "TUNESET_CACHE"


def cache_root() -> Path:
    """Where downloads and slow results live between runs: `$TUNESET_CACHE`, else `~/.cache/tuneset`."""
    root = os.environ.get(CACHE_VARIABLE)
    return Path(root) if root else Path.home() / ".cache" / "tuneset"
