"""Check files against a target's rules, row by row, in bounded memory."""

from __future__ import annotations

import codecs
import json
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ....schemas.errors import InputError, RecipeError
from ....schemas.files import atomic, read_json
from ....schemas.providers.problems import RowProblem
from ..shape import Target
from ..spend import Meter
from ..targets import find_target
from .file_checks import check_limits, check_name
from .file_rules import rule_of
from .found import Found, Tally
from .lines import Unreadable, has_separator, lines_of, parse, problem
from .result import CheckResult, FileReport
from .rows import SPLITS, RowRules
from .shapes import Shapes
from .sources import Kind, kind_of, other_rows
from .twins import Keys, digest, repeated, shared, suspects

LISTED = 5


def check(  # noqa: PLR0913  the verb's own options, all keywords
    file: str | Path,
    *,
    target: str | None = None,
    validation: str | Path | None = None,
    limit: int = LISTED,
    problems: str | Path | None = None,
    model: str | None = None,
    tokenizer: str | None = None,
    epochs: float | None = None,
    prices: str | Path | None = None,
) -> CheckResult:
    """Check a file, or a folder that `tuneset export` wrote, against a target's rules.

    Args:
        file: The training file, or the folder of an export.
        target: The target's name, one of `TARGETS`. A folder of an export names its own.
        validation: The validation file that goes with it.
        limit: Problems listed for each kind; all are counted.
        problems: A file that gets every problem, one JSON object a line.
        model: The base model to be tuned, for its tokenizer and price.
        tokenizer: What counts tokens: a name of `tokens.TOKENIZERS`, `estimate`, a tokenizer.json, a folder
            or a model on this machine. Default: the target's or the model's, else an estimate.
        epochs: How often each row is trained on. Default: the service's, where it is published.
        prices: A file of prices. Default: `~/.config/tuneset/prices.yaml` over ours.

    Raises:
        InputError: A file that cannot be opened.
        RecipeError: An unknown target, or none; a tokenizer or prices that are not there.
    """
    files, named = _files(Path(file), validation)
    name = target or named
    if name is None:
        raise RecipeError(
            f"no target is named for {str(file)!r}",
            where="tuneset check",
            fix="run: tuneset check FILE --for TARGET",
        )
    chosen = find_target(name, "--for")
    with ExitStack() as stack:
        meter = Meter(chosen, model=model, tokenizer=tokenizer, epochs=epochs, prices=prices)
        tally = Tally(chosen, limit, _sink(stack, problems))
        readers = [FileCheck(path, split, chosen, tally, meter) for split, path in files.items()]
        for reader in readers:
            reader.read()
        if len(readers) == 2:
            _compare(readers[0], readers[1], tally)
        check_limits(chosen, readers, tally)
    return CheckResult.of(chosen, [reader.report() for reader in readers], tally, meter.spend())


def _files(file: Path, validation: str | Path | None) -> tuple[dict[str, Path], str | None]:
    """The files of each split, and the target that an export's report names."""
    named = None
    if file.is_dir():
        report = file / "report.json"
        told = read_json(report) if report.is_file() else None
        if not isinstance(told, dict) or "target" not in told:
            raise InputError(
                f"{str(file)!r} is a folder, and no export of tuneset",
                where=str(file),
                fix="name a file in it",
            )
        named = str(told["target"])
        layout = find_target(named, str(report)).layout
        files = {split: file / layout.file_of(split) for split in SPLITS}
        files = {s: p for s, p in files.items() if p.is_file() and (s == "train" or p != files["train"])}
    else:
        files = {"train": file}
    if validation is not None:
        files["validation"] = Path(validation)
    for path in files.values():
        if not path.is_file():
            raise InputError(
                f"{str(path)!r} does not exist",
                where=str(path),
                fix="check the path; it is a file on this machine",
            )
    return files, named


def _sink(stack: ExitStack, path: str | Path | None) -> Callable[[Found], None] | None:
    if path is None:
        return None
    temporary = stack.enter_context(atomic(Path(path)))
    lines = stack.enter_context(temporary.open("w", encoding="utf-8", newline="\n"))

    def write(found: Found) -> None:
        lines.write(json.dumps(found.as_dict(), ensure_ascii=False) + "\n")

    return write


