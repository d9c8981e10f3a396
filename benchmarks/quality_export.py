"""What the export targets do with real rows and planted faults, beside the tools that read them.

    python benchmarks/quality_export.py FOLDER

For each target: rows exported, refused by reason, refused by the target's own tool, and read back with the
same content id. Then planted faults: how many of each kind are let through.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError
from tuneset.curate.export import TARGETS
from tuneset.curate.export.fitting import fit
from tuneset.curate.export.shape import Target
from tuneset.curate.export.transforms import find_transforms
from tuneset.curate.readers.inputs import find_inputs
from tuneset.curate.readers.read import raw_rows
from tuneset.curate.readers.shapes import RowProblem as Unread
from tuneset.curate.readers.shapes import detect, shape_of
from tuneset.schemas.example import Example, content_id
from tuneset.schemas.providers.conversation import order_problems
from tuneset.schemas.providers.problems import RowProblem

ORACLES = Path(__file__).resolve().parent.parent / "tests" / "curate" / "oracles"
PREFERENCES = (
    "dpo_en_demo.json",
    "hh_harmless_pairs.jsonl.gz",
    "oasst_ranked_pairs.jsonl",
    "kto_en_demo.json",
)
TOLERATED = ("two_users", "args_object")
"""Kinds that some services take; told apart."""
Record = dict[str, Any]


def raw_values(path: Path) -> list[Any]:
    """Every parsed row of a file or folder."""
    values: list[Any] = []
    for source in find_inputs([str(path)], Path("/nowhere")):
        with ExitStack() as stack:
            values += [row.value for row in raw_rows(source, stack) if row.problem is None]
    return values


def records(values: Iterable[Any], *, whole_file: bool = False) -> list[Record | None]:
    """Canonical records, as `tuneset curate` reads them; None where it cannot.

    Args:
        values: Parsed rows.
        whole_file: One shape is found for all of them, as for a file.
    """
    listed = list(values)
    found = detect(listed[:200]).shape if whole_file else None
    return [_record(value, n, found) for n, value in enumerate(listed, start=1)]


def _record(value: Any, number: int, found: Any) -> Record | None:
    shape = found if found is not None and found.matches(value) else shape_of(value)
    if shape is None:
        return None
    try:
        draft = shape.convert(value)
    except Unread:
        return None
    told = {
        "messages": draft.messages,
        "tools": draft.tools,
        "rejected": draft.rejected,
        "label": draft.label,
    }
    return {"row_id": f"bench:{number}", "content_id": content_id(**told), **told}  # pyright: ignore[reportArgumentType]


def oracle_of(target: Target) -> Callable[[str, list[Record]], list[str | None]] | None:
    """The tool that reads this family, where it is installed."""
    path = ORACLES / f"{target.family}.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location(f"oracle_{target.family}", path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except ImportError:
        return None
    return module.accepts


def lines_of(target: Target, record: Record) -> list[tuple[Record, Record, bool]] | RowProblem:
    """(record as exported, line, whether something was told in another way), or why there is none."""
    told = fit(target, find_transforms(target.always), record)
    if isinstance(told, RowProblem):
        return told
    changed = bool(told.changes - set(target.always))
    return [(one, row, changed) for one, row in zip(told.records, told.rows, strict=True)]


def exports(target: Target, given: Sequence[Record]) -> None:
    """Print what becomes of real rows."""
    refused: Counter[str] = Counter()
    lines: list[tuple[Record, Record, bool]] = []
    for record in given:
        told = lines_of(target, record)
        if isinstance(told, RowProblem):
            refused[told.code] += 1
        else:
            lines += told
    print(f"{target.name:22s} {len(lines):5d} lines  {_oracle(target, lines)}  {_read_back(target, lines)}")
    if refused:
        print(f"{'':22s} refused: {', '.join(f'{code} {n}' for code, n in refused.most_common())}")


def _oracle(target: Target, lines: list[tuple[Record, Record, bool]]) -> str:
    accepts = oracle_of(target)
    if accepts is None:
        return "no tool here      "
    try:
        said = accepts(target.name, [row for _, row, _ in lines])
    except ImportError:
        return "tool not installed"
    no = Counter(why for why in said if why is not None)
    return f"tool refuses {sum(no.values()):4d}{' ' + str(no.most_common(2)) if no else ''}"


def _read_back(target: Target, lines: list[tuple[Record, Record, bool]]) -> str:
    """How many lines come back with the content that was exported; a dropped verdict does not count."""
    if not lines:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        writer = target.layout.open(Path(folder))
        for _, row, _ in lines:
            writer.write("train", row)
        writer.close()
        again = records(raw_values(Path(folder)), whole_file=True)
    if len(again) != len(lines):
        return f"read back {len(again)} rows of {len(lines)}"
    labelled = "label" in target.kinds
    same: Counter[bool] = Counter()
    equal: Counter[bool] = Counter()
    found = Counter(back["content_id"] for back in again if back is not None)
    for record, _, changed in lines:
        label = record["label"] if labelled else None
        wanted = content_id(
            record["messages"], tools=record["tools"], rejected=record["rejected"], label=label
        )
        same[changed] += 1
        equal[changed] += found[wanted] > 0
        found[wanted] -= 1
    told = f"same content {equal[False]} of {same[False]}"
    return told + (f", of those told in another way {equal[True]} of {same[True]}" if same[True] else "")


def faults(target: Target, rows: Sequence[Record]) -> None:
    """Print how many rows of each planted fault are let through."""
    through: Counter[str] = Counter()
    clean = Counter[bool]()
    for row in rows:
        accepted = _let_through(target, row)
        if row["defect"] is None:
            clean[accepted] += 1
        elif accepted:
            through[row["defect"]] += 1
    hard = {kind: n for kind, n in through.items() if kind not in TOLERATED}
    soft = {kind: n for kind, n in through.items() if kind in TOLERATED}
    told = f"lets through {sum(hard.values())} {dict(hard) if hard else ''}"
    print(
        f"{target.name:22s} {told}; tolerated kinds {soft or 0}; of {sum(clean.values())} clean {clean[True]}"
    )


def _let_through(target: Target, row: Record) -> bool:
    """Whether a faulty row becomes a line that a check takes."""
    given = {"messages": row["messages"], "tools": row.get("tools")}
    try:
        Example.model_validate(
            {"row_id": "x:1", "content_id": "x", "source": {"file": "x", "row": 1}, **given}
        )
    except ValidationError:
        return False
    if not given["messages"]:
        return False
    told = lines_of(
        target, {"row_id": "x:1", "content_id": "0" * 32, "rejected": None, "label": None, **given}
    )
    if isinstance(told, RowProblem):
        return False
    return not any(order_problems(one) for one, _, _ in told)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path, help="the folder of labelled rows")
    parser.add_argument("--target", action="append", default=[], help="these alone; repeatable")
    parser.add_argument("--rows", type=int, help="this many rows of each file alone")
    told = parser.parse_args()
    chats = raw_values(told.data / "05_chats_tools" / "valid_chats.jsonl")[: told.rows]
    given = [r for r in records(chats, whole_file=True) if r is not None]
    for name in PREFERENCES:
        values = raw_values(told.data / "04_preferences" / name)[: told.rows]
        given += [r for r in records(values, whole_file=True) if r is not None]
    chosen = [t for t in TARGETS.values() if not told.target or t.name in told.target]
    print(f"== {len(given):,} real rows")
    for target in chosen:
        exports(target, given)
    lines = (told.data / "05_chats_tools" / "role_defects.jsonl").read_text(encoding="utf-8").splitlines()
    planted = [json.loads(line) for line in lines]
    print(f"\n== {sum(r['defect'] is not None for r in planted)} rows with a planted fault of 19 kinds")
    for target in chosen:
        faults(target, planted)


if __name__ == "__main__":
    main()
