"""The whole way round: curate, decide at the desk, freeze, curate again, freeze again: the same content."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tuneset.cli.main import main
from tuneset.curate.explain import explain
from tuneset.curate.export import export
from tuneset.curate.ledger import Ledger
from tuneset.curate.version_files import open_version
from tuneset.review_app.approve import approve
from tuneset.review_app.desk import Desk, Shown
from tuneset.review_app.freeze import freeze
from tuneset.review_app.office import Office
from tuneset.review_app.people import Person, add_person
from tuneset.review_app.queue import sync
from tuneset.review_app.store import Store
from tuneset.schemas.errors import VersionError, WorkspaceError
from tuneset.schemas.example import content_id
from tuneset.schemas.review import ReviewItem
from tuneset.schemas.version import VersionManifest
from tuneset.train.version import load_version

SEEN = Shown("2026-01-01T00:00:00.000Z", 4_000, "key")
FINAL = ("rows.parquet", "verdicts.parquet", "edits.parquet")
PROMPTS = ("reset my password", "open the attic window", "cook red lentils", "fold a paper boat")
PAIRS = [(f"How do I {p}?", f"Ask someone who knows how to {p} and watch closely.") for p in PROMPTS]
CONFLICT = [
    ("Which river flows through Vienna?", "The Danube flows through Vienna."),
    ("Which river flows through Vienna?", "It has none, Vienna stands in the desert."),
]
PREFERENCE = {"prompt": "Say hello to a guest.", "chosen": "Yo.", "rejected": "Welcome, please come in."}
RECIPE = """
steps:
  - use: structure
  - use: exact_duplicate
  - use: pii
  - use: human
  - {use: near_duplicate, same_meaning: "off"}
  - {use: split, train: 1.0, validation: 0, test: 0}
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows: list[dict[str, Any]] = [{"prompt": p, "completion": a} for p, a in (*PAIRS, *CONFLICT)]
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    (tmp_path / "prefs.jsonl").write_text(json.dumps(PREFERENCE) + "\n", encoding="utf-8")
    path = tmp_path / "data.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def curate(data: Path, out: Path, *more: str) -> None:
    recipe = str(data.parent / "recipe.yaml")
    inputs = [str(data), str(data.parent / "prefs.jsonl")]
    assert main(["curate", *inputs, "-o", str(out), "--recipe", recipe, "-q", *more]) == 0


def hashes(out: Path) -> list[str]:
    return [hashlib.sha256((out / name).read_bytes()).hexdigest() for name in FINAL]


def lines(out: Path, version: str, name: str = "train.jsonl") -> list[dict[str, Any]]:
    path = out / "versions" / version / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def manifest(out: Path, version: str) -> VersionManifest:
    path = out / "versions" / version / "manifest.json"
    return VersionManifest.model_validate_json(path.read_text(encoding="utf-8"))


class People:
    """Two reviewers and an adjudicator at the rows of a run."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.store = Store.open(out / "review.db")
        for name, role in (("ana", "reviewer"), ("bob", "reviewer"), ("ada", "adjudicator")):
            if not self.store.db.rows("SELECT 1 AS one FROM person WHERE name = :n", {"n": name}):
                add_person(self.store, name, role, by="root")  # pyright: ignore[reportArgumentType]
        self.queue()

    def queue(self) -> None:
        """The run's kept rows, and its pairs, as they are now."""
        ledger = Ledger.open(self.out)
        contents = ledger.content_ids().to_pylist()
        self.contents = {r["row_id"]: r["content_id"] for r in contents}
        self.rows = {ledger.row(r)["messages"][0]["content"]: r for r in list(self.contents)[::-1]}
        items = [self._item("review", r, (r,), i, 2) for i, r in enumerate(self.contents)]
        vienna = [r for r in self.contents if "Vienna" in ledger.row(r)["messages"][0]["content"]]
        self.pair = tuple(vienna)
        items.append(self._item("pair", "pair:1", self.pair, 90, 1))
        hello = self.rows[PREFERENCE["prompt"]]
        items.append(self._item("pair", "pair:2", (hello,), 91, 1))
        sync(self.store, items, "run")

    def _item(self, task: Any, name: str, rows: tuple[str, ...], rank: int, need: int) -> ReviewItem:
        contents = tuple(self.contents[r] for r in rows)
        return ReviewItem(
            task=task, item_id=name, row_ids=rows, content_ids=contents, rank=rank, why="in turn", need=need
        )

    def desk(self, name: str) -> Desk:
        return Desk(self.store, Person(name, "reviewer"))

    def decide(self, name: str, row: str, action: Any, **more: Any) -> None:
        desk = self.desk(name)
        desk.decide(desk.open_item("review", row), action, SEEN, **more)

    def prefer(self, name: str, pair: str, outcome: Any, **more: Any) -> None:
        desk = self.desk(name)
        desk.prefer(desk.open_item("pair", pair), outcome, SEEN, left="a", **more)