class FileCheck:
    """Checks one file.

    Args:
        path: The file.
        split: The split that it is for.
        target: The target.
        tally: Takes the findings.
        meter: Counts the tokens of the rows that the target takes.

    Attributes:
        rows: Rows so far, readable or not.
        refused: Rows that the target refuses.
        keys: What tells equal rows.
    """

    def __init__(self, path: Path, split: str, target: Target, tally: Tally, meter: Meter) -> None:
        self.path, self.split = path, split
        self._target, self._tally, self._meter = target, tally, meter
        self._counted = array("q")
        self._problems = RowRules(target).problems
        self.rows = self.refused = 0
        self.keys = Keys()
        self.shapes = Shapes()
        self._kind: Kind = "jsonl"

    def read(self) -> None:
        """Read the file to its end."""
        self._kind = kind_of(self.path)
        check_name(self._target, self.path, self._kind, self._tally)
        if self._kind in ("compressed", "utf-16"):
            return
        if self._kind == "jsonl":
            self._read_lines()
        else:
            self._read_others()
        if mixed := self.shapes.mixed():
            self._tally.add_file(self.path.name, "mixed_shapes", mixed)
        self._tell_long()
        self._tell_twins()

    def _read_lines(self) -> None:
        offset = crlf = 0
        number = 0
        with open(self.path, "rb", buffering=1 << 20) as f:
            for line in lines_of(f):
                number += 1
                size = len(line)
                if number == 1 and line.startswith(codecs.BOM_UTF8):
                    self._tally.add_file(self.path.name, "byte_order_mark")
                    line = line[3:]
                self.line(line, number, offset)
                crlf += line.endswith(b"\r\n")
                offset += size
        if crlf:
            self._tally.add_file(self.path.name, "crlf", f"{crlf:,} of {number:,}")

    def line(self, line: bytes, number: int, offset: int) -> None:
        """One line of a JSON Lines file."""
        try:
            value = parse(line)
        except Unreadable as unreadable:
            if unreadable.problem.code != "blank_line":
                self.rows += 1
            self._take(number, offset, {}, [unreadable.problem])
            return
        self.rows += 1
        self.row(value, number, offset, [problem("line_separator")] if has_separator(line) else [])

    def _read_others(self) -> None:
        cut: list[str] = []
        for sighted in other_rows(self.path, self._kind, cut):
            self.rows += 1
            if sighted.problem is not None:
                self._take(sighted.number, None, {}, [sighted.problem])
            else:
                self.row(sighted.value, sighted.number, None, [])
        if cut:
            self._tally.add_file(self.path.name, "not_json", cut[0])

    def row(self, value: Any, number: int, offset: int | None, seen: list[RowProblem]) -> None:
        """One parsed row."""
        if type(value) is not dict:
            self._take(number, offset, value, [problem("not_an_object")])
            return
        self.shapes.add(value)
        found = self._problems(value)
        if found or seen:
            self._take(number, offset, value, [*seen, *found])
        if not found:
            self._meter.add(self.split, value)
            self._counted.append(number)
        self.keys.add(number, value)

    def _take(self, number: int, offset: int | None, value: Any, found: list[RowProblem]) -> None:
        refused = self._tally.add_row(self.path.name, number, offset, value, found)
        self.refused += refused

    def _tell_long(self) -> None:
        """Rows with more tokens than the target takes, or perhaps more."""
        limit = self._target.limits.max_row_tokens
        codes = ("over_row_tokens", "may_be_over_row_tokens")
        for code, rows in zip(codes, self._meter.over(self.split), strict=True):
            for at, tokens in rows:
                sentence = f"{rule_of(code, self._target).sentence}: {tokens:,} of {limit:,}"
                self._take(self._counted[at], None, {}, [RowProblem(code, "", sentence)])

    def _tell_twins(self) -> None:
        numbers = suspects(self.keys)
        if not numbers:
            return
        for number, first in repeated((n, digest(row)) for n, row in self.again(numbers)):
            told = RowProblem("duplicate_row", "", f"the same row stands in line {first}")
            self._tally.add_row(self.path.name, number, None, {}, [told])

    def again(self, numbers: set[int]) -> Iterator[tuple[int, Any]]:
        """The rows with these numbers, read again."""
        if self._kind != "jsonl":
            yield from (
                (s.number, s.value) for s in other_rows(self.path, self._kind, []) if s.number in numbers
            )
            return
        with open(self.path, "rb") as f:
            for number, line in enumerate(lines_of(f), start=1):
                if number in numbers:
                    yield number, parse(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line)

    def report(self) -> FileReport:
        """What was read."""
        return FileReport(
            self.path.name, self.split, str(self.path), self.path.stat().st_size, self.rows, self.refused
        )


def _compare(train: FileCheck, validation: FileCheck, tally: Tally) -> None:
    """Rows that stand in both files."""
    in_train, in_validation = shared(train.keys, validation.keys)
    if not in_train:
        return
    lines = {digest(row): number for number, row in reversed(list(train.again(in_train)))}
    for number, row in validation.again(in_validation):
        line = lines.get(digest(row))
        if line is not None:
            told = RowProblem("row_in_both", "", f"the row is line {line} of {train.path.name} too")
            validation.refused += tally.add_row(validation.path.name, number, None, {}, [told])
