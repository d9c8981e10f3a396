"""What people decided comes out of one record and into another as it was."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tuneset.curate.ledger import Ledger
from tuneset.review_app import export_decisions, import_decisions
from tuneset.review_app.desk import Desk, Shown
from tuneset.review_app.exchange.plan import batch_of
from tuneset.review_app.office import Office
from tuneset.review_app.people import Person, add_person
from tuneset.review_app.queue import sync
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.example import content_id
from tuneset.schemas.review import Answers, ReviewItem

SEEN = Shown("2026-01-01T00:00:00.000Z", 4_000, "key")
OWNER = Person("root", "admin", owner=True)
PEOPLE = {"ana": "reviewer", "bob": "reviewer", "cem": "reviewer", "ada": "adjudicator"}
QUEUE = "SELECT task, item_id, done, state FROM queue_item WHERE task <> 'group' ORDER BY task, item_id"
CODES = ["wrong_answer", "unsafe", "other", None]


@pytest.fixture
def two(workspaces, tmp_path: Path) -> tuple[Path, Path]:
    """The same run in two workspaces: eight rows, two of them dropped."""
    return workspaces.story(tmp_path / "here"), workspaces.story(tmp_path / "there")


def _contents(out: Path) -> dict[str, str]:
    table = Ledger.open(out).content_ids()
    return dict(zip(table["row_id"].to_pylist(), table["content_id"].to_pylist(), strict=True))


def _fill(store: Store, contents: dict[str, str]) -> list[str]:
    """People, and a queue of every row and one pair; the rows in order."""
    for name, role in PEOPLE.items():
        add_person(store, name, role, by="root")
    rows = list(contents)
    items = [
        ReviewItem(
            task="review",
            item_id=row,
            row_ids=(row,),
            content_ids=(contents[row],),
            rank=n,
            why="in turn",
            need=4,
        )
        for n, row in enumerate(rows)
    ]
    pair = ReviewItem(
        task="pair",
        item_id="p1",
        row_ids=tuple(rows[:2]),
        content_ids=tuple(contents[r] for r in rows[:2]),
        rank=0,
        why="in turn",
        need=4,
    )
    group = ReviewItem(
        task="group",
        item_id="g1",
        row_ids=tuple(rows[2:4]),
        content_ids=tuple(contents[r] for r in rows[2:4]),
        rank=0,
        why="in turn",
    )
    sync(store, [*items, pair, group], "run")
    return rows


def _plain(table: pa.Table, *without: str) -> list[dict]:
    rows = table.drop_columns([n for n in ("seq", *without) if n in table.column_names]).to_pylist()
    return sorted(rows, key=lambda r: json.dumps(r, sort_keys=True))


def _states(out: Path) -> dict[str, list[dict]]:
    with Store.reading(out / "review.db") as store:
        store.verify()
        return {
            "current": _plain(store.current()),
            "votes": _plain(store.votes(), "task"),
            "preferences": _plain(store.preferences()),
            "queue": [dict(r) for r in store.db.rows(QUEUE)],
        }


moves = st.lists(
    st.tuples(
        st.sampled_from(["approve", "reject", "edit", "undo", "final", "rule", "prefer", "keep"]),
        st.sampled_from(["ana", "bob", "cem"]),
        st.integers(0, 5),
        st.sampled_from(CODES),
        st.sampled_from(["a note", "=1+1\n„x“", None]),
        st.sampled_from(["New.", "Neu: ünï 🎈", "Other\r\ntext "]),
    ),
    max_size=14,
)


def _play(store: Store, rows: list[str], contents: dict[str, str], told, turns) -> None:
    move, who, n, code, note, text = told
    row = rows[n]
    desk = Desk(store, Person(who, "reviewer"))
    if move == "undo":
        desk.undo()
    elif move == "final":
        Office(store, Person("ada", "adjudicator")).adjudicate(
            row, contents[row], "reject", SEEN, reason=code or "unsafe", note=note
        )
    elif move == "rule":
        draft = Draft("approve", row, contents[row], rule="language == 'en'", task="rule")
        store.append_many([draft], actor="root")
    elif move == "prefer":
        payload = {"messages": turns("q", text)} if code is None else None
        ticket = desk.open_item("pair", "p1")
        if payload is not None:  # the desk keeps no edit of a row that others decided
            desk.save_draft(ticket, payload)
        desk.prefer(ticket, "a", SEEN, left="b", payload=payload, note=note)
    elif move == "keep":
        desk.keep(desk.open_item("group", "g1"), [rows[2]], SEEN)
    else:
        ticket = desk.open_item("review", row)
        answers = Answers(labels={"tone": ["kind"]}, ratings={"help": 4}) if note else None
        payload = {"messages": turns("q", text)} if move == "edit" else None
        action = "reject" if move == "reject" else "approve"
        reason = code if action == "reject" else None
        desk.decide(ticket, action, SEEN, reason=reason, note=note, answers=answers, payload=payload)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves)
def test_every_state_is_the_same_after_a_round_trip(workspaces, tmp_path_factory, told) -> None:
    folder = tmp_path_factory.mktemp("trip")
    here, there = workspaces.story(folder / "here"), workspaces.story(folder / "there")
    contents = _contents(here)
    with Store.open(here / "review.db") as store:
        rows = _fill(store, contents)
        for one in told:
            _try(store, rows, contents, one, workspaces.turns)
    with Store.open(there / "review.db") as store:
        _fill(store, contents)
    written = export_decisions(here, folder / "d.jsonl")
    assert written.left_out == {}
    result = import_decisions(there, folder / "d.jsonl", importer="root")
    assert result.problems == []
    assert (result.decisions, result.preferences) == (written.rows, written.preferences)
    assert _states(there) == _states(here)
    head = _head(there)
    again = import_decisions(there, folder / "d.jsonl", importer="root")
    assert (again.decisions, again.preferences, again.edits) == (0, 0, 0)
    assert again.already == written.rows + written.preferences
    assert _head(there) == head


def _try(store: Store, rows, contents, one, turns) -> None:
    """What the desk refuses (an item in others' hands) is no move."""
    from tuneset.schemas.errors import ReviewError

    try:
        _play(store, rows, contents, one, turns)
    except ReviewError:
        return


def _head(out: Path) -> tuple[int, str]:
    with Store.reading(out / "review.db") as store:
        return store.head()


def test_a_line_says_what_the_desk_recorded(two, workspaces, tmp_path: Path) -> None:
    """Hand-worked: one approval with an edit and answers, one rejection."""
    here, _ = two
    contents = _contents(here)
    with Store.open(here / "review.db") as store:
        rows = _fill(store, contents)
        ana, bob = (Desk(store, Person(n, "reviewer")) for n in ("ana", "bob"))
        payload = {"messages": workspaces.turns("How do I reset my password?", "Use the link.")}
        ana.decide(
            ana.open_item("review", rows[0]),
            "approve",
            SEEN,
            note="shorter",
            answers=Answers(ratings={"help": 5}),
            payload=payload,
        )
        bob.decide(bob.open_item("review", rows[3]), "reject", SEEN, reason="unsafe")
        moments = [e.at for e in store.events() if e.action in ("approve", "reject")]
    result = export_decisions(here, tmp_path / "d.jsonl")
    first, second = (json.loads(line) for line in (tmp_path / "d.jsonl").read_text("utf-8").splitlines())
    assert result.rows == 2
    assert first == {
        "kind": "decision",
        "row_id": rows[0],
        "content_id": contents[rows[0]],
        "action": "approve",
        "note": "shorter",
        "edited": {
            "messages": workspaces.turns("How do I reset my password?", "Use the link."),
            "content_id": content_id(payload["messages"]),
            "parent_id": contents[rows[0]],
        },
        "answers": {"ratings": {"help": 5}},
        "actor": "ana",
        "at": moments[0],
        "dwell_ms": 4000,
        "painted_at": "2026-01-01T00:00:00.000Z",
    }
    assert second == {
        "kind": "decision",
        "row_id": rows[3],
        "content_id": contents[rows[3]],
        "action": "reject",
        "reason": "unsafe",
        "actor": "bob",
        "at": moments[1],
        "dwell_ms": 4000,
        "painted_at": "2026-01-01T00:00:00.000Z",
    }


def test_events_tell_who_imported_which_file_and_who_decided(two, tmp_path: Path) -> None:
    out, _ = two
    row, content = next(iter(_contents(out).items()))
    file = tmp_path / "theirs.jsonl"
    line = {
        "row_id": row,
        "content_id": content,
        "action": "approve",
        "edited_answer": "Use the link.",
        "actor": "zoe",
        "at": "2026-02-03T10:00:00+01:00",
    }
    file.write_text(json.dumps(line) + "\n")
    result = import_decisions(out, file, importer="root")
    assert (result.decisions, result.edits) == (1, 1)
    with Store.reading(out / "review.db") as store:
        edit, approve, told = store.events()
        (edition,) = store.editions().to_pylist()
    assert {e.task for e in (edit, approve, told)} == {"import"}
    assert {e.batch_id for e in (edit, approve, told)} == {result.batch_id, batch_of(result.sha256)}
    assert (approve.actor, approve.at, approve.input) == ("zoe", "2026-02-03T09:00:00.000Z", "import")
    assert (approve.shown_id, approve.content_id) == (content, edition["content_id"])
    assert json.loads(edition["payload"])["messages"][-1]["content"] == "Use the link."
    value = json.loads(told.value or "")
    assert (told.actor, value["what"], value["file"]) == ("root", "import", "theirs.jsonl")
    assert (value["sha256"], value["decisions"], value["edits"]) == (result.sha256, 1, 1)


def test_an_import_is_taken_back_whole_and_stays_so(two, tmp_path: Path) -> None:
    out, _ = two
    rows = list(_contents(out).items())[:3]
    file = tmp_path / "d.jsonl"
    lines = [
        {"row_id": r, "content_id": c, "action": "approve", "actor": a}
        for (r, c), a in zip(rows, ["zoe", "yan", "zoe"], strict=True)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = import_decisions(out, file, importer="root")
    with Store.open(out / "review.db") as store:
        assert Desk(store, Person("zoe", "reviewer", owner=True)).undo() is None  # not the desk's decision
        assert store.current().num_rows == 3
        Office(store, OWNER).undo_batch(result.batch_id)
        assert store.current().num_rows == 0
    assert import_decisions(out, file, importer="root").decisions == 0


def test_a_newer_decision_of_the_same_person_stays(two, tmp_path: Path) -> None:
    out, _ = two
    row, content = next(iter(_contents(out).items()))
    with Store.open(out / "review.db") as store:
        store.append_many(
            [Draft("reject", row, content, reason="unsafe")], actor="zoe", at="2026-03-01T00:00:00.000Z"
        )
    for at, fate in (("2026-02-01T00:00:00Z", "older"), ("2026-03-02T00:00:00Z", "decisions")):
        file = tmp_path / f"{fate}.jsonl"
        line = {"row_id": row, "content_id": content, "action": "approve", "actor": "zoe", "at": at}
        file.write_text(json.dumps(line))
        assert getattr(import_decisions(out, file, importer="root"), fate) == 1
    with Store.reading(out / "review.db") as store:
        assert store.current()["action"].to_pylist() == ["approve"]


def test_decisions_on_other_content_are_not_exported(two, workspaces, tmp_path: Path) -> None:
    out, _ = two
    rows = _contents(out)
    row = next(iter(rows))
    dropped = workspaces.row(2, [])["row_id"]
    with Store.open(out / "review.db") as store:
        drafts = [Draft("approve", row, "f" * 32), Draft("approve", dropped, "e" * 32)]
        store.append_many(drafts, actor="ana")
    result = export_decisions(out, tmp_path / "d.jsonl")
    assert (result.rows, sum(result.left_out.values())) == (0, 2)
    assert row in result.text()


def test_a_filled_queue_comes_back(two, tmp_path: Path) -> None:
    out, _ = two
    file = tmp_path / "q.jsonl"
    assert export_decisions(out, file, what="queue").rows == 6
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    lines[0] |= {"action": "approve", "edited_answer": "Use the link."}
    lines[4] |= {"action": "reject", "reason": "poor_style", "note": "too short", "actor": "zoe"}
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = import_decisions(out, file, importer="ana")
    assert (result.decisions, result.edits, result.left) == (2, 1, {"undecided": 4})
    with Store.reading(out / "review.db") as store:
        told = {r["row_id"]: (r["action"], r["actor"], r["note"]) for r in store.current().to_pylist()}
    assert told == {
        lines[0]["row_id"]: ("approve", "ana", None),
        lines[4]["row_id"]: ("reject", "zoe", "too short"),
    }
    assert export_decisions(out, file, what="queue").rows == 4
