"""A workspace for the pages: rows, groups of near-duplicates, conflicts, preference rows, and what it opens to.

Rows 1 to 20 stand alone, row 3 with a flag of `toxicity`; 21 to 23 are near one another; 24 and 25
contradict each other; 26 and 27 are preference rows. `quality` gives each row n / 100.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tuneset.review_app.app.opened import Opened
from tuneset.review_app.app.pane.events import PaneEvent
from tuneset.review_app.app.place import Place
from tuneset.review_app.people import Person, add_person
from tuneset.review_app.store import Store
from tuneset.review_app.store_pool import StorePool
from tuneset.schemas.workspace import Workspace

OWNER = Person("root", "admin", owner=True)
PAINTED = "2026-01-01T00:00:00.000Z"


@dataclass
class App:
    """A workspace with its rows.

    Args:
        out: Its folder.
        ids: row_id by number.
        contents: content_id by number.
    """

    out: Path
    ids: dict[int, str]
    contents: dict[int, str]

    def open(self, **people: str) -> Opened:
        """Open it as the server does, with some people by role; without any, one person reviews alone."""
        record = self.out / "review.db"
        with Store.open(record) as store:
            for name, role in people.items():
                add_person(store, name, role, by="root")
        opened = Opened(Place(Workspace.at(self.out), record, StorePool(record)))
        opened.wait()
        return opened

    def standing(self) -> dict[int, str]:
        """What stands, by the number of the row."""
        numbers = {row: n for n, row in self.ids.items()}
        with Store.reading(self.out / "review.db") as store:
            return {numbers[r["row_id"]]: r["action"] for r in store.current().to_pylist()}


def build_app(workspaces: Any, out: Path) -> App:
    """Write the workspace."""
    row, verdict, turns = workspaces.row, workspaces.verdict, workspaces.turns
    rows = [
        row(n, turns(f"What is the capital of land {n}?", f"The capital of land {n} is town {n}."))
        for n in range(1, 21)
    ]
    rows += [
        row(n, turns("How do I boil an egg?", f"Boil it for {n} minutes{'.' * (n - 20)}"))
        for n in range(21, 24)
    ]
    rows += [row(24, turns("Is the earth flat?", "No.")), row(25, turns("Is the earth flat?", "Yes."))]
    rows += [
        row(n, turns(f"Greet guest {n}.", f"Good day, guest {n}."), rejected=turns("", f"Oi {n}.")[1:])
        for n in (26, 27)
    ]
    ids = {n: r["row_id"] for n, r in enumerate(rows, 1)}
    near: dict[int, dict[str, Any]] = {
        21: {"related_id": ids[22], "score": 0.8},
        23: {"related_id": ids[22], "score": 0.7},
    }
    for n, other in ((24, 25), (25, 24)):
        near[n] = {
            "action": "review", "reason": "conflicting_answer", "related_id": ids[other], "score": 0.99
        }  # fmt: skip
    told = [verdict(ids[3], "toxicity", "review", reason="toxic")]
    told = [verdict(ids[n], "toxicity") if n != 3 else told[0] for n in ids]
    told += [verdict(ids[n], "language", "assign", value="fr" if n % 5 == 0 else "en") for n in ids]
    told += [verdict(ids[n], "near_duplicate", **near.get(n, {})) for n in ids]
    told += [verdict(ids[n], "quality", score=n / 100) for n in ids]
    told += [verdict(ids[n], "split", "assign", value="test" if n % 4 == 0 else "train") for n in ids]
    sentences = {"toxic": "The answer insults", "conflicting_answer": "Another answer stands elsewhere"}
    workspaces.build(out, rows, told, sentences=sentences)
    return App(out, ids, {n: r["content_id"] for n, r in enumerate(rows, 1)})


@pytest.fixture
def app(workspaces: Any, tmp_path: Path) -> App:
    """The workspace."""
    return build_app(workspaces, tmp_path / "out")


def event(view: Any, kind: str = "decide", **more: Any) -> PaneEvent:
    """What the pane would send about the view: painted, read for two seconds, by key."""
    told: dict[str, Any] = {
        "kind": kind,
        "nonce": uuid.uuid4().hex,
        "ticket": view.ticket,
        "item_id": view.item_id,
        "content_ids": view.content_ids,
        "painted_at": PAINTED,
        "dwell_ms": 2_000,
    }
    if view.rows:
        told |= {"row_id": view.rows[0].row_id, "content_id": view.rows[0].content_id}
    return PaneEvent.model_validate({**told, **more})


@pytest.fixture
def say() -> Callable[..., PaneEvent]:
    """Makes events about a view."""
    return event


@pytest.fixture
def opened_app(app: App) -> Iterator[tuple[App, Opened]]:
    """The workspace, open for one person alone."""
    opened = app.open()
    yield app, opened
    opened.pool.close()
