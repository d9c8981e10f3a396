"""What is known of one row: its turns with edits, tokens, facts apart from scores, near rows."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tuneset.curate import curate
from tuneset.curate.contents import ParquetRows
from tuneset.curate.ledger import Ledger
from tuneset.review_app.content import Near, Reading
from tuneset.review_app.facts import Fact, Score, facts_of
from tuneset.review_app.search import Search, snippet
from tuneset.schemas.errors import RecipeError, WorkspaceError


@pytest.fixture
def ids(workspaces):
    return {n: workspaces.row(n, [])["row_id"] for n in range(1, 9)}


def test_an_edited_row_is_shown_as_edited_with_its_original(story, ids, workspaces):
    shown = Reading(Ledger.open(story)).content(ids[4])
    edited = workspaces.turns("Who do I ask?", "Write to <EMAIL> today.")
    assert shown.messages == edited
    assert shown.original == workspaces.turns("Who do I ask?", "Write to ana@example.org today.")
    assert shown.content_id == workspaces.row(4, edited)["content_id"]
    assert (shown.file, shown.line, shown.meta) == ("faq.jsonl", 4, {"task": "contact", "n": "3"})


def test_tokens_are_estimated_and_say_so(story, ids):
    shown = Reading(Ledger.open(story)).content(ids[1])
    assert shown.original is None
    assert shown.tokens.by_turn == (7, 8)  # 27 and 31 bytes, a quarter of each, rounded up
    assert shown.tokens.count == 15  # 58 bytes
    assert shown.tokens.how.startswith("estimate")


def test_facts_hold_no_score_and_scores_wait(story, ids):
    shown = Reading(Ledger.open(story)).content(ids[6])
    assert shown.language == "en"
    assert shown.facts == (
        Fact("defects", "keep", None, None, None, None),
        Fact("language", "assign", None, None, "en", None),
        Fact("near_duplicate", "keep", None, None, None, None),
        Fact("pii", "keep", None, None, None, None),
        Fact("split", "assign", None, None, "train", None),
    )
    assert shown.scores == (
        Score("language", 0.99, (), None),
        Score("quality", 0.52, (), "the quality score is near the limit"),
    )


def test_what_told_a_score_is_in_words():
    detail = json.dumps({"model": "m", "why": [["the answer breaks off", -1.1], ["many words", 0.2]]})
    verdict = {
        "step": "quality",
        "action": "keep",
        "reason": None,
        "score": 0.4,
        "value": None,
        "detail": detail,
    }
    topic = {**verdict, "step": "topic", "value": "cats", "detail": '{"task": "code", "at": [1, 2]}'}
    facts, scores = facts_of([verdict, topic], {})
    assert scores[0].words == ("the answer breaks off (against it)", "many words (for it)")
    assert [(f.step, f.value, f.detail) for f in facts] == [("topic", "cats", "code")]


def test_near_rows_are_those_it_names_and_those_that_name_it(story, ids):
    reading = Reading(Ledger.open(story))
    assert reading.content(ids[1]).near == (Near(ids[2], "near_duplicate", 0.91, dropped=True),)
    assert reading.content(ids[2]).near == (Near(ids[1], "near_duplicate", 0.91, dropped=False),)
    assert reading.content(ids[5]).near == ()


def test_a_benchmark_item_is_no_near_row(workspaces, tmp_path):
    row = workspaces.row(1, workspaces.turns("q", "a"))
    told = [workspaces.verdict(row["row_id"], "near_duplicate", related_id="bench:3", score=0.6)]
    out = workspaces.build(tmp_path / "out", [row], told)
    assert Reading(Ledger.open(out)).content(row["row_id"]).near == ()


def test_many_rows_come_in_the_order_asked_for_and_a_strange_one_is_named(story, ids):
    reading = Reading(Ledger.open(story))
    assert [c.row_id for c in reading.contents([ids[7], ids[1], ids[7]])] == [ids[7], ids[1], ids[7]]
    with pytest.raises(WorkspaceError, match="no row 'x:1'"):
        reading.content("x:1")


def test_threads_share_a_reading(workspaces, tmp_path):
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", f"a{n}")) for n in range(1, 101)]
    told = [workspaces.verdict(r["row_id"], "own", reason=f"r{i}") for i, r in enumerate(rows)]
    out = workspaces.build(tmp_path / "out", rows, told, row_group_size=7)
    reading = Reading(Ledger.open(out))
    with ThreadPoolExecutor(8) as pool:
        shown = list(pool.map(reading.content, [r["row_id"] for r in rows] * 3))
    assert [c.messages for c in shown] == [r["messages"] for r in rows] * 3
    assert [c.facts[0].reason for c in shown] == [f"r{i}" for i in range(100)] * 3


def test_row_groups_in_memory_are_bounded(workspaces, tmp_path):
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", "a" * 1000)) for n in range(1, 51)]
    out = workspaces.build(tmp_path / "out", rows, [], row_group_size=5)
    few = ParquetRows(out / "rows.parquet", most_bytes=15_000)

    asked = np.random.default_rng(1).integers(0, 50, 200)
    for position in asked:
        assert few.take(np.array([position]))["row_id"].to_pylist() == [rows[position]["row_id"]]
        assert sum(group.nbytes for group in few._groups.values()) <= 15_000


def test_text_is_found_in_any_case_and_never_as_a_pattern(workspaces, tmp_path):
    call = {"id": "c", "type": "function", "function": {"name": "find", "arguments": '{"q": "Zebra"}'}}
    tool = {"role": "tool", "content": "none", "tool_call_id": "c"}
    turns = workspaces.turns
    rows = [
        workspaces.row(1, turns("Is 2.5 more than 2?", "YES, it is.")),
        workspaces.row(2, [*turns("animals", "")[:1], {"role": "assistant", "tool_calls": [call]}, tool]),
        workspaces.row(3, turns("ÄPFEL und Birnen", "ja"), rejected=turns("", "zebra crossing")[1:]),
        workspaces.row(4, turns("215 is a number", "indeed")),
    ]
    ids = [r["row_id"] for r in rows]
    out = workspaces.build(tmp_path / "out", rows, [workspaces.verdict(i, "own") for i in ids])
    search = Search(Ledger.open(out))

    def found(words, **more):
        return [ids.index(h.row_id) + 1 for h in search.text(words, **more).hits]

    assert found("yes, IT") == [1]
    assert found("2.5") == [1]  # a point is a point
    assert found("zebra") == [2, 3]
    assert found("äpfel") == [3]
    assert found("") == found("(") == []
    assert found("zebra", among=search.where("label == null and source.row >= 3")) == [3]
    limited = search.text("i", limit=2)
    assert len(limited.hits) == 2
    assert not limited.complete
    assert search.text("zebra", limit=2).complete


def test_dropped_rows_are_not_found_and_edits_are(story, ids):
    search = Search(Ledger.open(story))
    assert search.text("joke").hits == ()
    assert search.text("ana@example").hits == ()
    assert [h.row_id for h in search.text("<email>").hits] == [ids[4]]


def test_a_wrong_rule_is_told(story):
    with pytest.raises(RecipeError, match="unknown field 'langage'"):
        Search(Ledger.open(story)).where("langage == 'en'")


def test_a_snippet_shows_the_place():
    text = "x " * 100 + "the   needle\nhere" + " y" * 100
    shown = snippet([text], "NEEDLE")
    assert "the needle here" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert snippet(["needle"], "needle") == "needle"


def test_meaning_finds_what_the_words_do_not_say(workspaces, tmp_path):
    texts = ("How do I change my password?", "What do cats eat?", "Bake bread at 220 degrees.")
    rows = [workspaces.row(n, workspaces.turns(t, "Like this.")) for n, t in enumerate(texts, start=1)]
    out = workspaces.build(tmp_path / "out", rows, [workspaces.verdict(r["row_id"], "own") for r in rows])
    search, told = Search(Ledger.open(out)), []
    first = search.meaning("food for a kitten", progress=lambda done, all_: told.append((done, all_)))
    assert first.hits[0].row_id == rows[1]["row_id"]
    assert told == [(3, 3)]
    assert search.meaning("login credentials", limit=1).hits[0].row_id == rows[0]["row_id"]
    only = search.meaning("food for a kitten", among=search.where("source.row == 3"))
    assert [h.row_id for h in only.hits] == [rows[2]["row_id"]]


def test_meaning_uses_the_vectors_that_the_run_measured(tmp_path):
    texts = ("How do I change my password?", "What do cats eat?", "Bake bread at 220 degrees.")
    rows = [{"prompt": text, "completion": "Like this."} for text in texts]
    curate(rows, out=tmp_path / "out", recipe={"steps": ["topic"]})
    told = []
    search = Search(Ledger.open(tmp_path / "out"))
    found = search.meaning("food for a kitten", progress=lambda *d: told.append(d))
    assert told == []
    assert len(found.hits) >= 1
    shutil.rmtree(tmp_path / "out" / "measures")
    again = Search(Ledger.open(tmp_path / "out")).meaning(
        "food for a kitten", progress=lambda *d: told.append(d)
    )
    assert again == found
    assert told == [(3, 3)]
