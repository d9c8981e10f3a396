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
import pyarrow as pa

from ..curate.contents import identity
from ..curate.folders import LineFile
from ..curate.leak_certificate import certify, shipped_encoder
from ..curate.ledger import Ledger
from ..curate.standing import Decided
from ..schemas.run import RunCard
from ..schemas.step_options import NearDuplicateOptions
from ..schemas.version import SPLITS, LeakCertificate, VersionFile, VersionManifest, VersionPair, VersionRow
from .approved import Approved
from .approved_records import approved_records, row_line
from .dataset_card import dataset_card
from .preference_pairs import write_pairs

ROWS_PART = "rows.part"


@dataclass
class Written:
    """What was written, and what of it the dataset card tells.

    Args:
        files: File to rows and SHA-256.
        rows: Rows in all.
        changed: Approved rows left out because their content changed.
        without_split: Rows in train because no step gave them a split.
        decisions: Rule or actor to rows.
        reviewers: Who approved rows one by one.
        edited: Rows that a reviewer edited.
        preferences: Pairs that came of comparisons and edits.
        left_out_pairs: Comparisons that gave no pair: why to how many.
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
    edited: int = 0
    preferences: list[VersionPair] = field(default_factory=list)
    left_out_pairs: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    leaks: LeakCertificate | None = None


def write_version(
    folder: Path, ledger: Ledger, approved: Approved, decided: Decided, comparisons: pa.Table
) -> Written:
    """The split files, the preferences, the dataset card, and the manifest's rows in `rows.part`.

    Args:
        folder: Where to write.
        ledger: The run.
        approved: Its approved rows.
        decided: What people decided, with what they wrote.
        comparisons: Standing comparisons, as `Store.preferences` gives them.
    """
    written = Written()
    parents = Parents(decided)
    with ExitStack() as stack:
        splits = {s: stack.enter_context(LineFile(folder / f"{s}.jsonl")) for s in SPLITS}
        listed = stack.enter_context(LineFile(folder / ROWS_PART))
        for record, decision in approved_records(ledger, approved, decided):
            if identity(record) != decision["content_id"]:
                written.changed += 1
                continue
            split = decision["split"] or "train"
            parent = parents.of(decision)
            splits[split].write(row_line(record, decision["content_id"]))
            listed.write(_listed(decision, split, parent))
            _count(written, record, decision)
            written.edited += parent is not None
    written.files = {f"{s}.jsonl": VersionFile(rows=f.rows, sha256=f.sha256) for s, f in splits.items()}
    found = write_pairs(folder, ledger, approved, decided, comparisons)
    written.files |= found.files
    written.preferences, written.left_out_pairs = found.listed, found.left_out
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
        n_train=written.files["train.jsonl"].rows,
        threshold=threshold,
        encoder=shipped_encoder(),
    )


def _read(path: Path) -> Iterator[dict[str, Any]]:
    with open(path, "rb") as lines:
        yield from map(msgspec.json.decode, lines)


class Parents:
    """The content from which each edited row was made.

    Args:
        decided: What people decided, with what they wrote.
    """

    def __init__(self, decided: Decided) -> None:
        lines = decided.editions.select(["row_id", "content_id", "parent_id"]).to_pylist()
        self._written = {(e["row_id"], e["content_id"]): e["parent_id"] for e in reversed(lines)}

    def of(self, decision: dict[str, Any]) -> str | None:
        """What a reviewer edited into the content of a decision; None where nobody edited it."""
        return self._written.get((decision["decided_on"], decision["content_id"]))


def _listed(decision: dict[str, Any], split: str, parent: str | None) -> str:
    row = VersionRow(
        row_id=decision["row_id"],
        content_id=decision["content_id"],
        split=split,  # pyright: ignore[reportArgumentType]  the model checks it
        decision=decision["seq"],
        actor=decision["actor"],
        rule=decision["rule"],
        decided_at=decision["at"],
        reason=decision["reason"],
        votes=decision["votes"],
        decided_on=decision["decided_on"] if decision["decided_on"] != decision["row_id"] else None,
        parent_id=parent,
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
