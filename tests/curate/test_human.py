"""What people decided, applied to a run: hand-worked decisions on a few rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tuneset.curate import curate
from tuneset.curate.ledger import Ledger
from tuneset.curate.standing import Decided
from tuneset.curate.steps.human import Human
from tuneset.curate.testing import check_step, sample_batch
from tuneset.schemas.errors import RecipeError, WorkspaceError
from tuneset.schemas.example import canonical_json, content_id
from tuneset.schemas.review import DECISIONS, EDITIONS

FINAL = ("rows.parquet", "verdicts.parquet", "edits.parquet", "quarantine.jsonl", "tuneset.yaml")
STEPS = {"steps": ["structure", "exact_duplicate", "pii", "human", "split"]}
CITIES = ("France", "Italy", "Japan", "Kenya", "Peru", "Chad")
PAIRS = [(f"What is the capital of {c}?", f"I think it is the city of {c[::-1]}.") for c in CITIES]


def turns(prompt: str, answer: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]


def payload(messages, **more) -> dict[str, Any]:
    return {"messages": messages, "tools": None, "rejected": None, "label": None, **more}


def identity(content: dict[str, Any]) -> str:
    return content_id(content["messages"], **{n: content[n] for n in ("tools", "rejected", "label")})


class Record:
    """A record of decisions by hand: tables as the store gives them."""

    def __init__(self) -> None:
        self.decisions: list[dict[str, Any]] = []
        self.editions: list[dict[str, Any]] = []

    def decide(self, row: str, action: str, content: str, **more: Any) -> Record:
        told = {"seq": len(self.decisions) + 1, "actor": "ana", "at": "2026-11-01T00:00:00Z", "votes": 1}
        self.decisions = [d for d in self.decisions if d["row_id"] != row]
        shown = more.pop("shown", None)
        line = {**told, "row_id": row, "action": action, "content_id": content, "shown_id": shown, **more}
        self.decisions.append(line)
        return self

    def edit(self, row: str, parent: str, content: dict[str, Any]) -> str:
        new = identity(content)
        line = {"content_id": new, "row_id": row, "parent_id": parent, "actor": "ana", "at": "2026"}
        self.editions.append({**line, "payload": canonical_json(content)})
        self.decide(row, "approve", new, shown=parent)
        return new

    def tables(self) -> dict[str, Any]:
        return {
            "decisions": pa.Table.from_pylist(self.decisions, schema=DECISIONS),
            "editions": pa.Table.from_pylist(self.editions, schema=EDITIONS),
            "head": (len(self.decisions), "f" * 64),
        }


def write(path: Path, pairs=PAIRS) -> Path:
    lines = [json.dumps({"prompt": p, "completion": a}, ensure_ascii=False) + "\n" for p, a in pairs]
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write(tmp_path / "data.jsonl")


@pytest.fixture
def first(data: Path, tmp_path: Path) -> list[dict[str, Any]]:
    """The rows of a run before anybody decided."""
    curate(data, out=tmp_path / "out", recipe=STEPS)
    return rows_of(tmp_path / "out")


def rows_of(out: Path) -> list[dict[str, Any]]:
    ledger = Ledger.open(out)
    return [ledger.row(name, edited=True) for name in ledger.kept().to_pylist()]


def told(out: Path) -> dict[str, tuple[str, str | None, str | None]]:
    """row_id to action, reason and value of the step human."""
    columns = ["row_id", "action", "reason", "value"]
    lines = Ledger.open(out).step_verdicts("human", columns).to_pylist()
    return {v["row_id"]: (v["action"], v["reason"], v["value"]) for v in lines}


def hashes(out: Path) -> dict[str, str]:
    return {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in FINAL}


def decided(first) -> tuple[Record, dict[str, Any]]:
    """Row 1 approved, 2 edited, 3 rejected, 4 disputed, 5 decided on other content, 6 open."""
    ids = [(r["row_id"], r["content_id"]) for r in first]
    record = Record()
    record.decide(*ids[0][:1], "approve", ids[0][1])
    better = payload(turns(PAIRS[1][0], "It is Rome."))
    record.edit(*ids[1], better)
    record.decide(ids[2][0], "reject", ids[2][1], reason="wrong_answer", note="that is no city")
    record.decide(ids[3][0], "disputed", ids[3][1], votes=2)
    record.decide(ids[4][0], "approve", "0" * 32)
    return record, better


def test_each_kind_of_decision(first, data, tmp_path) -> None:
    record, better = decided(first)
    ids = [r["row_id"] for r in first]
    card = curate(data, out=tmp_path / "out", recipe=STEPS, **record.tables()).card
    assert told(tmp_path / "out") == {
        ids[0]: ("keep", None, "approved"),
        ids[1]: ("edit", "edited_by_reviewer", "approved"),
        ids[2]: ("drop", "rejected_by_reviewer", "rejected"),
        ids[3]: ("review", "reviewers_disagree", "disputed"),
        ids[4]: ("review", "changed_since_decision", "changed"),
        ids[5]: ("keep", None, None),
    }
    rows = {r["row_id"]: r for r in rows_of(tmp_path / "out")}
    assert set(rows) == {*ids} - {ids[2]}
    assert (rows[ids[1]]["messages"], rows[ids[1]]["content_id"]) == (better["messages"], identity(better))
    assert card.besides["human"] == {"events": 5, "hash": "f" * 64, "decisions": 5, "edits": 1}
    detail = next(
        json.loads(v["detail"])
        for v in Ledger.open(tmp_path / "out").verdicts_of(ids[2])
        if v["step"] == "human"
    )
    assert detail == {
        "decision": 3,
        "actor": "ana",
        "at": "2026-11-01T00:00:00Z",
        "reason": "wrong_answer",
        "note": "that is no city",
    }


def test_the_same_record_gives_the_same_bytes(first, data, tmp_path) -> None:
    record, _ = decided(first)
    out = tmp_path / "out"
    curate(data, out=out, recipe=STEPS, **record.tables())
    once = hashes(out)
    curate(data, out=out, recipe=STEPS, **record.tables())
    assert hashes(out) == once
    curate(data, out=tmp_path / "fresh", recipe=STEPS, **record.tables())
    assert hashes(tmp_path / "fresh") == once


def test_two_workers_give_the_same_bytes(first, data, tmp_path) -> None:
    record, _ = decided(first)
    for workers, rows in ((1, 2048), (2, 2)):
        out = tmp_path / f"w{workers}"
        curate(data, out=out, recipe=STEPS, workers=workers, batch_rows=rows, **record.tables())
    assert hashes(tmp_path / "w1") == hashes(tmp_path / "w2")


def test_without_decisions_the_step_is_left_out(data, tmp_path) -> None:
    card = curate(data, out=tmp_path / "out", recipe=STEPS, decisions=DECISIONS.empty_table()).card
    assert [s.step for s in card.steps] == ["structure", "exact_duplicate", "pii", "split"]


def test_decisions_on_the_edited_row_follow_its_edits(first, data, tmp_path) -> None:
    """Edited, curated, then approved again, edited again and rejected: the row still starts as it was read."""
    record, _ = decided(first)
    out, row = tmp_path / "out", first[1]
    curate(data, out=out, recipe=STEPS, **record.tables())
    shown = rows_of(out)[1]["content_id"]
    record.decide(row["row_id"], "approve", shown)
    curate(data, out=out, recipe=STEPS, **record.tables())
    assert told(out)[row["row_id"]] == ("edit", "edited_by_reviewer", "approved")
    again = payload(turns(PAIRS[1][0], "It is Rome, of course."))
    new = record.edit(row["row_id"], shown, again)
    curate(data, out=out, recipe=STEPS, **record.tables())
    assert rows_of(out)[1]["content_id"] == new
    record.decide(row["row_id"], "reject", new, reason="other")
    curate(data, out=out, recipe=STEPS, **record.tables())
    assert told(out)[row["row_id"]][1] == "rejected_by_reviewer"
    record.decide(row["row_id"], "approve", row["content_id"])
    curate(data, out=out, recipe=STEPS, **record.tables())
    assert rows_of(out)[1]["content_id"] == row["content_id"]


def test_moved_rows_are_known_by_their_content(first, tmp_path) -> None:
    record, better = decided(first)
    moved = write(tmp_path / "moved.jsonl", [("Something new?", "Something new indeed."), *PAIRS[::-1]])
    curate(moved, out=tmp_path / "other", recipe=STEPS, **record.tables())
    found = list(told(tmp_path / "other").values())
    open_ = ("keep", None, None)
    assert found == [
        open_,
        open_,
        open_,
        ("review", "reviewers_disagree", "disputed"),
        ("drop", "rejected_by_reviewer", "rejected"),
        ("edit", "edited_by_reviewer", "approved"),
        ("keep", None, "approved"),
    ]
    assert rows_of(tmp_path / "other")[-2]["content_id"] == identity(better)
    detail = json.loads(
        Ledger.open(tmp_path / "other").step_verdicts("human", ["detail"])["detail"][4].as_py()
    )
    assert detail["row"] == first[2]["row_id"]


def test_decisions_that_contradict_each_other_on_one_content_are_a_dispute(first, data, tmp_path) -> None:
    content = first[0]["content_id"]
    record = Record().decide("gone:1", "approve", content).decide("gone:2", "reject", content)
    curate(data, out=tmp_path / "out", recipe=STEPS, **record.tables())
    assert told(tmp_path / "out")[first[0]["row_id"]] == ("review", "reviewers_disagree", "disputed")
    record.decide(first[0]["row_id"], "approve", content)  # the row's own decision counts alone
    curate(data, out=tmp_path / "out", recipe=STEPS, **record.tables())
    assert told(tmp_path / "out")[first[0]["row_id"]] == ("keep", None, "approved")


def test_a_rule_yields_to_a_person_on_the_same_content(first, data, tmp_path) -> None:
    content = first[0]["content_id"]
    record = Record().decide("gone:1", "approve", content, rule="true").decide("gone:2", "reject", content)
    curate(data, out=tmp_path / "out", recipe=STEPS, **record.tables())
    assert told(tmp_path / "out")[first[0]["row_id"]] == ("drop", "rejected_by_reviewer", "rejected")


def test_two_edits_to_one_text_are_no_dispute(tmp_path) -> None:
    data = write(tmp_path / "d.jsonl", PAIRS[:2])
    curate(data, out=tmp_path / "out", recipe=STEPS)
    a, b = rows_of(tmp_path / "out")
    record, same = Record(), payload(turns("What is the capital?", "It depends on the country."))
    record.edit(a["row_id"], a["content_id"], same)
    record.edit(b["row_id"], b["content_id"], same)
    moved = write(tmp_path / "m.jsonl", PAIRS[:2][::-1])
    curate(moved, out=tmp_path / "out", recipe=STEPS, **record.tables())
    assert {r["content_id"] for r in rows_of(tmp_path / "out")} == {identity(same)}


def test_a_changed_recipe_sends_the_row_back_to_a_person(tmp_path) -> None:
    data = write(tmp_path / "d.jsonl", [("Who do I ask?", "Write to ana.maria@example.org today.")])
    out = tmp_path / "out"
    curate(data, out=out, recipe=STEPS)
    (row,) = rows_of(out)
    for action in ("approve", "reject"):
        record = Record().decide(row["row_id"], action, row["content_id"])
        plain = {"steps": ["structure", "human", "split"]}
        curate(data, out=out, recipe=plain, **record.tables())
        assert told(out)[row["row_id"]] == ("review", "changed_since_decision", "changed")


def test_an_edit_may_swap_the_answers_of_a_preference_row(tmp_path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps({"prompt": "Say hello", "chosen": "Yo", "rejected": "Hello, friend."}) + "\n")
    out = tmp_path / "out"
    curate(path, out=out, recipe=STEPS)
    (row,) = rows_of(out)
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"default": None}}}]
    new = payload(
        turns("Say hello", "Hello, friend."), tools=tools, rejected=[{"role": "assistant", "content": "Yo"}]
    )
    record = Record()
    record.edit(row["row_id"], row["content_id"], new)
    curate(path, out=out, recipe=STEPS, **record.tables())
    (after,) = rows_of(out)
    assert {name: after[name] for name in new} == new
    assert after["content_id"] == identity(new)


def test_a_tampered_edit_is_refused(first, data, tmp_path) -> None:
    record, _ = decided(first)
    record.editions[0]["payload"] = record.editions[0]["payload"].replace("Rome", "Milan")
    before = hashes(tmp_path / "out")
    with pytest.raises(WorkspaceError, match="not the one that was approved"):
        curate(data, out=tmp_path / "out", recipe=STEPS, **record.tables())
    assert hashes(tmp_path / "out") == before


def test_an_approval_whose_edit_is_not_in_the_record_is_not_applied(first, data, tmp_path) -> None:
    record, _ = decided(first)
    record.editions.clear()
    curate(data, out=tmp_path / "out", recipe=STEPS, **record.tables())
    assert told(tmp_path / "out")[first[1]["row_id"]] == ("review", "changed_since_decision", "changed")


def test_no_step_may_edit_after_people_decided() -> None:
    with pytest.raises(RecipeError, match="'pii' edits rows after the step 'human'"):
        curate([{"prompt": "q", "completion": "a"}], out="x", recipe={"steps": ["human", "pii"]})


def test_the_guard_rail_does_not_count_what_people_rejected(tmp_path) -> None:
    data = write(tmp_path / "d.jsonl", [(f"What is {i} + {i}?", f"{2 * i}") for i in range(200)])
    out = tmp_path / "out"
    curate(data, out=out, recipe=STEPS)
    record = Record()
    for row in rows_of(out)[:150]:
        record.decide(row["row_id"], "reject", row["content_id"])
    card = curate(data, out=out, recipe=STEPS, **record.tables()).card
    assert (card.kept, card.dropped) == (50, 150)


def test_of_two_near_duplicates_the_approved_one_stays(tmp_path) -> None:
    long = "The museum by the river opens at nine in the morning and closes at six in the evening"
    pairs = [("When does the museum by the river open?", f"{long}, every day."), *PAIRS]
    pairs.insert(1, ("When does the museum by the river open?", f"{long}, every day of the week."))
    recipe = {"steps": ["structure", "human", {"use": "near_duplicate", "same_meaning": "off"}, "split"]}
    data, out = write(tmp_path / "d.jsonl", pairs), tmp_path / "out"
    curate(data, out=out, recipe=recipe)
    ledger = Ledger.open(out)
    both = set(ledger.row_ids[:2].to_pylist())
    (lost,) = both - set(ledger.kept().to_pylist())
    record = Record().decide(lost, "approve", ledger.row(lost)["content_id"])
    curate(data, out=out, recipe=recipe, **record.tables())
    assert both & set(Ledger.open(out).kept().to_pylist()) == {lost}


def test_the_step_keeps_the_contract() -> None:
    batch = sample_batch()
    contents = batch.column("content_id").to_pylist()
    record = Record().decide("sample:1", "approve", contents[0]).decide("sample:3", "reject", contents[2])
    record.edit("sample:4", contents[3], payload(turns("Guten Morgen 👋🏽", "Good morning 👋🏽")))
    tables = record.tables()
    check_step(Human(Decided(tables["decisions"], tables["editions"])))
    check_step(Human())


def test_a_decided_row_waits_for_nobody(tmp_path) -> None:
    """`structure` asks about both rows; one was approved, so one is left."""
    asked = [("Q one?", "A one."), ("Q two?", "A two.")]
    lines = [
        {"messages": [{"role": "assistant", "content": "Hello."}, *turns(prompt, answer)]}
        for prompt, answer in asked
    ]
    data = tmp_path / "chats.jsonl"
    data.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    before = curate(data, out=tmp_path / "out", recipe=STEPS).card
    record = Record()
    row = rows_of(tmp_path / "out")[0]
    record.decide(row["row_id"], "approve", row["content_id"])
    after = curate(data, out=tmp_path / "out", recipe=STEPS, **record.tables()).card
    assert (before.review, after.review) == (2, 1)
