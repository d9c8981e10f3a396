"""Write a frozen version in a provider's shape; what a format cannot carry is refused row by row."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...schemas.errors import VersionError, WorkspaceError
from ...schemas.example import canonical_json
from ...schemas.files import read_json, write_json, write_text
from ...schemas.row_problems import RowProblem, problems
from ...schemas.version_info import VERSION
from ...schemas.workspace import Workspace
from ..folders import LineFile, new_folder
from ..version_files import VersionFiles, open_version
from .shape import CHANGES, Record, Target
from .targets import find_target

SPLITS = ("train", "validation")
"""The test split stays in the version: it is for measuring, and a trainer that sees it spoils it."""
REFUSED = "refused.jsonl"
REPORT = "report.json"


@dataclass(frozen=True)
class ExportResult:
    """What was written.

    Args:
        target: The format.
        version: The version.
        folder: Where the files are.
        files: File name to rows, bytes and SHA-256.
        refused: Reason to rows that the format cannot carry; each is in refused.jsonl.
        changes: What is told in another way, and in how many rows.
        held_out: Rows of the test split, which no target gets.
        warnings: What the provider may object to.
    """

    target: str
    version: str
    folder: str
    files: dict[str, dict[str, Any]]
    refused: dict[str, int]
    changes: dict[str, int]
    held_out: int
    warnings: list[str]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """A few lines for a person."""
        target = find_target(self.target)
        rows = ", ".join(
            f"{name} {file['rows']:,} rows" for name, file in self.files.items() if name != REFUSED
        )
        lines = [f"exported {self.version} for {self.target}: {rows}", f"  {self.folder}"]
        if self.refused:
            lines.append(f"  refused {sum(self.refused.values()):,} rows, each listed in {REFUSED}:")
            lines += [
                f"    {n:>7,}  {code}: {target.rule(code).sentence}" for code, n in self.refused.items()
            ]
        lines += [f"  {n:,} rows: {CHANGES[code]}" for code, n in self.changes.items()]
        if self.held_out:
            lines.append(f"  {self.held_out:,} test rows stay in the version, for measuring")
        return "\n".join([*lines, *(f"  warning: {warning}" for warning in self.warnings)])


def export(
    out: str | Path, *, to: str, version: str | None = None, output: str | Path | None = None
) -> ExportResult:
    """Write train and validation rows of a version in a provider's shape.

    The version is checked byte by byte first. Every line is checked against the provider's row model; a
    row that does not fit is left out with its reason. The folder appears whole or not at all, and takes
    the place of an earlier export.

    Args:
        out: A workspace with a frozen version.
        to: The target, one of `targets.TARGETS`.
        version: The version's name. Default: the one frozen last.
        output: The folder to write. Default: exports/TARGET-VERSION in the workspace.

    Raises:
        RecipeError: An unknown target.
        WorkspaceError: No such version, or a folder that is not an earlier export.
        VersionError: A version that was changed, or of which no row fits the target.
    """
    target = find_target(to)
    frozen = open_version(out, version).verify()
    name = f"{target.name}-{frozen.name}"
    folder = Path(output).absolute() if output is not None else Workspace.at(out).export(name)
    _refuse_foreign(folder)
    with new_folder(folder, replace=True) as temporary:
        tally = _write(temporary, target, frozen)
        result = ExportResult(
            target=target.name,
            version=frozen.name,
            folder=str(folder),
            files=tally.files,
            refused=dict(sorted(tally.refused.items(), key=lambda item: (-item[1], item[0]))),
            changes=dict(sorted(tally.changes.items())),
            held_out=frozen.counts.get("test", 0),
            warnings=_warnings(target, tally),
        )
        if not tally.written:
            raise _nothing_fits(target, frozen, result.refused)
        write_json(temporary / REPORT, _report(target, frozen, result))
    return result


def _refuse_foreign(folder: Path) -> None:
    """Only an earlier export is ever replaced."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    report = folder / REPORT
    earlier = read_json(report) if report.is_file() else None
    if not isinstance(earlier, dict) or not {"target", "version", "manifest_sha256"} <= set(earlier):
        raise WorkspaceError(
            f"{str(folder)!r} is there already and is no export of tuneset",
            where=str(folder),
            fix="name another folder with -o, or remove this one",
        )


