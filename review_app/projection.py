"""What stands: each row's votes and its decision, derived from the events and kept beside them.

A *round* of a row is the run's content that was on the screen. The votes of a round are the last
decision of each person that was not undone. A final decision settles the round; else the majority of
the people; without one the row is disputed. A rule's decision counts only where no person voted.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .store_engines.connection import Connection

AT_ONCE = 400
FEW = 40
PROJECTED = "projected"
EventRow = Mapping[str, Any]
Folded = tuple[list[EventRow], dict[str, Any] | None]

STANDING = (
    "row_id",
    "seq",
    "action",
    "content_id",
    "shown_id",
    "actor",
    "rule",
    "at",
    "reason",
    "note",
    "value",
    "final",
    "votes",
)
VOTE: tuple[str, ...] = ("task", "item_id", "actor", "shown_id", "seq")

STATE = """
    UPDATE queue_item SET
        done = coalesce((
            SELECT s.votes FROM standing s
            WHERE s.row_id = queue_item.item_id AND queue_item.content_id IN (s.shown_id, s.content_id)
        ), 0),
        state = coalesce((
            SELECT CASE
                WHEN s.action = 'disputed' THEN 'disputed'
                WHEN s.rule IS NOT NULL OR s.final = 1 OR s.votes >= queue_item.need THEN 'done'
                ELSE 'open' END
            FROM standing s
            WHERE s.row_id = queue_item.item_id AND queue_item.content_id IN (s.shown_id, s.content_id)
        ), 'open')
    WHERE task = 'review'
"""
"""States of the queue's rows; a decision on other content than the queue's does not count."""
ITEM_STATE = """
    UPDATE queue_item SET
        done = (
            SELECT count(*) FROM vote v WHERE v.task = queue_item.task AND v.item_id = queue_item.item_id
        ),
        state = CASE WHEN (
            SELECT count(*) FROM vote v WHERE v.task = queue_item.task AND v.item_id = queue_item.item_id
        ) >= need THEN 'done' ELSE 'open' END
    WHERE task <> 'review'
"""


def fold(events: Iterable[EventRow]) -> tuple[list[EventRow], dict[str, Any] | None]:
    """The votes on one row, and what stands.

    Args:
        events: The row's events in order.

    Returns:
        The standing votes of persons in the row's newest round, and the line of `standing`, or None when
        nothing stands.
    """
    events = list(events)
    undone = {e["supersedes"] for e in events if e["supersedes"] is not None}
    decisions = [e for e in events if e["action"] in ("approve", "reject") and e["seq"] not in undone]
    if not decisions:
        return [], None
    root = shown(decisions[-1])
    of_round = [e for e in decisions if shown(e) == root]
    votes = list({e["actor"]: e for e in of_round if e["rule"] is None}.values())
    finals = [e for e in of_round if e["final"]]
    if finals:
        return votes, _line(finals[-1], votes)
    if not votes:
        return [], _line(of_round[-1], votes)
    sides: dict[Any, list[EventRow]] = defaultdict(list)
    for vote in votes:
        sides[(vote["action"], vote["content_id"] if vote["action"] == "approve" else None)].append(vote)
    most = max(sides.values(), key=len)
    if 2 * len(most) > len(votes):
        return votes, _line(max(most, key=lambda e: e["seq"]), votes)
    newest = max(votes, key=lambda e: e["seq"])
    disputed = {"action": "disputed", "content_id": root, "reason": None, "note": None, "value": None}
    return votes, {**_line(newest, votes), **disputed}


def shown(event: EventRow) -> str:
    """The run's content that was on the screen."""
    return event["shown_id"] or event["content_id"]


def _line(event: EventRow, votes: Sequence[EventRow]) -> dict[str, Any]:
    told = {name: event[name] for name in STANDING if name not in ("votes", "shown_id", "final")}
    return {**told, "shown_id": shown(event), "final": int(event["final"]), "votes": len(votes)}


def item_votes(events: Iterable[EventRow]) -> list[EventRow]:
    """Each person's decision on a group or a pair that was not undone: a comparison, or the last event."""
    events = list(events)
    undone = {e["supersedes"] for e in events if e["supersedes"] is not None}
    kinds = ("approve", "reject", "note", "prefer")
    standing = [e for e in events if e["action"] in kinds and e["seq"] not in undone]
    return list({e["actor"]: e for e in sorted(standing, key=lambda e: e["action"] == "prefer")}.values())


def record(db: Connection, columns: Sequence[str], new: Sequence[EventRow]) -> None:
    """Append events, and derive again what stands for their rows, groups and pairs, and the queue's states.

    Args:
        db: The record, inside a transaction.
        columns: The columns of the events.
        new: The events, in order.
    """
    row_ids = list(dict.fromkeys(e["row_id"] for e in new if e["row_id"] is not None))
    items = dict.fromkeys((e["task"], e["item_id"]) for e in new if e["item_id"] is not None)
    told = defaultdict(list)
    for event in itertools.chain(_events_of(db, row_ids), new):
        told[event["row_id"]].append(event)
    before = {row_id for row_id in row_ids if len(told[row_id]) and told[row_id][0]["seq"] < new[0]["seq"]}
    folded = {row_id: fold(told[row_id]) for row_id in row_ids}
    if len(new) > FEW:
        _record_many(db, columns, new, folded, before)
    else:
        db.run_all(
            [(_insert("event", columns), dict(event)) for event in new]
            + [
                s
                for row_id, found in folded.items()
                for s in _row_statements(row_id, *found, row_id in before)
            ]
        )
    _record_items(db, items)


def _record_many(
    db: Connection,
    columns: Sequence[str],
    new: Sequence[EventRow],
    folded: Mapping[str, Folded],
    before: set[str],
) -> None:
    db.insert_many("event", columns, [tuple(event[c] for c in columns) for event in new])
    for names, values in listed(before):
        db.run(f"DELETE FROM standing WHERE row_id IN ({names})", values)
        db.run(f"DELETE FROM vote WHERE task = 'review' AND item_id IN ({names})", values)
    _put(db, folded.values())
    for names, values in listed(folded):
        db.run(f"{STATE} AND item_id IN ({names})", values)


def _row_statements(
    row_id: str, votes: Sequence[EventRow], line: Mapping[str, Any] | None, before: bool
) -> list[tuple[str, Mapping[str, Any]]]:
    """What brings one row's votes, standing line and state up to date."""
    key = {"row_id": row_id}
    statements: list[tuple[str, Mapping[str, Any]]] = []
    if before:
        statements += [
            ("DELETE FROM standing WHERE row_id = :row_id", key),
            ("DELETE FROM vote WHERE task = 'review' AND item_id = :row_id", key),
        ]
    if line is not None:
        statements.append((_insert("standing", STANDING), line))
        statements += [(_insert("vote", VOTE), dict(zip(VOTE, _vote(v), strict=True))) for v in votes]
    if before or line is not None:
        statements.append((f"{STATE} AND item_id = :row_id", key))
    return statements


def _record_items(db: Connection, items: Iterable[tuple[str, str]]) -> None:
    """Votes and states of groups and pairs, from the events as they are now."""
    for task, item_id in items:
        key = {"task": task, "item_id": item_id}
        events = db.rows("SELECT * FROM event WHERE item_id = :item_id AND task = :task ORDER BY seq", key)
        votes = [{**key, "actor": e["actor"], "shown_id": "", "seq": e["seq"]} for e in item_votes(events)]
        db.run_all(
            [
                ("DELETE FROM vote WHERE task = :task AND item_id = :item_id", key),
                *((_insert("vote", VOTE), vote) for vote in votes),
                (f"{ITEM_STATE} AND task = :task AND item_id = :item_id", key),
            ]
        )


def _events_of(db: Connection, row_ids: Iterable[str]) -> Iterator[EventRow]:
    for names, values in listed(row_ids):
        yield from db.rows(f"SELECT * FROM event WHERE row_id IN ({names}) ORDER BY row_id, seq", values)


def derived(db: Connection) -> Iterator[tuple[list[EventRow], dict[str, Any]]]:
    """Votes and standing line of every decided row, straight from the events."""
    yield from _by_row(db.stream("SELECT * FROM event WHERE row_id IS NOT NULL ORDER BY row_id, seq"))


def rebuild(db: Connection) -> None:
    """Derive every projection again, inside a transaction."""
    db.run("DELETE FROM standing")
    db.run("DELETE FROM vote")
    # The events are read whole before the first is written: one connection cannot always do both.
    rows = list(derived(db))
    _put(db, rows)
    items = db.rows("SELECT DISTINCT task, item_id FROM event WHERE item_id IS NOT NULL")
    _record_items(db, [(r["task"], r["item_id"]) for r in items])
    db.run("UPDATE queue_item SET done = 0, state = 'open' WHERE done <> 0 OR state <> 'open'")
    update_states(db)


def update_states(db: Connection) -> None:
    """States of a queue whose every item is open, from what stands."""
    db.run(f"{STATE} AND item_id IN (SELECT row_id FROM standing)")
    db.run(f"{ITEM_STATE} AND (task, item_id) IN (SELECT task, item_id FROM vote WHERE task <> 'review')")


def ensure(db: Connection) -> None:
    """Make the projections of a record that has none yet, as after a change of its shape."""
    if is_projected(db):
        return
    db.begin()
    try:
        if not is_projected(db):
            rebuild(db)
            db.run("INSERT INTO setting (name, value) VALUES (:name, '1')", {"name": PROJECTED})
        db.commit()
    except BaseException:
        db.rollback()
        raise


def is_projected(db: Connection) -> bool:
    """Whether the projections were made once."""
    return bool(db.rows("SELECT 1 AS one FROM setting WHERE name = :name", {"name": PROJECTED}))


def _by_row(events: Iterable[EventRow]) -> Iterator[tuple[list[EventRow], dict[str, Any]]]:
    for _, told in itertools.groupby(events, key=lambda e: e["row_id"]):
        votes, line = fold(told)
        if line is not None:
            yield votes, line


def _put(db: Connection, rows: Iterable[Folded]) -> None:
    rows = [(votes, line) for votes, line in rows if line is not None]
    db.insert_many("standing", STANDING, [tuple(line[c] for c in STANDING) for _, line in rows])
    db.insert_many("vote", VOTE, [_vote(v) for votes, _ in rows for v in votes])


def _vote(event: EventRow) -> tuple[Any, ...]:
    """A line of `vote`, in the order of `VOTE`."""
    return "review", event["row_id"], event["actor"], shown(event), event["seq"]


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(':' + c for c in columns)})"


def listed(values: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Placeholders for a list, and its values, in parts that a statement can hold."""
    waiting = iter(values)
    while some := list(itertools.islice(waiting, AT_ONCE)):
        named = {f"v{i}": value for i, value in enumerate(some)}
        yield ", ".join(f":{name}" for name in named), named
