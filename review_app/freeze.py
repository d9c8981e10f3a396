"""Approved rows become an immutable version: files, dataset card, and a manifest that names each decision."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from ..curate.folders import new_folder
from ..curate.ledger import Ledger
from ..curate.lock import locked
from ..curate.standing import Decided
from ..schemas.errors import VersionError, WorkspaceError
from ..schemas.files import sha256_file
from ..schemas.names import check_name
from ..schemas.version import SPLITS, LeakCertificate, RecordHead, VersionManifest
from ..schemas.version_info import VERSION, code_sha256
from ..schemas.workspace import Workspace
from .approved import Approved, approved_rows
from .audit import anchors
from .leak_text import leak_lines
from .record_place import record_of
from .store import Store, now
from .verify import Chain
from .version_writer import Written, write_manifest, write_version

RUN_FILES = ("rows.parquet", "verdicts.parquet", "edits.parquet")


@dataclass(frozen=True)
class FreezeResult:
    """A frozen version.

    Args:
        name: Its name.
        folder: Where it is.
        rows: Rows in all.
        counts: Split to rows.
        changed_since: Rows left out: approved, but their content changed after that.
        dropped_since: Rows left out: approved, but no longer kept.
        disputed: Rows left out: reviewers disagree.
        edited: Rows that a reviewer edited.
        preferences: Pairs of a better and a worse answer, by where they come from.
        without_split: Rows in train because no step gave them a split.
        leaks: How near held-out rows are to train rows.
    """

    name: str
    folder: str
    rows: int
    counts: dict[str, int]
    changed_since: int
    dropped_since: int
    without_split: int
    disputed: int = 0
    edited: int = 0
    preferences: dict[str, int] = field(default_factory=dict)
    leaks: LeakCertificate | None = None

    def as_dict(self) -> dict[str, Any]:
        leaks = self.leaks.model_dump() if self.leaks else None
        return {**asdict(replace(self, leaks=None)), "leaks": leaks}

    def text(self) -> str:
        """A few lines for a person."""
        shares = ", ".join(f"{split} {count:,}" for split, count in self.counts.items())
        lines = [f"froze {self.name}: {self.rows:,} rows ({shares})", f"  {self.folder}"]
        if self.changed_since:
            lines.append(f"  left out {self.changed_since:,}: their content changed after they were approved")
        if self.dropped_since:
            lines.append(f"  left out {self.dropped_since:,}: approved before, dropped by this run")
        if self.disputed:
            lines.append(f"  left out {self.disputed:,}: reviewers disagree")
        if self.edited:
            lines.append(f"  {self.edited:,} rows as a reviewer edited them")
        if self.preferences:
            told = ", ".join(f"{source} {n:,}" for source, n in self.preferences.items())
            lines.append(f"  {sum(self.preferences.values()):,} preferences ({told})")
        if self.without_split:
            lines.append(f"  {self.without_split:,} rows had no split and went to train")
        if self.leaks is not None:
            lines += [f"  {line}" for line in leak_lines(self.leaks)]
        return "\n".join(lines)


def freeze(out: str | Path, *, name: str | None = None) -> FreezeResult:
    """Write the approved rows as an immutable version.

    A row is taken when the run keeps it and its standing decision is an approval of the content that it has,
    or of an edit of that content: then the edit is what is written. Comparisons and edits become preferences.
    The version appears whole or not at all.

    Args:
        out: A workspace with a finished run.
        name: The version's name. Default: the next of v1, v2, ...

    Raises:
        RecipeError: A name that cannot be a folder's.
        WorkspaceError: No finished run, run files that were changed, a record of decisions that does not
            hold, another process at work, or a name that is taken.
        VersionError: Nothing is approved.
    """
    space = Workspace.at(out).require_run()
    if name is not None:
        check_name(name, "version")
    with locked(space.lock):
        name = name or _next_name(space)
        _refuse_taken(space, name)
        ledger = Ledger.open(out)
        run_files = _checked_run_files(ledger)
        with Store.reading(record_of(space)) as store:
            chain = store.verify(anchors(space))
            decided, comparisons = Decided(store.current(), store.editions()), store.preferences()
        approved = approved_rows(ledger, decided)
        with new_folder(space.version(name), scratch=space.root) as folder:
            written = write_version(folder, ledger, approved, decided, comparisons)
            written.changed += approved.changed_since
            if not written.rows:
                raise _nothing_approved(space, written)
            write_manifest(folder, _manifest(name, ledger, run_files, written, approved, chain))
        return FreezeResult(
            name=name,
            folder=str(space.version(name)),
            rows=written.rows,
            counts=_counts(written),
            changed_since=written.changed,
            dropped_since=approved.dropped_since,
            without_split=written.without_split,
            disputed=approved.disputed,
            edited=written.edited,
            preferences=dict(sorted(Counter(pair.source for pair in written.preferences).items())),
            leaks=written.leaks,
        )


def _counts(written: Written) -> dict[str, int]:
    return {split: written.files[f"{split}.jsonl"].rows for split in SPLITS}


def _next_name(space: Workspace) -> str:
    number = 1
    while space.version(f"v{number}").exists():
        number += 1
    return f"v{number}"


def _refuse_taken(space: Workspace, name: str) -> None:
    if space.version(name).exists():
        raise WorkspaceError(
            f"version {name!r} is there already, and versions are never changed",
            where=str(space.version(name)),
            fix=f"leave --name out to get {_next_name(space)!r}, or choose another name",
        )


def _checked_run_files(ledger: Ledger) -> dict[str, str]:
    """The run's own files and their hashes, after checking that they are the run's."""
    for name in RUN_FILES:
        path = ledger.workspace.root / name
        if not path.is_file() or sha256_file(path) != ledger.card.files.get(name):
            raise WorkspaceError(
                f"{name!r} is not the file that the run wrote",
                where=str(path),
                fix="run `tuneset curate` again with the same inputs; decisions are kept",
            )
    return {name: ledger.card.files[name] for name in RUN_FILES}


def _nothing_approved(space: Workspace, written: Written) -> VersionError:
    why = f"; {written.changed:,} approved rows changed after that" if written.changed else ""
    return VersionError(
        f"no row is approved{why}",
        where=str(space.review_db),
        fix=f"run: tuneset approve {space.root} --where true (or a narrower rule), or review rows one by one",
    )


def _manifest(
    name: str,
    ledger: Ledger,
    run_files: dict[str, str],
    written: Written,
    approved: Approved,
    chain: Chain,
) -> VersionManifest:
    """The manifest without its rows."""
    card = ledger.card
    left_out = {
        "changed_since": written.changed,
        "dropped_since": approved.dropped_since,
        "disputed": approved.disputed,
        **dict(sorted(written.left_out_pairs.items())),
    }
    return VersionManifest(
        name=name,
        created_at=now(),
        tuneset_version=VERSION,
        code_sha256=code_sha256(),
        recipe=card.recipe,
        recipe_sha256=card.recipe_sha256,
        run_files=run_files,
        inputs=[i.model_dump() for i in card.inputs],
        files=written.files,
        counts=_counts(written),
        decisions=dict(sorted(written.decisions.items())),
        leak_certificate=written.leaks,
        record=RecordHead(events=chain.events, hash=chain.head),
        left_out={why: n for why, n in left_out.items() if n},
        preferences=written.preferences,
        rows=[],
    )
