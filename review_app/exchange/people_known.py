"""Who may stand in an import as the one who decided."""

from __future__ import annotations

from collections.abc import Mapping

from ...schemas.review_lines import DecisionLine, PreferenceLine
from ..people import Person, people
from ..store import Store
from .problems import Problem, problem, shown
from .record import actors

TOOLS = ("argilla:", "label-studio:")
"""Before names that a tool gave by number."""


class Annotators:
    """Names in a file to names in the record.

    A record without users takes every name. One with users takes theirs, the importer's, and the names
    under which events stand already, such as the owner's, who is no line of the users.

    Args:
        store: The record.
        importer: Who imports, and the annotator of lines that name none.
        names: Names in the file to names in the record.
    """

    def __init__(self, store: Store, importer: str, names: Mapping[str, str]) -> None:
        self._people: dict[str, Person] = {p.name: p for p in people(store)}
        self._others = {importer, *actors(store)} if self._people else set[str]()
        self._importer = importer
        self._names = dict(names)

    def name(self, told: str | None) -> str:
        """The record's name for a name of the file."""
        if told is None:
            return self._importer
        plain = told
        for tool in TOOLS:
            plain = plain.removeprefix(tool)
        return self._names.get(told) or self._names.get(plain) or told

    def check(self, line: DecisionLine | PreferenceLine, number: int, at: str) -> list[Problem]:
        """What forbids that this person decided this line at this time."""
        found = [self._may_review(self.name(line.actor), "actor", number, at)]
        edited = line.edited
        if edited is not None and edited.actor is not None:
            found.append(self._may_review(self.name(edited.actor), "edited.actor", number, edited.at or at))
        if isinstance(line, DecisionLine) and line.final:
            found.append(self._may_settle(self.name(line.actor), number))
        return [f for f in found if f is not None]

    def _may_review(self, name: str, field: str, number: int, at: str) -> Problem | None:
        person = self._people.get(name)
        if person is None and (not self._people or name in self._others):
            return None
        if person is None:
            return problem(number, field, "unknown_actor", f"no user {shown(name)} in the record")
        if person.disabled_at is not None and person.disabled_at < at:
            sentence = f"{shown(name)} was disabled on {person.disabled_at[:10]}, before this decision"
            return problem(number, field, "wrong_role", sentence)
        if person.role == "viewer":
            return problem(number, field, "wrong_role", f"{shown(name)} is a viewer")
        return None

    def _may_settle(self, name: str, number: int) -> Problem | None:
        person = self._people.get(name)
        if person is None or person.role in ("adjudicator", "admin"):
            return None
        return problem(number, "final", "not_final", f"{shown(name)} is {person.role}")