def turns(prompt: str, answer: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]


def payload(messages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"messages": messages, "tools": None, "rejected": None, "label": None, **more}


BETTER = "Open Settings, choose Reset, and follow the link in the mail."


@pytest.fixture
def told(data: Path, tmp_path: Path):
    """Row 1 edited, 2 rejected, 3 disputed, 4 approved; the first of Vienna won; the preference was wrong."""
    out = tmp_path / "out"
    curate(data, out)
    people = People(out)
    rows = [people.rows[p] for p, _ in PAIRS]
    people.decide("ana", rows[0], "approve", payload=payload(turns(PAIRS[0][0], BETTER)))
    people.decide("ana", rows[1], "reject", reason="wrong_answer", note="windows differ")
    people.decide("ana", rows[2], "approve")
    people.decide("bob", rows[2], "reject", reason="other")
    people.decide("bob", rows[3], "approve")
    people.prefer("ana", "pair:1", "a")
    swapped = payload(
        turns(PREFERENCE["prompt"], PREFERENCE["rejected"]),
        rejected=[{"role": "assistant", "content": PREFERENCE["chosen"]}],
    )
    people.prefer("bob", "pair:2", "b", payload=swapped)
    yield out, people, rows
    people.store.close()


def test_what_was_approved_is_what_is_frozen_before_and_after_the_next_run(told, data) -> None:
    out, people, rows = told
    first = freeze(out)
    assert (first.rows, first.edited, first.disputed) == (4, 2, 1)
    assert first.preferences == {"conflict": 1, "edit": 1, "preference": 1}
    found = {r["messages"][0]["content"]: r for r in lines(out, "v1")}
    assert found[PAIRS[0][0]]["messages"][1]["content"] == BETTER
    assert found[PREFERENCE["prompt"]]["messages"][1]["content"] == PREFERENCE["rejected"]
    assert set(found) == {PAIRS[0][0], PAIRS[3][0], CONFLICT[0][0], PREFERENCE["prompt"]}

    curate(data, out)
    once = hashes(out)
    curate(data, out)
    assert hashes(out) == once
    card = Ledger.open(out).card
    events, head = people.store.head()
    assert card.besides["human"] == {"events": events, "hash": head, "decisions": 7, "edits": 2}
    kept = set(Ledger.open(out).kept().to_pylist())
    assert rows[1] not in kept
    assert people.pair[1] not in kept
    second = freeze(out)
    assert (second.rows, second.edited, second.disputed) == (4, 2, 1)
    for name in ("train.jsonl", "preferences/train.jsonl"):
        assert lines(out, "v1", name) == lines(out, "v2", name)
    assert manifest(out, "v1").rows == manifest(out, "v2").rows
    assert manifest(out, "v1").preferences == manifest(out, "v2").preferences


def test_the_manifest_names_decisions_and_what_was_edited(told) -> None:
    out, people, rows = told
    freeze(out)
    read = manifest(out, "v1")
    named = {r.row_id: r for r in read.rows}
    standing = {d["row_id"]: d for d in people.store.current().to_pylist()}
    for row in read.rows:
        assert (row.decision, row.actor, row.votes) == (
            standing[row.row_id]["seq"],
            standing[row.row_id]["actor"],
            1,
        )
    assert named[rows[0]].parent_id == people.contents[rows[0]]
    assert named[rows[3]].parent_id is None
    assert read.left_out == {"disputed": 1}
    assert read.record is not None
    assert (read.record.events, read.record.hash) == people.store.head()
    pairs = {p.source: p for p in read.preferences}
    assert (pairs["conflict"].row_id, pairs["conflict"].rejected_row_id) == people.pair
    assert pairs["edit"].rejected_content_id == people.contents[rows[0]]
    assert load_version(out).rows["train"]


