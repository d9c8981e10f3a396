"""`tuneset review verify`: is the record what was decided?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..curate.version_files import all_versions
from ..schemas.errors import WorkspaceError
from ..schemas.workspace import Workspace
from .record_place import record_of
from .store import Store
from .verify import Chain


@dataclass(frozen=True)
class Verified:
    """What the check found.

    Args:
        ok: Every link holds and every state follows from its events.
        record: The file, or the address without its password.
        events: Events in the record.
        head: Hash of the last one: whoever notes it can prove later that nothing before it changed.
        decided: Rows that stand approved, rejected or disputed.
        what: The first thing that does not hold.
        fix: What to do about it.
    """

    ok: bool
    record: str
    events: int | None = None
    head: str | None = None
    decided: int | None = None
    what: str | None = None
    fix: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}

    def text(self) -> str:
        """A few lines for a person."""
        if not self.ok:
            return f"{self.what}\n  where: {self.record}\n  fix: {self.fix}"
        return (
            f"the record holds: {self.events:,} events, {self.decided:,} rows decided\n"
            f"  where: {self.record}\n  head: {self.head}"
        )


def anchors(space: Workspace) -> list[Chain]:
    """Where the record stood when versions were frozen: a record cut short since does not hold."""
    heads = [version.record for version in all_versions(space)]
    return [Chain(head.events, head.hash) for head in heads if head is not None]


def verify_record(out: str | Path, *, database: str | None = None, repair: bool = False) -> Verified:
    """Re-derive every link of the record and every state from its events.

    Args:
        out: A workspace with decisions.
        database: A PostgreSQL address in place of OUT/review.db.
        repair: First derive what stands again from the events and keep it; the events stay as they are.

    Raises:
        WorkspaceError: No record, or one that cannot be read at all.
    """
    space = Workspace.at(out)
    place = record_of(space, database)
    if place == space.review_db and not space.review_db.is_file():
        raise WorkspaceError(
            f"{str(out)!r} holds no record of decisions (no review.db)",
            where=str(out),
            fix=f"run: tuneset review {out}",
        )
    with Store.open(place) if repair else Store.reading(place) as store:
        try:
            if repair:
                store.rebuild()
            chain = store.verify(anchors(space))
        except WorkspaceError as error:
            return Verified(False, store.where, what=error.what, fix=error.fix)
        return Verified(True, store.where, chain.events, chain.head, store.current().num_rows)
