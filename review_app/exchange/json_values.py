"""The values of a JSON file one by one: lines of JSONL, or the elements of one array, never all at once."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...schemas.errors import InputError

CHUNK = 1 << 20
_SPACE = " \t\r\n"
_SIGN = re.compile(r"[^ \t\r\n]")

_GOES_ON = re.compile(r"[0-9.eE+-]*\Z")
"""What follows a number that may go on in the next piece."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a file.

    Args:
        number: Its line in JSONL, or its place in an array; from 1.
        value: The JSON value; None where it could not be read.
        wrong: Why it could not be read.
    """

    number: int
    value: Any
    wrong: str | None = None


def json_values(path: Path) -> Iterator[Value]:
    """The values of a file: of an array its elements, else one a line, empty lines left out.

    Raises:
        InputError: Not readable, not UTF-8, or an array that is cut off or no JSON.
    """
    if is_array(path):
        yield from _elements(path)
    else:
        yield from _lines(path)


def is_array(path: Path) -> bool:
    """Whether the first sign of a file opens an array.

    Raises:
        InputError: The file cannot be read.
    """
    return next((text.lstrip(_SPACE)[0] for text in _text(path) if text.strip(_SPACE)), "") == "["


def _lines(path: Path) -> Iterator[Value]:
    number, rest = 0, ""
    for text in _text(path):
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            number += 1
            if line.strip():
                yield _value(number, line)
    if rest.strip():
        yield _value(number + 1, rest)


def _value(number: int, line: str) -> Value:
    try:
        return Value(number, _decoder().decode(line.strip()))
    except (ValueError, RecursionError) as error:
        return Value(number, None, str(error) or "nested too deep")


class _Window:
    """A stretch of the file's text that moves on, and grows only while one element needs it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pieces = _text(path)
        self._text = ""
        self._at = 0
        self._decoder = _decoder()

    def sign(self) -> str:
        """The next sign that is no space; "" at the end of the file."""
        while True:
            found = _SIGN.search(self._text, self._at)
            if found is not None:
                self._at = found.start()
                return found[0]
            piece = next(self._pieces, None)
            if piece is None:
                return ""
            self._text, self._at = piece, 0

    def skip(self) -> None:
        """Go past one sign."""
        self._at += 1

    def element(self, number: int) -> Any:
        """The JSON value that begins here."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
                if type(value) not in (int, float) or not _GOES_ON.match(self._text, end):
                    self._at = end
                    return value
                wrong = "the array is not closed"
            except (ValueError, RecursionError) as error:
                wrong = str(error)
            if not self._grow():
                raise self.broken(number, wrong)

    def _grow(self) -> bool:
        """Take as much text again as the window holds, so that a large element is tried few times."""
        self._text, self._at = self._text[self._at :], 0
        wanted = max(1, len(self._text) // CHUNK)
        pieces = [piece for _, piece in zip(range(wanted), self._pieces, strict=False)]
        self._text += "".join(pieces)
        return bool(pieces)

    def broken(self, number: int, wrong: str) -> InputError:
        return InputError(
            f"record {number} is not JSON ({wrong})",
            where=str(self._path),
            fix="export the file again; it may have been cut off",
        )


def _elements(path: Path) -> Iterator[Value]:
    window = _Window(path)
    window.sign()
    window.skip()
    number = 0
    if window.sign() != "]":
        while True:
            number += 1
            window.sign()
            yield Value(number, window.element(number))
            sign = window.sign()
            if sign == "]":
                break
            if sign != ",":
                raise window.broken(number, "a comma or the end of the array is missing after it")
            window.skip()
    window.skip()
    if window.sign():
        raise InputError(
            "there is more text after the JSON array", where=str(path), fix="keep the one array in the file"
        )


def _decoder() -> json.JSONDecoder:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    return json.JSONDecoder(parse_constant=refuse)


def _text(path: Path) -> Iterator[str]:
    """The text of a file in pieces, without its byte-order mark."""
    decode = codecs.getincrementaldecoder("utf-8-sig")().decode
    try:
        with open(path, "rb") as f:
            while block := f.read(CHUNK):
                yield decode(block)
        yield decode(b"", True)
    except UnicodeDecodeError as error:
        raise InputError(
            f"the file is not UTF-8 ({error.reason})", where=str(path), fix="save it as UTF-8"
        ) from error
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror})",
            where=str(path),
            fix="name a file that you may read",
        ) from error


def _broken(path: Path, number: int, wrong: str) -> InputError:
    return InputError(
        f"record {number} is not JSON ({wrong})",
        where=str(path),
        fix="export the file again; it may have been cut off",
    )
