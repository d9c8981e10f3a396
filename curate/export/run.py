"""Write a frozen version in a provider's shape; what a format cannot carry is refused row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...schemas.errors import VersionError, WorkspaceError
from ...schemas.example import canonical_json
from ...schemas.files import read_json, write_json, write_text
from ...schemas.providers.problems import RowProblem
from ...schemas.recipe import Recipe
from ...schemas.version_info import VERSION
from ...schemas.workspace import Workspace
from ..folders import LineFile, new_folder
from ..recipe import load_recipe
from ..version_files import PREFERENCES, VersionFiles, open_version
from .disjoint import Disjoint
from .features import note_features
from .fitting import Fitted, fit
from .layouts import figures
from .result import REFUSED, ExportResult
from .shape import Record, Target, text_size
from .sidecars import Exported
from .spend import Meter, Spend
from .targets import find_target
from .tokens import ESTIMATE
from .transforms import TRANSFORMS, Transform, find_transforms
from .version_card import version_statistics

SPLITS = ("train", "validation")
"""The test split stays in the version: it is for measuring, and a trainer that sees it spoils it."""
REPORT = "report.json"
COUNTED_ROWS = 20_000
"""Tokens of up to this many rows are counted where the tokenizer is at hand, those of more estimated."""


def export(
    out: str | Path,
    *,
    to: str,
    version: str | None = None,
    output: str | Path | None = None,
    changes: Sequence[str] = (),
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
        changes: Names of `transforms.TRANSFORMS` that may change a row to make it fit.

    Raises:
        RecipeError: An unknown target or change.
        WorkspaceError: No such version, or a folder that is not an earlier export.
        VersionError: A version that was changed, or of which no row fits the target.
    """
    target = find_target(to)
    chosen = find_transforms([*target.always, *changes])
    frozen = open_version(out, version).verify()
    name = f"{target.name}-{frozen.name}"
    folder = Path(output).absolute() if output is not None else Workspace.at(out).export(name)
    _refuse_foreign(folder)
    with new_folder(folder, replace=True) as temporary:
        tally = _write(temporary, target, chosen, frozen)
        result = _result(target, frozen, folder, tally)
        if not tally.written:
            raise _nothing_fits(target, frozen, result.refused)
        beside = _exported(out, frozen, result, tally)
        for sidecar in target.sidecars:
            write_text(temporary / sidecar.name, sidecar.write(beside))
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
    has: set[str] = field(default_factory=set)
    longest: int = 0
    spend: Spend | None = None


def _write(folder: Path, target: Target, chosen: dict[str, Transform], frozen: VersionFiles) -> _Tally:
    tally = _Tally()
    meter = Meter(target, tokenizer=None if frozen.total <= COUNTED_ROWS else ESTIMATE)
    writer = target.layout.open(folder)
    apart = Disjoint() if _has_validation(target, frozen) else None
    with LineFile(folder / REFUSED) as refused:
        for split in SPLITS:
            for record in _records(target, frozen, split):
                problem = apart.problem(record) if apart and split != "train" else None
                fitted = problem or fit(target, chosen, record)
                if isinstance(fitted, RowProblem):
                    tally.refused[fitted.code] += 1
                    refused.write(_refusal(record, split, fitted))
                    continue
                if apart and split == "train":
                    apart.add(record)
                for row in fitted.rows:
                    writer.write(split, row)
                    meter.add(split, row)
                tally.written[split] += len(fitted.rows)
                _note(tally, fitted)
    tally.files, tally.spend = writer.close(), meter.spend()
    if refused.rows:
        tally.files[REFUSED] = figures(refused)
    else:
        (folder / REFUSED).unlink()
    return tally


def _has_validation(target: Target, frozen: VersionFiles) -> bool:
    """Whether any validation row could stand in train as well."""
    folders = ("", f"{PREFERENCES}/") if "preference" in target.kinds else ("",)
    listed = (frozen.files.get(f"{folder}validation.jsonl") for folder in folders)
    return any(file is not None and file.rows for file in listed)


def _note(tally: _Tally, fitted: Fitted) -> None:
    """Count the changes of a record, and note what it has and how long it is."""
    for change in fitted.changes:
        tally.changes[change] += 1
    for one in fitted.records:
        note_features(one, tally.has)
        tally.longest = max(tally.longest, text_size(one))


