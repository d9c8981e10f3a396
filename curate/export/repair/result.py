"""What a repair did, for people and for machines."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ...terminal_text import visible
from ..check.result import CheckResult, rows
from ..shape import CHANGES
from .names import REPAIRS

FIRST_LINES = 5
MEMBERS = 100
MEMBERS_SHOWN = 8


@dataclass
class Repairs:
    """Counts what was done, and keeps the first lines of each kind.

    Attributes:
        rows: Repair to rows.
        lines: Repair to its first lines.
        members: Members that were removed, to rows; the first that were met where there are very many.
        written: Rows of the copy.
        changed: Rows of it that are not as they were.
        refused: Reason to rows that were left out.
    """

    rows: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[int]] = field(default_factory=dict)
    members: Counter[str] = field(default_factory=Counter)
    written: int = 0
    changed: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, done: set[str] | frozenset[str], line: int) -> None:
        """What was done in one line."""
        for name in {told.partition(":")[0] for told in done}:
            self.rows[name] += 1
            first = self.lines.setdefault(name, [])
            if len(first) < FIRST_LINES:
                first.append(line)
        for told in done:
            name, _, member = told.partition(":")
            if member and (len(self.members) < MEMBERS or member in self.members):
                self.members[member] += 1


@dataclass(frozen=True)
class FixResult:
    """What was written.

    Args:
        target: The target's name.
        source: The file that was read.
        copy: The repaired copy.
        refused_file: The rows that were left out, each with its reasons; None where there are none.
        repairs: What was done.
        checked: The check of the copy.
    """

    target: str
    source: str
    copy: str
    refused_file: str | None
    repairs: Repairs
    checked: CheckResult

    @property
    def passed(self) -> bool:
        """Whether every row is in the copy, and the target takes it."""
        return not self.repairs.refused and self.checked.passed

    def as_dict(self) -> dict[str, Any]:
        told = self.repairs
        return {
            "target": self.target,
            "source": self.source,
            "copy": self.copy,
            "refused_file": self.refused_file,
            "passed": self.passed,
            "rows": told.written,
            "changed_rows": told.changed,
            "repairs": {
                name: {"rows": n, "sentence": sentence_of(name), "first_lines": told.lines[name]}
                for name, n in told.rows.most_common()
            },
            "removed_members": {visible(name): n for name, n in told.members.most_common()},
            "refused": dict(told.refused.most_common()),
            "check": self.checked.as_dict(),
        }

    def text(self) -> str:
        """What a person reads."""
        told = self.repairs
        lines = [f"{self.copy}: {rows(told.written)} written, {told.changed:,} of them changed"]
        for name, n in told.rows.most_common():
            first = ", ".join(map(str, told.lines[name])) + (" ..." if n > len(told.lines[name]) else "")
            lines.append(f"  {n:>7,}  {sentence_of(name)}{self._members(name)} (first at {first})")
        if told.refused:
            count = sum(told.refused.values())
            lines += ["", f"{self.refused_file}: {rows(count)} left out, each with its reasons"]
            lines += [f"  {n:>7,}  {code}" for code, n in told.refused.most_common()]
        return "\n".join([*lines, "", "the copy:", self.checked.text()])

    def _members(self, name: str) -> str:
        """The names of removed members, as a clause."""
        if name != "unknown_member_removed":
            return ""
        found = self.repairs.members.most_common()
        shown = ", ".join(visible(member[:40]).replace("\n", " ") for member, _ in found[:MEMBERS_SHOWN])
        return f": {shown}{', ...' if len(found) > MEMBERS_SHOWN else ''}"


def sentence_of(name: str) -> str:
    """What a repair does, as a fact."""
    return REPAIRS.get(name) or CHANGES.get(name, name)