@dataclass
class _Tally:
    """What was written so far."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)


def _write(folder: Path, target: Target, frozen: VersionFiles) -> _Tally:
    tally = _Tally()
    with ExitStack() as stack:
        names = [*(f"{split}.jsonl" for split in SPLITS if frozen.counts.get(split)), REFUSED]
        files = {name: stack.enter_context(LineFile(folder / name)) for name in names}
        for split in SPLITS:
            for record, row, problem in _rows(target, frozen, split, tally.changes):
                if problem is None:
                    files[f"{split}.jsonl"].write(row)
                    tally.written[split] += 1
                else:
                    tally.refused[problem.code] += 1
                    files[REFUSED].write(_refusal(record, split, problem))
        tally.files = {n: {"rows": f.rows, "bytes": f.bytes, "sha256": f.sha256} for n, f in files.items()}
    for name in [name for name, file in tally.files.items() if not file["rows"]]:
        (folder / name).unlink()
        del tally.files[name]
    if target.readme is not None and tally.written:
        write_text(folder / "README.md", target.readme([split for split in SPLITS if tally.written[split]]))
    return tally


def _rows(
    target: Target, frozen: VersionFiles, split: str, changes: Counter[str]
) -> Iterator[tuple[Record, str, RowProblem | None]]:
    """Each record with its line, or with the first reason why it has none."""
    for record in _records(target, frozen, split):
        converted = target.convert(record)
        if isinstance(converted, RowProblem):
            yield record, "", converted
            continue
        found = problems(target.model, converted.row)
        if not found:
            changes.update(converted.changes)
        yield record, _line(converted.row), found[0] if found else None


def _records(target: Target, frozen: VersionFiles, split: str) -> Iterator[Record]:
    """The rows of a split, then its pairs where the target takes them; a row that is a pair comes once."""
    seen: set[str] = set()
    for record in frozen.rows(split):
        if record.get("rejected") is not None:
            seen.add(record["content_id"])
        yield record
    if target.preferences:
        yield from (pair for pair in frozen.preferences(split) if pair["content_id"] not in seen)


def _line(row: Record) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _refusal(record: Record, split: str, problem: RowProblem) -> str:
    row = {"row_id": record["row_id"], "split": split, "reason": problem.code, "where": problem.where}
    return canonical_json({**row, "sentence": problem.sentence})


def _warnings(target: Target, tally: _Tally) -> list[str]:
    rows = tally.written["train"]
    warnings: list[str] = []
    if target.min_train_rows is not None and rows < target.min_train_rows:
        warnings.append(f"{rows} training rows; {target.name} takes no fewer than {target.min_train_rows}")
    if not tally.written["validation"]:
        warnings.append("there is no validation row, so the provider cannot show a validation loss")
    return warnings


def _nothing_fits(target: Target, frozen: VersionFiles, refused: dict[str, int]) -> VersionError:
    reasons = ", ".join(f"{code} {n:,}" for code, n in refused.items()) or "train and validation are empty"
    return VersionError(
        f"no row of version {frozen.name!r} fits {target.name} ({reasons})",
        where=str(frozen.folder),
        fix="choose another target (tuneset export OUT --to list), or approve other rows and freeze again",
    )


def _report(target: Target, frozen: VersionFiles, result: ExportResult) -> dict[str, Any]:
    """The report; equal input gives equal text."""
    report = result.as_dict()
    del report["folder"]
    refused = {
        code: {"rows": n, "sentence": target.rule(code).sentence, "source": target.rule(code).source}
        for code, n in result.refused.items()
    }
    return {
        **report,
        "refused": refused,
        "manifest_sha256": frozen.manifest_sha256(),
        "tuneset_version": VERSION,
    }