def _records(target: Target, frozen: VersionFiles, split: str) -> Iterator[Record]:
    """The rows of a split, then its pairs where the target takes them; a row that is a pair comes once."""
    seen: set[str] = set()
    for record in frozen.rows(split):
        if record.get("rejected") is not None:
            seen.add(record["content_id"])
        yield record
    if "preference" in target.kinds:
        yield from (pair for pair in frozen.preferences(split) if pair["content_id"] not in seen)


def _refusal(record: Record, split: str, problem: RowProblem) -> str:
    row = {"row_id": record["row_id"], "split": split, "reason": problem.code, "where": problem.where}
    return canonical_json({**row, "sentence": problem.sentence})


def _result(target: Target, frozen: VersionFiles, folder: Path, tally: _Tally) -> ExportResult:
    return ExportResult(
        target=target.name,
        version=frozen.name,
        folder=str(folder),
        files=tally.files,
        rows={split: tally.written[split] for split in SPLITS if tally.written[split]},
        refused=dict(sorted(tally.refused.items(), key=lambda item: (-item[1], item[0]))),
        changes=dict(sorted(tally.changes.items())),
        held_out=frozen.counts.get("test", 0),
        warnings=_warnings(target, tally),
        spend=tally.spend,
    )


def _exported(out: str | Path, frozen: VersionFiles, result: ExportResult, tally: _Tally) -> Exported:
    path = Workspace.at(out).recipe
    recipe = load_recipe(path) if path.is_file() else Recipe()
    target = find_target(result.target)
    return Exported(
        target=result.target,
        version=result.version,
        folder=Path(result.folder),
        rows=result.rows,
        files={split: target.layout.file_of(split) for split in result.rows},
        train=recipe.train,
        given=frozenset(recipe.train.model_fields_set),
        seed=recipe.seed,
        held_out=result.held_out,
        has=frozenset(tally.has),
        statistics=version_statistics(frozen),
        written={name: told for name, told in tally.files.items() if name != REFUSED},
        manifest_sha256=frozen.manifest_sha256(),
        longest=tally.longest,
    )


def _warnings(target: Target, tally: _Tally) -> list[str]:
    limits = target.limits
    warnings: list[str] = []
    rows = tally.written["train"]
    if limits.min_train_rows is not None and rows < limits.min_train_rows:
        warnings.append(f"{rows} training rows; {target.name} takes no fewer than {limits.min_train_rows}")
    most = {"train": limits.max_train_rows, "validation": limits.max_validation_rows}
    for split, limit in most.items():
        if limit is not None and tally.written[split] > limit:
            warnings.append(
                f"{tally.written[split]:,} {split} rows; {target.name} takes no more than {limit:,}"
            )
    for name, file in tally.files.items():
        if limits.max_file_bytes is not None and file["bytes"] > limits.max_file_bytes:
            warnings.append(
                f"{name} has {file['bytes']:,} bytes; "
                f"{target.name} takes no more than {limits.max_file_bytes:,}"
            )
    if not tally.written["validation"]:
        warnings.append("there is no validation row, so the provider cannot show a validation loss")
    warnings += [note for feature, note in target.notes.items() if feature in tally.has]
    if target.state.word == "unknown":
        warnings.append(f"whether {target.name} still takes jobs is not known ({target.state.source})")
    if target.state.word in ("closing", "closed"):
        warnings.append(f"{target.name} is {target.state.word}: {target.state.note} ({target.state.source})")
    return warnings


def _nothing_fits(target: Target, frozen: VersionFiles, refused: dict[str, int]) -> VersionError:
    reasons = ", ".join(f"{code} {n:,}" for code, n in refused.items()) or "train and validation are empty"
    lifting = [name for name, t in TRANSFORMS.items() if set(t.lifts) & set(refused)]
    named = f"allow a change ({' '.join(f'--with {name}' for name in lifting)}), or " if lifting else ""
    return VersionError(
        f"no row of version {frozen.name!r} fits {target.name} ({reasons})",
        where=str(frozen.folder),
        fix=f"{named}choose another target (tuneset export OUT --to list), "
        "or approve other rows and freeze again",
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
