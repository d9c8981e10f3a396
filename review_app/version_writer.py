"""The files of a version, written in one pass over the approved rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from ..curate.contents import identity, records
from ..curate.folders import LineFile
from ..curate.leak_certificate import certify, shipped_encoder
from ..curate.ledger import Ledger
from ..schemas.example import canonical_json
from ..schemas.run import RunCard
from ..schemas.step_options import NearDuplicateOptions
from ..schemas.version import SPLITS, LeakCertificate, VersionFile, VersionManifest, VersionRow
from .approved import Approved
from .dataset_card import dataset_card

ROWS_PART = "rows.part"


@dataclass
class Written:
    """What was written, and what of it the dataset card tells.

    Args:
        files: Split to rows and SHA-256.
        rows: Rows in all.
        changed: Approved rows left out because their content changed.
        without_split: Rows in train because no step gave them a split.
        decisions: Rule or actor to rows.
        reviewers: Who approved rows one by one.
        languages: Language code to rows.
        licences: Licence that rows state to rows.
        sources: Input file to rows.
        leaks: How near held-out rows are to train rows.
    """

    files: dict[str, VersionFile] = field(default_factory=dict)
    rows: int = 0
    changed: int = 0
    without_split: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    reviewers: set[str] = field(default_factory=set)
    languages: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    leaks: LeakCertificate | None = None


def write_version(folder: Path, ledger: Ledger, approved: Approved) -> Written:
    """The split files, the dataset card, and the manifest's rows in `rows.part`."""
    written = Written()
    with ExitStack() as stack:
        splits = {s: stack.enter_context(LineFile(folder / f"{s}.jsonl")) for s in SPLITS}
        listed = stack.enter_context(LineFile(folder / ROWS_PART))
        for record, decision in _pairs(ledger, approved):
            if identity(record) != decision["content_id"]:
                written.changed += 1
                continue
            split = decision["split"] or "train"
            splits[split].write(_line(record, decision["content_id"]))
            listed.write(_listed(decision, split))
            _count(written, record, decision)
    written.files = {s: VersionFile(rows=f.rows, sha256=f.sha256) for s, f in splits.items()}
    written.leaks = _certificate(folder, written, ledger.card)
    card = dataset_card(ledger.card, written)
    (folder / "README.md").write_text(card, encoding="utf-8", newline="\n")
    return written


def _certificate(folder: Path, written: Written, card: RunCard) -> LeakCertificate:
    """The leak certificate of the files that were written."""
    named = {step.get("use"): step for step in card.recipe.get("steps", ())}
    threshold = named.get("near_duplicate", {}).get("threshold", NearDuplicateOptions().threshold)
    rows = {split: partial(_read, folder / f"{split}.jsonl") for split in SPLITS}
    return certify(
        rows.pop("train"),
        dict(reversed(rows.items())),
        n_train=written.files["train"].rows,
        threshold=threshold,
        encoder=shipped_encoder(),
    )


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with open(path, "rb") as lines:
        yield from map(msgspec.json.decode, lines)


def _pairs(ledger: Ledger, approved: Approved) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each approved row with its decision, in input order."""
    start = 0
    for table in ledger.contents.stream(approved.mask):
        decisions = approved.decisions.slice(start, table.num_rows).to_pylist()
        yield from zip(records(table), decisions, strict=True)
        start += table.num_rows


def _line(record: dict[str, Any], content_id: str) -> str:
    names = ("row_id", "messages", "tools", "rejected", "label")
    row = {name: record[name] for name in names if record[name] is not None}
    return canonical_json({**row, "content_id": content_id})


def _listed(decision: dict[str, Any], split: str) -> str:
    row = VersionRow(
        row_id=decision["row_id"],
        content_id=decision["content_id"],
        split=split,  # pyright: ignore[reportArgumentType]  the model checks it
        decision=decision["seq"],
        actor=decision["actor"],
        rule=decision["rule"],
        decided_at=decision["at"],
    )
    return row.model_dump_json()


def _count(written: Written, record: dict[str, Any], decision: dict[str, Any]) -> None:
    written.rows += 1
    written.without_split += decision["split"] is None
    written.decisions[decision["rule"] or decision["actor"]] += 1
    if decision["rule"] is None:
        written.reviewers.add(decision["actor"])
    if decision["language"]:
        written.languages[decision["language"]] += 1
    written.sources[record["source"]["file"]] += 1
    licence = record["meta"].get("license", record["meta"].get("licence"))
    if isinstance(licence, str):
        written.licences[licence] += 1


def write_manifest(folder: Path, manifest: VersionManifest) -> None:
    """The manifest with the rows of `rows.part`, one a line, so that millions need no memory."""
    head = json.dumps(manifest.model_dump(exclude={"rows"}), ensure_ascii=False, indent=2, allow_nan=False)
    part = folder / ROWS_PART
    path = folder / "manifest.json"
    with open(part, encoding="utf-8") as rows, open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write(head.removesuffix("\n}") + ',\n  "rows": [')
        for number, row in enumerate(rows):
            out.write(("," if number else "") + "\n    " + row.rstrip("\n"))
        out.write("\n  ]\n}\n")
    part.unlink()
