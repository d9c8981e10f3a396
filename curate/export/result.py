"""What an export wrote, refused and changed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from .shape import change_sentence
from .spend import Spend
from .targets import find_target
from .transforms import TRANSFORMS

REFUSED = "refused.jsonl"


@dataclass(frozen=True)
class ExportResult:
    """What was written.

    Args:
        target: The format.
        version: The version.
        folder: Where the files are.
        files: File name to rows, bytes and SHA-256.
        rows: Split to rows written.
        refused: Reason to rows that the format cannot carry; each is in refused.jsonl.
        changes: What is told in another way, and in how many rows.
        held_out: Rows of the test split, which no target gets.
        warnings: What the provider may object to.
        spend: Tokens, and what training on them costs.
    """

    target: str
    version: str
    folder: str
    files: dict[str, dict[str, Any]]
    rows: dict[str, int]
    refused: dict[str, int]
    changes: dict[str, int]
    held_out: int
    warnings: list[str]
    spend: Spend | None = None

    def as_dict(self) -> dict[str, Any]:
        told = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "spend"}
        return told if self.spend is None else {**told, **self.spend.as_dict()}

    def text(self) -> str:
        """A few lines for a person."""
        target = find_target(self.target)
        rows = ", ".join(
            f"{name} {file['rows']:,} rows" for name, file in self.files.items() if name != REFUSED
        )
        lines = [f"exported {self.version} for {self.target}: {rows}", f"  {self.folder}"]
        lines += [f"  {sidecar.name}: {sidecar.says}" for sidecar in target.sidecars]
        if self.refused:
            lines.append(f"  refused {sum(self.refused.values()):,} rows, each listed in {REFUSED}:")
            lines += [self._refused_line(code, n) for code, n in self.refused.items()]
        lines += [f"  {n:,} rows: {_sentence(code)}" for code, n in self.changes.items()]
        if self.spend is not None:
            lines += [f"  {line}" for line in self.spend.lines()]
        if self.held_out:
            lines.append(f"  {self.held_out:,} test rows stay in the version, for measuring")
        return "\n".join([*lines, *(f"  warning: {warning}" for warning in self.warnings)])

    def _refused_line(self, code: str, rows: int) -> str:
        lifting = [f"--with {name}" for name, t in TRANSFORMS.items() if code in t.lifts]
        hint = f" ({' or '.join(lifting)} would let it in)" if lifting else ""
        return f"    {rows:>7,}  {code}: {find_target(self.target).rule(code).sentence}{hint}"


def _sentence(code: str) -> str:
    return TRANSFORMS[code].sentence if code in TRANSFORMS else change_sentence(code)
