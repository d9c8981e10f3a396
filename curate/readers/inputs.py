"""Find the inputs: files, folders, standard input, saved datasets and hub datasets."""

from __future__ import annotations

import gzip
import os
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from ...schemas.errors import InputError
from ...schemas.files import BLOCK

FORMATS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".arrow": "dataset",
}
COMPRESSIONS = (".gz", ".zst")
HUB_ID = re.compile(r"^(hf://datasets/|hf:)?([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)$")
DATASET_MARKS = ("dataset_info.json", "dataset_dict.json", "state.json")


@dataclass(frozen=True)
class Input:
    """One thing to read.

    Args:
        path: The file or saved dataset; None for a hub dataset.
        name: As recorded in `source.file`: relative to the folder it was found in.
        format: jsonl, json, csv, tsv, parquet or dataset.
        named: Whether the user named it; files found in a folder may be passed over.
        hub: The hub's id, for a hub dataset.
    """

    path: Path | None
    name: str
    format: str
    named: bool = True
    hub: str | None = None


def format_of(path: Path) -> str | None:
    """The format by the file's ending, compression aside; None when it is none of ours."""
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        suffixes.pop()
    return FORMATS.get(suffixes[-1]) if suffixes else None


def find_inputs(arguments: Sequence[str | os.PathLike[str]], stdin_copy: Path) -> list[Input]:
    """The inputs that some arguments name, in order; a folder's files in name order.

    Args:
        arguments: Paths, `-` for standard input, or hub dataset ids.
        stdin_copy: Where standard input is spooled.

    Raises:
        InputError: An argument names nothing that can be read.
    """
    if not arguments:
        raise InputError(
            "no input named", where="tuneset curate", fix="name a file, a folder, or - for stdin"
        )
    found: list[Input] = []
    for argument in arguments:
        found += _find(os.fspath(argument), stdin_copy)
    return found


def _find(argument: str, stdin_copy: Path) -> list[Input]:
    if argument == "-":
        return [_spool_stdin(stdin_copy)]
    path = Path(argument)
    if path.is_dir():
        return _find_in_folder(path)
    if path.exists():
        return [_named_file(path)]
    hub = HUB_ID.match(argument)
    if hub and format_of(path) is None:
        return [Input(None, hub.group(2), "dataset", hub=hub.group(2))]
    raise InputError(
        f"{argument!r} does not exist",
        where=str(path.absolute().parent),
        fix="check the path; a hub dataset is named OWNER/NAME",
    )


def _named_file(path: Path) -> Input:
    if not path.is_file():
        raise InputError(f"{str(path)!r} is not a regular file", where=str(path), fix="name a data file")
    if path.stat().st_size == 0:
        raise InputError(f"{path.name!r} is empty (0 bytes)", where=str(path), fix="fetch the file again")
    kind = format_of(path) or _sniff(path)
    if kind is None:
        raise InputError(
            f"{path.name!r} has no known ending",
            where=str(path),
            fix=f"rename it to end in one of {', '.join(FORMATS)} (with .gz or .zst if compressed)",
        )
    return Input(path, path.name, kind)


def _sniff(path: Path) -> str | None:
    """The format by the first bytes, for a file whose ending says nothing."""
    try:
        with open(path, "rb") as f:
            head = f.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:
        raise unreadable(path, error) from error
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"["):
        return "json"
    return "json" if head.startswith(b"{") else None


def _find_in_folder(folder: Path) -> list[Input]:
    if any((folder / mark).is_file() for mark in DATASET_MARKS):
        return [Input(folder, folder.name, "dataset")]
    found = [
        Input(path, path.relative_to(folder).as_posix(), kind, named=False)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and (kind := format_of(path)) is not None
    ]
    if not found:
        raise InputError(
            f"the folder {str(folder)!r} holds no data file",
            where=str(folder),
            fix=f"put files there that end in one of {', '.join(FORMATS)} (with .gz or .zst if compressed)",
        )
    return found


def _spool_stdin(copy: Path) -> Input:
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(
            "standard input is a terminal", where="-", fix="pipe a file in: cat FILE | tuneset ..."
        )
    copy.parent.mkdir(parents=True, exist_ok=True)
    with open(copy, "wb") as out:
        while block := sys.stdin.buffer.read(BLOCK):
            out.write(block)
    if copy.stat().st_size == 0:
        raise InputError("standard input is empty", where="-", fix="pipe a file in: cat FILE | tuneset ...")
    with open(copy, "rb") as f:
        magic = f.read(4)
    if magic[:2] == b"\x1f\x8b":
        copy = copy.rename(copy.with_name(copy.name + ".gz"))
    elif magic == b"\x28\xb5\x2f\xfd":
        copy = copy.rename(copy.with_name(copy.name + ".zst"))
    kind = _sniff(copy) if copy.suffix not in COMPRESSIONS else "json"
    return Input(copy, "stdin", kind or "csv")


def unreadable(path: Path, error: OSError) -> InputError:
    """The error for a file that the system does not let us read."""
    return InputError(
        f"{path.name!r} cannot be read ({error.strerror or error})",
        where=str(path),
        fix="check the file's permissions and the disk",
    )


@contextmanager
def open_bytes(path: Path, name: str) -> Iterator[IO[bytes]]:
    """The file's bytes, decompressed.

    Raises:
        InputError: The file cannot be read, or its compressed stream is damaged or cut.
    """
    suffix = path.suffix.lower()
    try:
        if suffix == ".gz":
            with gzip.open(path, "rb") as f:
                yield cast(IO[bytes], f)
        elif suffix == ".zst":
            with pa.input_stream(str(path), compression="zstd") as f:
                yield cast(IO[bytes], _Buffered(f))
        else:
            with open(path, "rb") as f:
                yield f
    except (EOFError, gzip.BadGzipFile, zlib.error, pa.ArrowInvalid) as error:
        raise InputError(
            f"the compressed file is damaged or cut off ({error})", where=name, fix="fetch the file again"
        ) from error
    except OSError as error:
        if suffix == ".zst" and error.errno is None:
            raise InputError(
                f"the compressed file is damaged or cut off ({error})", where=name, fix="fetch the file again"
            ) from error
        raise unreadable(path, error) from error


class _Buffered:
    """`readline` and `read` over an Arrow stream, which has no buffered lines of its own."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._rest = b""

    def read(self, size: int) -> bytes:
        if not self._rest:
            return self._stream.read(size)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def readline(self, limit: int) -> bytes:
        while (end := self._rest.find(b"\n")) < 0 and len(self._rest) < limit:
            block = self._stream.read(BLOCK)
            if not block:
                break
            self._rest += block
        size = min(end + 1 if end >= 0 else len(self._rest), limit)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken
