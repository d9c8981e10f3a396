"""Several people at one queue in any order: nothing is lost, doubled, or in more hands than asked for."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tuneset.review_app.desk import Desk, Shown, Ticket
from tuneset.review_app.office import Office
from tuneset.review_app.people import Person, add_person
from tuneset.review_app.projection import fold
from tuneset.review_app.queue import sync
from tuneset.review_app.store import Store
from tuneset.schemas.errors import LeaseLost
from tuneset.schemas.review import ReviewItem

SEEN = Shown("2026-01-01T00:00:00.000Z", 4_000, "key")
NAMES = ("ana", "bob", "cem")
NEEDS = {1: 1, 2: 2, 3: 3, 4: 1, 5: 2}
names = st.sampled_from(NAMES)
numbers = st.sampled_from(list(NEEDS))
actions = st.sampled_from(["approve", "reject"])


class Team(RuleBasedStateMachine):
    """Three reviewers with a connection each, and an adjudicator."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.stores = {name: Store.open(place) for name in (*NAMES, "ada")}
        self.desks = {n: Desk(s, Person(n, "reviewer")) for n, s in self.stores.items() if n in NAMES}
        self.store = self.stores["ada"]
        for name in NAMES:
            add_person(self.store, name, "reviewer", by="root")
        add_person(self.store, "ada", "adjudicator", by="root")
        self.runs = itertools.count(1)
        self.tickets: dict[str, list[Ticket]] = {name: [] for name in NAMES}
        self.decided: dict[str, tuple[str, str]] = {}
        self.sync({})

    def teardown(self) -> None:
        self.store.verify()
        stored = [e.uuid for e in self.store.events()]
        assert len(stored) == len(set(stored))
        assert set(self.decided) <= set(stored)
        for store in self.stores.values():
            store.close()

    def _took(self, name: str, ticket: Ticket | None) -> None:
        if ticket is not None:
            self.tickets[name].append(ticket)

    @rule(contents=st.dictionaries(numbers, st.sampled_from(["x", "y"]), max_size=2))
    def sync(self, contents: dict[int, str]) -> None:
        items = [
            ReviewItem(
                task="review", item_id=f"f:{n}", row_ids=(f"f:{n}",),
                content_ids=(contents.get(n, f"c{n}"),), rank=n, why="in turn", need=need,
            )
            for n, need in NEEDS.items()
        ]  # fmt: skip
        group = ReviewItem(
            task="group", item_id="g", row_ids=("f:1", "f:4"),
            content_ids=(contents.get(1, "c1"), contents.get(4, "c4")), rank=0, why="near",
        )  # fmt: skip
        sync(self.store, [group, *items], f"run{next(self.runs)}")

    @rule(name=names, task=st.sampled_from(["review", "review", "group"]))
    def claim(self, name: str, task: str) -> None:
        self._took(name, self.desks[name].claim(task))

    @rule(name=names, n=numbers)
    def open_item(self, name: str, n: int) -> None:
        with contextlib.suppress(LeaseLost):
            self._took(name, self.desks[name].open_item("review", f"f:{n}"))

    @precondition(lambda self: any(self.tickets.values()))
    @rule(name=names, back=st.integers(0, 3), action=actions, edit=st.booleans())
    def decide(self, name: str, back: int, action: str, edit: bool) -> None:
        """A ticket of now or of before, decided once or again."""
        if not self.tickets[name]:
            return
        ticket = self.tickets[name][-1 - back % len(self.tickets[name])]
        payload = {"messages": [{"role": "assistant", "content": name}]} if edit else None
        try:
            if ticket.task == "group":
                outcome = self.desks[name].keep(ticket, [ticket.row_ids[0]], SEEN)
            else:
                outcome = self.desks[name].decide(ticket, action, SEEN, payload=payload)
        except LeaseLost:
            assert ticket.uuid not in self.decided
            return
        assert outcome.fresh == (ticket.uuid not in self.decided)
        self.decided[ticket.uuid] = (name, ticket.item_id)

    @rule(name=names)
    def skip(self, name: str) -> None:
        ticket = self.desks[name].claim()
        if ticket is not None and self.desks[name].skip(ticket, SEEN).fresh:
            self.decided[ticket.uuid] = (name, ticket.item_id)

    @rule(name=names)
    def undo(self, name: str) -> None:
        self._took(name, self.desks[name].undo())

    @rule(name=names)
    def time_runs_out(self, name: str) -> None:
        with self.store.transaction():
            self.store.db.run(
                "UPDATE lease SET expires_at = '2000-01-01T00:00:00.000Z' WHERE actor = :name", {"name": name}
            )

    @rule(n=numbers, action=actions)
    def adjudicate(self, n: int, action: str) -> None:
        Office(self.store, Person("ada", "adjudicator")).adjudicate(f"f:{n}", f"c{n}", action, SEEN)

    @rule(action=actions)
    def bulk(self, action: str) -> None:
        rows = [(f"f:{n}", f"c{n}") for n in NEEDS]
        Office(self.store, Person("ada", "adjudicator")).bulk(rows, action, rule="all")

    @invariant()
    def no_item_is_in_more_hands_than_it_needs(self) -> None:
        with self.store.transaction() as now:
            leases = self.store.db.rows(
                "SELECT item_id, actor, head FROM lease WHERE task = 'review' AND expires_at > :now",
                {"now": now},
            )
            votes = self.store.db.rows(
                "SELECT v.item_id, v.actor FROM vote v JOIN queue_item q ON q.task = v.task"
                " AND q.item_id = v.item_id AND q.content_id = v.shown_id"
                " WHERE v.task = 'review' AND v.actor <> 'ada'"  # who settles a row takes no place in the queue
            )
        for n, need in NEEDS.items():
            holding = {r["actor"] for r in leases if r["item_id"] == f"f:{n}"}
            assert len(holding) <= need
            # Who holds a group leaves its rows alone that others decided.
            holding = {r["actor"] for r in leases if r["item_id"] == f"f:{n}" and r["head"]}
            if holding:
                voted = {r["actor"] for r in votes if r["item_id"] == f"f:{n}"}
                assert len(holding | voted) <= max(need, len(voted))

    @invariant()
    def what_stands_is_what_the_events_say(self) -> None:
        stands = {r["row_id"]: (r["action"], r["seq"]) for r in self.store.current().to_pylist()}
        told = {}
        for n in NEEDS:
            events = [e.model_dump() for e in self.store.events(f"f:{n}")]
            _, line = fold(events)
            if line is not None:
                told[f"f:{n}"] = (line["action"], line["seq"])
        assert stands == told


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def test_any_order_of_acts_on_sqlite() -> None:
    with tempfile.TemporaryDirectory() as folder:
        numbered = itertools.count()
        run_state_machine_as_test(
            lambda: Team(str(Path(folder) / f"{next(numbered)}.db")), settings=_settings(40)
        )


@pytest.mark.postgres
def test_any_order_of_acts_on_postgresql(postgres_server) -> None:
    run_state_machine_as_test(lambda: Team(postgres_server.url()), settings=_settings(8))
