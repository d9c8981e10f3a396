"""What a check says, for people and for machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ....schemas.providers.remedies import remedy
from ..shape import Target
from ..spend import Spend
from .file_rules import Severity, rule_of, severity
from .found import Found, Tally

PLACES = 12


@dataclass(frozen=True)
class FileReport:
    """One file that was read.

    Args:
        name: Its name.
        split: What it is for.
        path: Where it is.
        bytes: Its size.
        rows: Its rows, readable or not; blank lines are none.
        refused: Rows that the target refuses.
    """

    name: str
    split: str
    path: str
    bytes: int
    rows: int
    refused: int


@dataclass(frozen=True)
class Kind:
    """One kind of problem.

    Args:
        code: The rule's code.
        severity: `error` where the target refuses the row or file.
        found: How many there are, exactly.
        rows: How many rows have it; 0 where it is about the file.
        sentence: What is wrong, as a fact.
        fix: What to do.
        source: Who says so, and when it was read.
        listed: Some of them, in different members as far as there are any.
        places: Members, with `*` for positions, to findings in them.
    """

    code: str
    severity: Severity
    found: int
    rows: int
    sentence: str
    fix: str
    source: str
    listed: tuple[Found, ...]
    places: dict[str, int]


@dataclass(frozen=True)
class CheckResult:
    """What was found.

    Args:
        target: The target's name.
        files: The files that were read.
        kinds: The problems by kind, errors first.
        spend: Tokens and cost of the rows that the target takes.
    """

    target: str
    files: tuple[FileReport, ...]
    kinds: tuple[Kind, ...]
    spend: Spend

    @classmethod
    def of(cls, target: Target, files: Sequence[FileReport], tally: Tally, spend: Spend) -> CheckResult:
        """The result of a tally."""
        kinds = tuple(_kind(code, target, tally) for code in tally.codes())
        return cls(target.name, tuple(files), kinds, spend)

    @property
    def passed(self) -> bool:
        """Whether the target takes the files as they are."""
        return all(kind.severity != "error" for kind in self.kinds)

    def as_dict(self) -> dict[str, Any]:
        """JSON values; counts are exact, problems are listed up to the limit."""
        kinds = {kind.code: {k: v for k, v in asdict(kind).items() if k != "listed"} for kind in self.kinds}
        return {
            "target": self.target,
            "passed": self.passed,
            "files": [asdict(file) for file in self.files],
            **self.spend.as_dict(),
            "kinds": kinds,
            "problems": [found.as_dict() for kind in self.kinds for found in kind.listed],
        }

    def text(self) -> str:
        """What a person reads."""
        lines = [_file_line(file) for file in self.files]
        for kind in self.kinds:
            lines += ["", *_kind_lines(kind)]
        if spent := self.spend.lines():
            lines += ["", *spent]
        verdict = f"{self.target} {'takes' if self.passed else 'refuses'} {self._files()}"
        return "\n".join([*lines, "", verdict])

    def _files(self) -> str:
        if len(self.files) == 1:
            return "this file" if self.passed else "this file as it stands"
        return "these files" if self.passed else "these files as they stand"


def _kind(code: str, target: Target, tally: Tally) -> Kind:
    rule = rule_of(code, target)
    return Kind(
        code=code,
        severity=severity(code, target),
        found=tally.found[code],
        rows=tally.lines[code],
        sentence=rule.sentence,
        fix=remedy(code, rule),
        source=rule.source,
        listed=tuple(tally.listed(code)),
        places=tally.places(code),
    )


def _file_line(file: FileReport) -> str:
    refused = f", {file.refused:,} refused" if file.refused else ""
    return f"{file.name} ({file.split}): {rows(file.rows)}{refused}, {file.bytes:,} bytes"


def _kind_lines(kind: Kind) -> list[str]:
    many = f", {rows(kind.rows)}" if kind.rows else ""
    lines = [f"{kind.severity} {kind.code}{many}: {kind.sentence}"]
    for found in kind.listed:
        place = _place(found)
        lines.append(f"  {place}{_detail(found, kind, bare=not place)}")
    if kind.found > len(kind.listed):
        lines.append(f"  ... and {kind.found - len(kind.listed):,} more{_places(kind)}")
    lines.append(f"  fix: {kind.fix}")
    return [*lines, f"  source: {kind.source}"]


def _places(kind: Kind) -> str:
    """How many there are in each member, where there are several."""
    told = [f"{place or 'the row'} {n:,}" for place, n in list(kind.places.items())[:PLACES]]
    more = ", ..." if len(kind.places) > PLACES else ""
    return f"; in all: {', '.join(told)}{more}" if len(kind.places) > 1 else ""


def _place(found: Found) -> str:
    line = "" if found.line is None else f":{found.line}" if found.unit == "line" else f" row {found.line}"
    return f"{found.file}{line}" + (f"  {found.where}" if found.where else "")


def _detail(found: Found, kind: Kind, *, bare: bool) -> str:
    value = f" = {found.value}" if found.value else ""
    more = found.sentence.removeprefix(kind.sentence).lstrip(" :;")
    if more.startswith("(") and more.endswith(")"):
        more = more[1:-1]
    if bare:
        return more
    return f"{value}  ({more})" if more else value


def rows(count: int) -> str:
    """A number of rows, as a person says it."""
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
