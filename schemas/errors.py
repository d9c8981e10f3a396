"""The errors a user can meet, each in three parts: what was wrong, where, and what to do.

TunesetError                exit code 2
├── InputError              a file or row source that cannot be read
├── RecipeError             a recipe, a rule or an argument with a wrong value
├── WorkspaceError          a workspace that lacks a file, is busy, or does not fit the call
├── VersionError            a frozen version that was changed or never approved
├── StepError               a step that broke its contract
├── ModelError              a model that is missing or cannot be used
├── MissingExtraError       an optional part that is not installed
├── ServiceError            a provider that refuses a call, or does not answer
├── ReviewError             a decision that cannot be taken as it came
│   ├── LeaseLost           the item was given to someone else, or is another now
│   ├── NotShown            the item did not stand on the screen when it was decided
│   └── NotAllowed          the person may not do this
└── GuardError              a step that would drop most of a group of rows; exit code 1
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


class TunesetError(Exception):
    """Something a user can put right.

    Args:
        what: What was wrong, with the value itself, as one sentence.
        where: File, line, row, step or key.
        fix: What to do next, as an instruction.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        super().__init__(what, where, fix)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}\n  where: {self.where}\n  fix: {self.fix}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.fix))

    def as_dict(self) -> dict[str, Any]:
        """The three parts and the kind, for `--json`."""
        return {"error": type(self).__name__, "what": self.what, "where": self.where, "fix": self.fix}


def _rebuild(kind: type[TunesetError], what: str, where: str, fix: str) -> TunesetError:
    return kind(what, where=where, fix=fix)


class InputError(TunesetError):
    """A file or row source that cannot be read."""


class RecipeError(TunesetError):
    """A recipe, a rule or an argument with a wrong value."""


class WorkspaceError(TunesetError):
    """A workspace that lacks a file, is busy, or does not fit the call."""


class VersionError(TunesetError):
    """A frozen version that was changed or never approved."""


class StepError(TunesetError):
    """A step that broke its contract."""


class ModelError(TunesetError):
    """A model that is missing or cannot be used."""


class MissingExtraError(TunesetError):
    """An optional part that is not installed."""

    @classmethod
    def of(cls, extra: str, module: str, *, where: str) -> MissingExtraError:
        """The error for a module that belongs to one of our extras."""
        return cls(
            f"the Python package {module!r} is not installed",
            where=where,
            fix=f"run: pip install 'tuneset[{extra}]'",
        )


class ServiceError(TunesetError):
    """A provider that refuses a call, or does not answer."""


class GuardError(TunesetError):
    """A step that would drop most of a group of rows: the run was not published.

    Args:
        what: The groups, with counts and rows, as text.
        where: Where the run can be looked at.
        fix: What to do next.
        findings: The groups as JSON values.
        stopped: The workspace of the run that was not published.
    """

    exit_code = 1

    def __init__(
        self,
        what: str,
        *,
        where: str,
        fix: str,
        findings: Sequence[Mapping[str, Any]] = (),
        stopped: str = "",
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.findings = list(findings)
        self.stopped = stopped

    def __reduce__(self) -> tuple[object, ...]:
        more = {"findings": self.findings, "stopped": self.stopped}
        return (functools.partial(GuardError, where=self.where, fix=self.fix, **more), (self.what,))

    def as_dict(self) -> dict[str, Any]:
        """The three parts, the kind, the findings and the stopped run's folder, for `--json`."""
        return {**super().as_dict(), "findings": self.findings, "stopped": self.stopped}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A closing sentence that names the nearest known word, or lists them all."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(names)


class ReviewError(TunesetError):
    """A decision that cannot be taken as it came."""


class LeaseLost(ReviewError):
    """The item was given to someone else, or is another now."""


class NotShown(ReviewError):
    """The item did not stand on the screen when it was decided."""


class NotAllowed(ReviewError):
    """The person may not do this."""
