"""Decisions from elsewhere into the record: every line checked, the whole file or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from ...curate.ledger import Ledger
from ...schemas.errors import InputError, RecipeError, did_you_mean
from ...schemas.example import canonical_json
from ...schemas.files import sha256_file
from ..approve import user_name
from ..record_place import record_of
from ..store import Draft, Store, now
from .check import Checked, Checker
from .people_known import Annotators
from .plan import Planned, Source, batch_of
from .problems import Problem
from .record import known_keys
from .results import PROBLEMS_KEPT, ImportResult
from .run_rows import RunRows
from .shapes import SHAPES, reader_of, unit_of
from .told import Reader

BATCH = 1_000


@dataclass
class _Counts:
    """What became of the decisions of one pass over the file."""

    decisions: int = 0
    edits: int = 0
    preferences: int = 0
    already: int = 0
    older: int = 0
    bad: int = 0
    left: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


class _RefusedError(Exception):
    """The file has problems, found while the record was open for writing."""


def import_decisions(
    out: str | Path,
    file: str | Path,
    *,
    shape: str = "jsonl",
    importer: str | None = None,
    skip_bad: bool = False,
    names: Mapping[str, str] | None = None,
    all_submitted: bool = False,
    database: str | None = None,
) -> ImportResult:
    """Record the decisions of a file, made elsewhere, under the names of those who made them.

    Every line is checked against the run and the record. A file with a problem is refused whole. The same
    file again records nothing new. An event of the task `import` tells who imported which file.

    Args:
        out: A workspace with a finished run.
        file: What `export_decisions` or the other tool wrote.
        shape: jsonl, argilla, label-studio or csv.
        importer: Who imports, and the annotator of lines that name none; default: your user name.
        skip_bad: Leave out decisions with problems, and record the others.
        names: Annotators' names in the file to their names in the record.
        all_submitted: Argilla's own JSON does not say which responses were submitted; all were.
        database: A PostgreSQL address; default: where the workspace has its record.

    Raises:
        RecipeError: No such shape.
        InputError: The file cannot be read, or changed meanwhile.
        WorkspaceError: No finished run, or a record that cannot be written.
    """
    if shape not in SHAPES:
        raise RecipeError(f"no shape {shape!r}", where="--shape", fix=did_you_mean(shape, SHAPES))
    path, importer = Path(file), importer or user_name()
    ledger = Ledger.open(out)
    place = record_of(ledger.workspace, database)
    read = reader_of(shape, all_submitted=all_submitted)
    job = _Job(path, _hash(path), shape, importer, dict(names or {}), skip_bad, read, RunRows(ledger))
    with Store.reading(place) as store:
        counts = _Counts()
        checker = job.checker(store)
        planned = sum(1 for _ in job.checked(checker, counts))
    if not planned or (counts.bad and not skip_bad):
        return job.result(counts, checker, stored=not counts.bad or skip_bad)
    with Store.open(place) as store:
        return job.store(store)


@dataclass(frozen=True)
class _Job:
    path: Path
    sha256: str
    shape: str
    importer: str
    names: dict[str, str]
    skip_bad: bool
    read: Reader
    run: RunRows

    def checker(self, store: Store) -> Checker:
        annotators = Annotators(store, self.importer, self.names)
        return Checker(self.run, store, annotators, sha256=self.sha256, now=now())

    def checked(self, checker: Checker, counts: _Counts) -> Iterator[Planned]:
        """The plans of one pass over the file; everything else is counted."""
        waiting = self.read(self.path)
        while batch := list(islice(waiting, BATCH)):
            counts.left.update(told.left for told in batch if told.left is not None)
            for checked in checker.check(batch):
                _count(checked, counts)
                if checked.planned is not None:
                    yield checked.planned

    def store(self, store: Store) -> ImportResult:
        """Check again under the write lock, and record; nothing where a problem came up meanwhile."""
        counts = _Counts()
        checker = self.checker(store)
        try:
            with store.transaction():
                self._append(store, checker, counts)
                if counts.bad and not self.skip_bad:
                    raise _RefusedError
                if _hash(self.path) != self.sha256:
                    raise InputError(
                        "the file changed while it was read",
                        where=str(self.path),
                        fix="import it again when nothing writes it",
                    )
                self._tell(store, counts)
        except _RefusedError:
            return self.result(counts, checker, stored=False)
        return self.result(counts, checker, stored=True)

    def _append(self, store: Store, checker: Checker, counts: _Counts) -> None:
        plans = self.checked(checker, counts)
        while some := list(islice(plans, BATCH)):
            known = known_keys(store, [p.key for p in some])
            new = [p for p in some if p.key not in known]
            for e in (edition for planned in new for edition in planned.editions):
                store.put_edition(e.payload, row_id=e.row_id, parent_id=e.parent_id, actor=e.actor, at=e.at)
            store.append_as(told for planned in new for told in planned.events)
            _count_new(new, len(some), counts)

    def _tell(self, store: Store, counts: _Counts) -> None:
        """The event that says who imported what; none where nothing was new."""
        if not counts.decisions + counts.preferences:
            return
        batch = batch_of(self.sha256)
        value = {
            "what": "import",
            "file": self.path.name,
            "sha256": self.sha256,
            "shape": self.shape,
            "decisions": counts.decisions,
            "edits": counts.edits,
            "preferences": counts.preferences,
            "skipped": counts.bad,
        }
        told = Draft(
            "note",
            task="import",
            value=canonical_json(value),
            batch_id=batch,
            input="import",
            uuid=Source(self.sha256, 0, store.head()[0], batch).key("told"),
        )
        store.append_many([told], actor=self.importer)

    def result(self, counts: _Counts, checker: Checker, *, stored: bool) -> ImportResult:
        return ImportResult(
            shape=self.shape,
            file=str(self.path),
            sha256=self.sha256,
            importer=self.importer,
            batch_id=batch_of(self.sha256),
            unit=unit_of(self.shape, self.path),
            stored=stored,
            decisions=counts.decisions if stored else 0,
            edits=counts.edits if stored else 0,
            preferences=counts.preferences if stored else 0,
            already=counts.already,
            older=counts.older,
            left=dict(counts.left),
            edits_left=checker.edits_left,
            bad=counts.bad,
            reasons=dict(counts.reasons),
            problems=counts.problems,
        )


def _count(checked: Checked, counts: _Counts) -> None:
    if checked.problems:
        counts.bad += 1
        counts.reasons.update(p.reason for p in checked.problems)
        counts.problems += checked.problems[: max(0, PROBLEMS_KEPT - len(counts.problems))]
    elif checked.fate == "already":
        counts.already += 1
    elif checked.fate == "older":
        counts.older += 1


def _count_new(new: Sequence[Planned], planned: int, counts: _Counts) -> None:
    """A decision whose key the record has is no news, also where it was undone since."""
    preferences = sum(p.is_preference for p in new)
    counts.already += planned - len(new)
    counts.preferences += preferences
    counts.decisions += len(new) - preferences
    counts.edits += sum(len(p.editions) for p in new)


def _hash(path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError as error:
        raise InputError(
            f"the file cannot be read ({error.strerror})",
            where=str(path),
            fix="name a file that you may read",
        ) from error
