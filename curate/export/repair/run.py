"""Write a repaired copy of a file: what is certain is repaired, and every other row is left out by name."""

from __future__ import annotations

import base64
import codecs
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ....schemas.errors import InputError, RecipeError
from ....schemas.files import atomic
from ....schemas.providers.problems import RowProblem
from ...folders import LINE_ENDS
from ..check.lines import Unreadable, has_separator, lines_of, parse, problem
from ..check.rows import RowRules
from ..check.run import check
from ..check.sources import Kind, kind_of, other_rows
from ..check.twins import digest
from ..layouts import json_line
from ..shape import Target
from ..targets import find_target
from .result import FixResult, Repairs
from .row import mend
from .text import values_of

WIDE_BYTES = 1 << 30


def fix(
    file: str | Path,
    *,
    target: str,
    output: str | Path | None = None,
    validation: str | Path | None = None,
) -> FixResult:
    """Write a repaired copy of a file of rows, and check it.

    Only what is certain is repaired; a row that is still refused goes to `NAME.refused.jsonl` beside the
    copy, with its reasons. The file itself is never changed.

    Args:
        file: The file.
        target: The target's name, one of `TARGETS`.
        output: The copy. Default: `NAME.fixed.jsonl` beside the file.
        validation: The validation file that goes with it; rows that are in it are left out.

    Raises:
        InputError: A file that cannot be read.
        RecipeError: An unknown target, one whose files are not JSON Lines, or a copy in the file's place.
    """
    source, chosen = Path(file), find_target(target, "--for")
    kind = _readable(source, chosen)
    copy = Path(output) if output is not None else source.with_name(f"{source.stem}.fixed.jsonl")
    for taken in (source, *([] if validation is None else [Path(validation)])):
        if copy.exists() and taken.exists() and copy.samefile(taken):
            raise RecipeError(
                f"{str(copy)!r} is the file itself",
                where="-o",
                fix="name another file; nothing is repaired in place",
            )
    refused = copy.with_name(f"{copy.stem.removesuffix('.fixed')}.refused.jsonl")
    told = Repairs()
    with ExitStack() as stack:
        out = stack.enter_context(stack.enter_context(atomic(copy)).open("wb"))
        left = stack.enter_context(stack.enter_context(atomic(refused)).open("wb"))
        writer = _Writer(chosen, out, left, told, _digests(validation))
        for line in _lines(source, kind):
            writer.take(line)
    if not told.refused:
        refused.unlink()
    checked = check(copy, target=target, validation=validation)
    named = str(refused) if told.refused else None
    return FixResult(chosen.name, str(source), str(copy), named, told, checked)


def _readable(source: Path, target: Target) -> Kind:
    if not source.is_file():
        raise InputError(f"{str(source)!r} is no file", where=str(source), fix="name a file of rows")
    wanted = Path(target.layout.file_of("train")).suffix
    if wanted != ".jsonl":
        raise RecipeError(
            f"{target.name} takes *{wanted} files, and the repair writes JSON Lines",
            where="--fix",
            fix="curate the file and export it",
        )
    kind = kind_of(source)
    if kind in ("compressed", "binary"):
        raise InputError(
            f"{str(source)!r} is no text file", where=str(source), fix="unpack it, or name another"
        )
    return kind


def _digests(validation: str | Path | None) -> set[bytes]:
    """What tells the rows of the validation file."""
    if validation is None:
        return set()
    found: set[bytes] = set()
    with open(validation, "rb") as f:
        for line in lines_of(f):
            try:
                found.add(digest(parse(line.removeprefix(codecs.BOM_UTF8))))
            except Unreadable:
                continue
    return found


@dataclass(frozen=True)
class _Line:
    """One line as it stands in the file, or one row of a file that has no lines.

    Args:
        number: From 1.
        raw: Its bytes with the line end; None where there are none.
        value: The row where there are no bytes.
        problem: Why there is neither.
        done: What reading it took.
    """

    number: int
    raw: bytes | None
    value: Any = None
    problem: RowProblem | None = None
    done: frozenset[str] = frozenset()