def test_preferences_have_the_shape_of_preference_rows(told) -> None:
    out, _, _ = told
    freeze(out)
    found = {r["messages"][0]["content"]: r for r in lines(out, "v1", "preferences/train.jsonl")}
    assert found[PAIRS[0][0]]["messages"] == turns(PAIRS[0][0], BETTER)
    assert found[PAIRS[0][0]]["rejected"] == [{"role": "assistant", "content": PAIRS[0][1]}]
    assert found[CONFLICT[0][0]]["messages"][1]["content"] == CONFLICT[0][1]
    assert found[CONFLICT[0][0]]["rejected"][0]["content"] == CONFLICT[1][1]
    for row in found.values():
        assert row["content_id"] == content_id(row["messages"], rejected=row["rejected"])
    export(out, to="trl-dpo")
    path = out / "exports" / "trl-dpo-v1" / "train.jsonl"
    dpo = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(dpo) == 3  # the row that is itself a preference comes once
    assert {r["chosen"][0]["content"] for r in dpo} == {BETTER, CONFLICT[0][1], PREFERENCE["rejected"]}


def test_the_hub_reads_both_configurations(told, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    out, _, _ = told
    freeze(out)
    folder = str(out / "versions" / "v1")
    for config, rows in (("default", 4), ("preferences", 3)):
        loaded = datasets.load_dataset(folder, config, cache_dir=str(tmp_path / "cache"))
        assert {k: v.num_rows for k, v in loaded.items()} == {"train": rows}


def test_a_changed_preference_file_is_refused(told) -> None:
    out, _, _ = told
    freeze(out)
    path = out / "versions" / "v1" / "preferences" / "train.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace(BETTER, "Never."), encoding="utf-8")
    with pytest.raises(VersionError, match="changed after freezing"):
        open_version(out).verify()


def test_a_record_cut_short_after_a_freeze_is_refused(told) -> None:
    import sqlite3

    out, people, _ = told
    freeze(out)
    people.store.close()
    plain = sqlite3.connect(out / "review.db")
    plain.execute("DROP TRIGGER event_stays")
    plain.execute("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)")
    plain.commit()
    plain.close()
    with pytest.raises(WorkspaceError, match="does not hold"):
        freeze(out)
    people.store = Store.open(out / "review.db")


def test_a_settled_dispute_is_frozen_and_a_later_rejection_takes_it_out(told, data) -> None:
    out, people, rows = told
    office = Office(people.store, Person("ada", "adjudicator"))
    content = people.contents[rows[2]]
    office.adjudicate(rows[2], content, "approve", SEEN, shown_id=content)
    assert freeze(out).rows == 5
    curate(data, out)
    people.queue()
    people.store.append_many([], actor="ana")
    office.adjudicate(
        rows[0],
        people.contents[rows[0]],
        "reject",
        Shown(SEEN.painted_at, 9, "key", key="k2"),
        shown_id=people.contents[rows[0]],
        reason="other",
    )
    curate(data, out)
    assert rows[0] not in Ledger.open(out).kept().to_pylist()
    assert rows[0] not in {r["row_id"] for r in lines(out, freeze(out).name)}


def test_a_file_with_new_lines_keeps_its_decisions(told, data) -> None:
    out, people, _ = told
    before = freeze(out)
    text = data.read_text(encoding="utf-8")
    new = {"prompt": "What is a llama?", "completion": "An animal of the Andes."}
    data.write_text(json.dumps(new) + "\n" + text, encoding="utf-8")
    curate(data, out)
    after = freeze(out)
    assert after.rows == before.rows
    kinds = ("messages", "rejected", "content_id")
    contents = [[{k: r.get(k) for k in kinds} for r in lines(out, v)] for v in ("v1", "v2")]
    assert contents[0] == contents[1]
    assert all(r.decided_on for r in manifest(out, "v2").rows if r.row_id not in people.contents)


def test_a_rule_leaves_what_people_decided(told) -> None:
    out, _, _ = told
    result = approve(out, where="true or review", actor="zoe")
    assert (result.approved, result.already, result.left_rejected, result.left_disputed) == (0, 4, 2, 1)


def test_the_row_tells_its_story(told, data) -> None:
    out, _, rows = told
    curate(data, out)
    with Store.reading(out / "review.db") as store:
        story = explain(
            out,
            rows[0],
            decisions=store.events,
            standing=store.current(),
            votes=store.votes(),
            editions=store.editions(),
        )
    text = story.text()
    assert BETTER in text
    assert [e["action"] for e in story.data["decisions"]] == ["edit", "approve"]
    assert story.data["standing"]["state"] == "approved"
    human = next(v for v in story.data["verdicts"] if v["step"] == "human")
    assert (human["action"], human["reason"]) == ("edit", "edited_by_reviewer")
