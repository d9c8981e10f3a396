"""Check files against a target's rules, row by row, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from itertools import product
from pathlib import Path

from ....schemas.errors import InputError, RecipeError
from ....schemas.files import atomic, read_json
from ....schemas.providers.problems import RowProblem
from ..layouts import Layout
from ..spend import Meter
from ..targets import find_target
from .file_checks import check_limits
from .found import Found, Tally
from .one_file import FileCheck
from .result import CheckResult
from .rows import SPLITS
from .twins import digest, shared

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
        readers = [FileCheck(path, split, chosen, tally, meter) for split, path in files]
        for reader in readers:
            reader.read()
        for train, other in product(readers, readers):
            if (train.split, other.split) == SPLITS:
                _compare(train, other, tally)
        check_limits(chosen, readers, tally)
    return CheckResult.of(chosen, [reader.report() for reader in readers], tally, meter.spend())


def _files(file: Path, validation: str | Path | None) -> tuple[list[tuple[str, Path]], str | None]:
    """The files with their splits, and the target that an export's report names."""
    named = None
    files = [("train", file)]
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
        files = _of_export(file, find_target(named, str(report)).layout, told.get("files") or {})
    if validation is not None:
        files.append(("validation", Path(validation)))
    for _, path in files:
        if not path.is_file():
            raise InputError(
                f"{str(path)!r} does not exist",
                where=str(path),
                fix="check the path; it is a file on this machine",
            )
    return files, named


def _of_export(folder: Path, layout: Layout, names: Iterable[str]) -> list[tuple[str, Path]]:
    """The row files that an export's report lists, each with the split that its name tells."""
    found: list[tuple[str, Path]] = []
    for name in names:
        split = next((s for s in SPLITS if name == layout.file_of(s) or Path(name).name.startswith(s)), None)
        if split is not None:
            found.append((split, folder / name))
    return sorted(found, key=lambda item: SPLITS.index(item[0]))


def _sink(stack: ExitStack, path: str | Path | None) -> Callable[[Found], None] | None:
    if path is None:
        return None
    temporary = stack.enter_context(atomic(Path(path)))
    lines = stack.enter_context(temporary.open("w", encoding="utf-8", newline="\n"))

    def write(found: Found) -> None:
        lines.write(json.dumps(found.as_dict(), ensure_ascii=False) + "\n")

    return write


def _compare(train: FileCheck, validation: FileCheck, tally: Tally) -> None:
    """Rows that stand in both files."""
    in_train, in_validation = shared(train.keys, validation.keys)
    if not in_train:
        return
    unit = tally.units[train.path.name]
    lines = {digest(row): number for number, row in reversed(list(train.again(in_train)))}
    for number, row in validation.again(in_validation):
        line = lines.get(digest(row))
        if line is not None:
            told = RowProblem("row_in_both", "", f"the row is {unit} {line} of {train.path.name} too")
            validation.refused += tally.add_row(validation.path.name, number, None, {}, [told])