def _lines(source: Path, kind: Kind) -> Iterator[_Line]:
    if kind == "jsonl":
        with open(source, "rb") as f:
            for number, raw in enumerate(lines_of(f), start=1):
                yield _Line(number, raw)
    elif kind == "utf-16":
        if source.stat().st_size > WIDE_BYTES:
            raise InputError(
                f"{str(source)!r} is UTF-16 and larger than 1 GiB",
                where=str(source),
                fix="convert it with iconv",
            )
        text = source.read_text(encoding="utf-16", errors="surrogatepass")
        for number, line in enumerate(text.split("\n"), start=1):
            if line:
                raw = line.encode("utf-8", "surrogatepass")
                yield _Line(number, raw + b"\n", done=frozenset({"reencoded"}))
    else:
        yield from _other_lines(source, kind)


def _other_lines(source: Path, kind: Kind) -> Iterator[_Line]:
    cut: list[str] = []
    done = frozenset({"line_ends" if kind == "carriage_returns" else "one_a_line"})
    number = 0
    for row in other_rows(source, kind, cut):
        number = row.number
        yield _Line(number, None, row.value, row.problem, done)
    if cut:
        yield _Line(number + 1, None, None, problem("not_json", cut[0]), done)


class _Writer:
    """Repairs lines and writes them, each to the copy or to the rows that are left out."""

    def __init__(
        self, target: Target, out: BinaryIO, left: BinaryIO, told: Repairs, others: set[bytes]
    ) -> None:
        self._target, self._out, self._left, self._told, self._others = target, out, left, told, others
        self._rules = RowRules(target)

    def take(self, line: _Line) -> None:
        """One line of the file."""
        done = set(line.done)
        if line.raw is None:
            values, wrong = ([] if line.problem else [line.value]), line.problem
        else:
            values, more, wrong = values_of(line.raw)
            done |= more | _ends(line.raw)
        if wrong is not None and not values:
            self._refuse(line, [wrong], None)
            return
        if not values:
            self._told.add({"blank_dropped"}, line.number)
        for value in values:
            self._row(line, value, done, wrong)

    def _row(self, line: _Line, value: Any, done: set[str], wrong: RowProblem | None) -> None:
        if type(value) is not dict:
            self._refuse(line, [problem("not_an_object")], value)
            return
        mended = mend(self._rules, self._target, value)
        if mended.left:
            self._refuse(line, mended.left if wrong is None else [wrong, *mended.left], value)
            return
        whole = not mended.done and done <= {"line_ends", "mark_removed"}
        done = (done | mended.done) - {"unwritable"}
        data = _bytes(line, mended.row, whole)
        if isinstance(data, RowProblem):
            self._refuse(line, [data], value)
            return
        if self._others and digest(mended.row) in self._others:
            self._refuse(line, [problem("row_in_both")], value)
            return
        self._out.write(data)
        self._told.written += 1
        self._told.changed += bool(done)
        self._told.add(done, line.number)

    def _refuse(self, line: _Line, found: list[RowProblem], value: Any) -> None:
        reasons = [{"code": p.code, "where": p.where, "sentence": p.sentence} for p in found]
        told: dict[str, Any] = {"line": line.number, "reasons": reasons}
        raw = line.raw.rstrip(b"\r\n") if line.raw is not None else None
        try:
            told["text"] = raw.decode("utf-8") if raw is not None else json.dumps(value or line.value)
        except UnicodeDecodeError:
            told["base64"] = base64.b64encode(raw or b"").decode("ascii")
        self._left.write(json.dumps(told).encode() + b"\n")
        self._told.refused[found[0].code] += 1


def _ends(raw: bytes) -> set[str]:
    found = {"line_ends"} if raw.endswith(b"\r\n") else set[str]()
    return found | {"separator_escaped"} if has_separator(raw) else found


def _bytes(line: _Line, row: dict[str, Any], whole: bool) -> bytes | RowProblem:
    """The line as it is written: byte for byte as it stood where nothing of it was repaired."""
    if whole and line.raw is not None:
        return line.raw.removeprefix(codecs.BOM_UTF8).rstrip(b"\r\n") + b"\n"
    try:
        data = json_line(row).translate(LINE_ENDS).encode("utf-8") + b"\n"
        parse(data)
    except UnicodeEncodeError:
        return problem("lone_surrogate")
    except (ValueError, RecursionError):
        return problem("nan_or_infinity")
    except Unreadable as unreadable:
        return unreadable.problem
    return data
