"""What a check found, counted exactly and listed up to a limit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ....schemas.providers.problems import RowProblem
from ....schemas.providers.remedies import remedy
from ...terminal_text import visible
from ..shape import Target
from .file_rules import Severity, rule_of, severity

VALUE_CHARACTERS = 60
SENTENCE_CHARACTERS = 300
MAX_PLACES = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """One problem, with all that is needed to put it right; no text of it acts on a terminal.

    Args:
        file: The file's name.
        line: Its line, or the row where lines mean nothing, from 1; None is the file as a whole.
        unit: Which of the two.
        offset: Where the line begins, in bytes from 0; None where lines mean nothing.
        where: The member, such as `messages.2.weight`; "" is the line as a whole.
        code: The rule's code.
        severity: `error` where the target refuses the row or file.
        sentence: What is wrong.
        value: The member's value, shortened; "" where there is none.
        fix: What to do.
        source: Who says so, and when it was read.
    """

    file: str
    line: int | None
    unit: Literal["line", "row"]
    offset: int | None
    where: str
    code: str
    severity: Severity
    sentence: str
    value: str
    fix: str
    source: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def shown(value: Any) -> str:
    """A JSON value as one short line without control characters."""
    text = value if isinstance(value, str) else _json(value)
    whole = visible(text[:VALUE_CHARACTERS].replace("\n", "\\n").replace("\t", "\\t"))
    quoted = f'"{whole}"' if isinstance(value, str) else whole
    return quoted if len(text) <= VALUE_CHARACTERS else f"{quoted} ... ({len(text):,} characters)"


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__}"


def value_at(row: Any, where: str) -> str:
    """The value at a place in a row, shortened; "" where the place is missing or is the whole row."""
    if not where:
        return "" if isinstance(row, dict) else shown(row)
    value, rest = row, where
    while rest:
        if isinstance(value, list):
            step, _, rest = rest.partition(".")
            if not step.isdigit() or int(step) >= len(value):
                return ""
            value = value[int(step)]
        elif isinstance(value, dict):
            step = rest if rest in value else rest.partition(".")[0]
            if step not in value:
                return ""
            value, rest = value[step], rest[len(step) + 1 :]
        else:
            return ""
    return shown(value)


class Tally:
    """Takes findings: counts all of them, lists some of each code, passes every one on.

    Those that are listed stand in different members as far as there are any.

    Args:
        target: The target, whose rules tell sentence, source and remedy.
        limit: Findings listed for each code.
        sink: Receives every finding.

    Attributes:
        found: Code to findings.
        lines: Code to lines that have it.
        units: File to `line` or `row`: what its numbers count.
    """

    def __init__(self, target: Target, limit: int, sink: Callable[[Found], None] | None = None) -> None:
        self._target, self._limit, self._sink = target, limit, sink
        self.found: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()
        self.units: dict[str, Literal["line", "row"]] = {}
        self._first: dict[str, list[Found]] = {}
        self._places: dict[str, dict[str, int]] = {}
        self._of_places: dict[str, list[Found]] = {}

    def add(
        self, file: str, line: int | None, offset: int | None, problem: RowProblem, row: Any = None
    ) -> None:
        """One finding, with the row that its value is taken from."""
        code = problem.code
        self.found[code] += 1
        new_place = self._is_new_place(code, problem.where)
        first = self._first.setdefault(code, [])
        if self._sink is None and len(first) >= self._limit and not new_place:
            return
        found = self._told(file, line, offset, problem, value_at(row, problem.where))
        if len(first) < self._limit:
            first.append(found)
        if new_place:
            self._of_places.setdefault(code, []).append(found)
        if self._sink is not None:
            self._sink(found)

    def _is_new_place(self, code: str, where: str) -> bool:
        """Whether a member is met for the first time, its positions apart; each is counted."""
        places = self._places.setdefault(code, {})
        place = ".".join("*" if step.isdigit() else step for step in where.split("."))
        if place in places:
            places[place] += 1
            return False
        if len(places) >= MAX_PLACES:
            return False
        places[place] = 1
        return len(places) <= self._limit

    def _told(
        self, file: str, line: int | None, offset: int | None, problem: RowProblem, value: str
    ) -> Found:
        rule = rule_of(problem.code, self._target)
        return Found(
            file=visible(file),
            line=line,
            unit=self.units.get(file, "line"),
            offset=offset,
            where=_one_line(problem.where),
            code=problem.code,
            severity=severity(problem.code, self._target),
            sentence=_one_line(problem.sentence) or rule.sentence,
            value=value,
            fix=remedy(problem.code, rule),
            source=rule.source,
        )

    def add_row(self, file: str, line: int, offset: int | None, row: Any, found: list[RowProblem]) -> bool:
        """The findings of one row; True when the target refuses it."""
        for problem in found:
            self.add(file, line, offset, problem, row)
        codes = {problem.code for problem in found}
        self.lines.update(codes)
        return any(severity(code, self._target) == "error" for code in codes)

    def add_file(self, file: str, code: str, detail: str = "") -> None:
        """A finding about the file as a whole."""
        sentence = rule_of(code, self._target).sentence
        self.add(file, None, None, RowProblem(code, "", f"{sentence}: {detail}" if detail else sentence), {})

    def listed(self, code: str) -> list[Found]:
        """Findings of a code in the order of the file: one of each member first, then others."""
        told = list(self._of_places.get(code, ()))
        told += [found for found in self._first.get(code, ()) if found not in told]
        order = {found: i for i, found in enumerate(dict.fromkeys(told))}
        return sorted(told[: self._limit], key=lambda f: (f.file, f.line or 0, order[f]))

    def places(self, code: str) -> dict[str, int]:
        """Members, with `*` for positions, to findings in them; the first thousand that are met."""
        found = self._places.get(code, {})
        return {_one_line(place): n for place, n in sorted(found.items(), key=lambda item: -item[1])}

    def codes(self) -> list[str]:
        """Errors first, then by count."""
        order = {"error": 0, "warning": 1, "note": 2}
        return sorted(self.found, key=lambda c: (order[severity(c, self._target)], -self.found[c], c))


def _one_line(text: str) -> str:
    return visible(text[:SENTENCE_CHARACTERS]).replace("\n", " ")
