"""What `curate` is handed of the record: what stands, what reviewers wrote, and where the record stood."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import pyarrow as pa

from .store import Store

TRIES = 5


class Handover(TypedDict):
    """Keyword arguments of `tuneset.curate.curate`."""

    decisions: pa.Table
    editions: pa.Table
    head: tuple[int, str]


def handed_over(place: str | Path) -> Handover:
    """What stands in a record.

    Where people decide meanwhile, it is read again until it is all of one moment; from a record that is
    never still, what was read last is taken, whose head is then at most as new as its decisions.

    Args:
        place: The record: a path, or the address of a database.

    Raises:
        WorkspaceError: A record that cannot be read.
    """
    with Store.reading(place) as store:
        found = _read(store)
        for _ in range(TRIES):
            if store.head() == found["head"]:
                break
            found = _read(store)
    return found


def _read(store: Store) -> Handover:
    head = store.head()
    return Handover(decisions=store.current(), editions=store.editions(), head=head)
