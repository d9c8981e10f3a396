"""What an export or an import did, for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from .problems import Problem

PROBLEMS_SHOWN = 20
PROBLEMS_KEPT = 1_000
LEFT = {
    "undecided": "without a decision",
    "draft": "drafts, not submitted",
    "discarded": "discarded by the annotator",
    "skipped": "skipped by the annotator",
}


@dataclass(frozen=True)
class ExportResult:
    """What one export wrote.

    Args:
        shape: jsonl, argilla, label-studio or csv.
        what: queue or decisions.
        files: The files, in the order in which they are needed.
        rows: Rows or decisions written.
        preferences: Comparisons written.
        left_out: Why rows or decisions are not in the file, with how many.
        notes: What the shape shows in another form, with how many rows.
        examples: Some row_ids for each reason of left_out and notes.
    """

    shape: str
    what: str
    files: list[str]
    rows: int
    preferences: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """A few lines for a person."""
        noun = "rows" if self.what == "queue" else "decisions"
        more = f" and {self.preferences:,} preferences" if self.preferences else ""
        lines = [f"exported {self.rows:,} {noun}{more} to {', '.join(self.files)}"]
        lines += [f"  {n:,} left out: {why}{self._some(why)}" for why, n in self.left_out.items()]
        lines += [f"  {n:,} rows: {told}{self._some(told)}" for told, n in self.notes.items()]
        return "\n".join(lines)

    def _some(self, why: str) -> str:
        found = self.examples.get(why)
        return f" (such as {found[0]})" if found else ""


@dataclass
class Tally:
    """Counts of why rows are left out or look otherwise, with the first few of each."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, why: str, row_id: str) -> None:
        """Count one row."""
        self.counts[why] += 1
        some = self.examples.setdefault(why, [])
        if len(some) < 3:
            some.append(row_id)


@dataclass(frozen=True)
class ImportResult:
    """What one import did; decisions + preferences + already + older + bad = what the file decides.

    Args:
        shape: jsonl, argilla, label-studio or csv.
        file: The file.
        sha256: Hash of its bytes.
        importer: Who imported.
        batch_id: Joins the events of the import; `Office.undo_batch` takes them back.
        unit: What numbers count: line or record.
        stored: Whether the record was written; a file with problems is refused whole.
        decisions: Approvals and rejections recorded now.
        edits: Edited contents among them.
        preferences: Comparisons recorded now.
        already: Decisions that the record had.
        older: Decisions older than what the same person decided here since.
        left: Items without a decision, by why.
        edits_left: Changed answers of rows that were rejected; the rejection holds for the row as it is.
        bad: Decisions with problems.
        reasons: Problems by code.
        problems: The first thousand of them.
    """

    shape: str
    file: str
    sha256: str
    importer: str
    batch_id: str
    unit: str
    stored: bool
    decisions: int
    edits: int
    preferences: int
    already: int
    older: int
    left: dict[str, int]
    edits_left: int
    bad: int
    reasons: dict[str, int]
    problems: list[Problem]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """What was recorded, or what stands in the way, with line, member, reason and remedy."""
        if self.stored:
            lines = [self._recorded()]
            lines += [f"  {n:,} {self.unit}s left: {LEFT[why]}" for why, n in self.left.items()]
        else:
            lines = [f"nothing was imported from {self.file}: {self.bad:,} decisions have problems"]
        counts = {
            "stood in the record already": self.already,
            "left: the same person decided again here, later": self.older,
            "changed answers left: their row was rejected as it is": self.edits_left,
        }
        if self.stored:
            lines += [f"  {n:,} {told}" for told, n in counts.items() if n]
        if self.stored and self.bad:
            lines.append(f"  {self.bad:,} skipped, because something is wrong with them")
        return "\n".join([*lines, *self._wrong()])

    def _recorded(self) -> str:
        more = f", {self.preferences:,} preferences" if self.preferences else ""
        edits = f" ({self.edits:,} with an edit)" if self.edits else ""
        return f"imported {self.decisions:,} decisions{edits}{more} from {self.file} (by {self.importer})"

    def _wrong(self) -> list[str]:
        lines = []
        for found in self.problems[:PROBLEMS_SHOWN]:
            field_ = f", {found.field}" if found.field else ""
            lines.append(f"  {self.unit} {found.number}{field_}: {found.sentence} [{found.reason}]")
            lines.append(f"    fix: {found.remedy}")
        told = sum(self.reasons.values())
        if told > PROBLEMS_SHOWN:
            by_reason = ", ".join(f"{reason} {n:,}" for reason, n in sorted(self.reasons.items()))
            lines.append(f"  {told:,} problems in all: {by_reason}")
        if told and not self.stored:
            lines.append("  correct the file and import it again, or leave the bad ones out with --skip-bad")
        return lines
