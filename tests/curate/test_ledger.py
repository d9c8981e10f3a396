from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tuneset.curate.contents import ParquetRows
from tuneset.curate.ledger import Ledger
from tuneset.schemas.errors import RecipeError, WorkspaceError
from tuneset.schemas.example import Example, content_id


@pytest.fixture
def ids(workspaces) -> dict[int, str]:
    return {n: workspaces.row(n, [])["row_id"] for n in range(1, 9)}


def test_counts_and_funnel_are_the_hand_worked_ones(story: Path) -> None:
    ledger = Ledger.open(story)
    assert ledger.counts() == {
        "rows_in": 9, "rows": 8, "quarantined": 1, "kept": 6, "dropped": 2, "review": 1, "edited": 1,
    }  # fmt: skip
    funnel = [(s.step, s.rows_in, s.kept, s.dropped, s.review, s.edited, s.assigned) for s in ledger.funnel()]
    assert funnel == [
        ("defects", 8, 7, 1, 0, 0, 0),
        ("language", 7, 7, 0, 0, 0, 7),
        ("near_duplicate", 7, 6, 1, 0, 0, 0),
        ("pii", 6, 6, 0, 0, 1, 0),
        ("quality", 6, 6, 0, 1, 0, 0),
        ("split", 6, 6, 0, 0, 0, 6),
    ]


def test_states_name_the_step_and_the_reason(story: Path, ids) -> None:
    states = Ledger.open(story).states.to_pylist()
    assert [s["row_id"] for s in states] == [ids[n] for n in range(1, 9)]
    by_row = {s.pop("row_id"): s for s in states}
    kept = {"state": "kept", "dropped_by": None, "reason": None, "review": False}
    assert by_row[ids[1]] == kept
    assert by_row[ids[6]] == {**kept, "review": True}
    assert by_row[ids[2]] == {
        "state": "dropped", "dropped_by": "near_duplicate", "reason": "near_duplicate", "review": False,
    }  # fmt: skip
    assert by_row[ids[3]]["reason"] == "refusal"


def test_kept_and_dropped_share_the_rows(story: Path, ids) -> None:
    ledger = Ledger.open(story)
    assert ledger.kept().to_pylist() == [ids[n] for n in (1, 4, 5, 6, 7, 8)]
    assert ledger.dropped().to_pylist() == [ids[2], ids[3]]


def test_a_row_that_was_flagged_and_then_dropped_is_not_for_review(workspaces, tmp_path: Path) -> None:
    row = workspaces.row(1, workspaces.turns("a", "b"))
    told = [
        workspaces.verdict(row["row_id"], "one", "review", reason="odd"),
        workspaces.verdict(row["row_id"], "two", "drop", reason="bad"),
    ]
    ledger = Ledger.open(workspaces.build(tmp_path / "o", [row], told))
    assert ledger.states.to_pylist()[0]["review"] is False


def test_labels_hold_values_and_scores_by_step(story: Path, ids) -> None:
    labels = Ledger.open(story).labels()
    assert labels.column_names == ["row_id", "language", "quality", "split"]
    by_row = {r.pop("row_id"): r for r in labels.to_pylist()}
    assert by_row[ids[5]] == {"language": "fr", "quality": 0.85, "split": "validation"}
    assert by_row[ids[8]] == {"language": "en", "quality": 0.1, "split": "train"}
    assert Ledger.open(story).label("language", "score").to_pylist() == [0.99] * 6


def test_a_row_comes_as_read_or_with_its_edits(story: Path, ids) -> None:
    ledger = Ledger.open(story)
    original, edited = ledger.row(ids[4]), ledger.row(ids[4], edited=True)
    assert original["messages"][1] == {"role": "assistant", "content": "Write to ana@example.org today."}
    assert edited["messages"][1] == {"role": "assistant", "content": "Write to <EMAIL> today."}
    assert edited["content_id"] == content_id(edited["messages"]) != original["content_id"]
    assert original["meta"] == {"task": "contact", "n": "3"}
    assert ledger.row(ids[1], edited=True) == ledger.row(ids[1])
    Example.model_validate(edited)


def test_content_streams_kept_rows_with_edits(story: Path, ids) -> None:
    ledger = Ledger.open(story)
    table = pa.concat_tables(ledger.content())
    assert table["row_id"].to_pylist() == [ids[n] for n in (1, 4, 5, 6, 7, 8)]
    assert table["messages"].to_pylist()[1][1]["content"] == "Write to <EMAIL> today."
    some = pa.concat_tables(ledger.content(pa.array([ids[8], ids[2], ids[4]])))
    assert some["row_id"].to_pylist() == [ids[4], ids[8]]


def test_content_ids_are_of_the_edited_content(story: Path) -> None:
    ledger = Ledger.open(story)
    told = dict(zip(*ledger.content_ids().to_pydict().values(), strict=True))
    for row_id in ledger.kept().to_pylist():
        row = ledger.row(row_id, edited=True)
        expected = content_id(row["messages"], rejected=row["rejected"], label=row["label"])
        assert told[row_id] == expected


def test_the_last_edit_in_step_order_counts(workspaces, tmp_path: Path) -> None:
    """Three edit steps over 50 rows in small row groups, against a plain dictionary."""
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", f"a{n}")) for n in range(1, 51)]
    told = [workspaces.verdict(r["row_id"], "s") for r in rows]
    edits, last = [], {r["row_id"]: f"a{i + 1}" for i, r in enumerate(rows)}
    for step, every in (("s1", 2), ("s2", 3), ("s3", 7)):
        for n in range(every, 51, every):
            text = f"{step}-{n}"
            last[rows[n - 1]["row_id"]] = text
            turns = workspaces.turns(f"q{n}", text)
            edits.append({"row_id": rows[n - 1]["row_id"], "step": step, "messages": turns})
    out = workspaces.build(tmp_path / "o", rows, told, edits=edits, row_group_size=4)
    ledger = Ledger.open(out)
    table = pa.concat_tables(ledger.content())
    got = {r["row_id"]: r["messages"][1]["content"] for r in table.to_pylist()}
    assert got == last
    assert {i: ledger.row(i, edited=True)["messages"][1]["content"] for i in last} == last
    assert [e["step"] for e in ledger.edits_of(rows[41]["row_id"])] == ["s1", "s2", "s3"]


def test_rows_by_position_come_in_the_order_asked_for(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"n": list(range(100))}), tmp_path / "t.parquet", row_group_size=7)
    asked = np.random.default_rng(3).integers(0, 100, 60)
    assert ParquetRows(tmp_path / "t.parquet").take(asked)["n"].to_pylist() == asked.tolist()
    assert ParquetRows(tmp_path / "t.parquet").take(np.array([], dtype=np.int64)).num_rows == 0


def test_verdicts_of_a_row_are_in_step_order(story: Path, ids) -> None:
    told = Ledger.open(story).verdicts_of(ids[2])
    assert [v["step"] for v in told] == ["defects", "language", "near_duplicate"]
    assert told[-1]["related_id"] == ids[1]


def test_examples_are_the_same_each_time(workspaces, tmp_path: Path) -> None:
    rows = [workspaces.row(n, workspaces.turns(f"q{n}", "a")) for n in range(1, 41)]
    told = [workspaces.verdict(r["row_id"], "s", "drop", reason="bad") for r in rows]
    out = workspaces.build(tmp_path / "o", rows, told)
    first = [e["row_id"] for e in Ledger.open(out).examples("bad", 5)]
    assert len(set(first)) == 5
    assert first == [e["row_id"] for e in Ledger.open(out).examples("bad", 5)]
    assert len(Ledger.open(out).examples("bad", 100)) == 40
    assert Ledger.open(out).examples("never") == []
    assert Ledger.open(out).examples("bad", 1)[0]["row"]["messages"][1]["content"] == "a"


@pytest.mark.parametrize("text", ["faq.jsonl:6", "{prefix}:6", "{short}:6"])
def test_a_row_is_found_by_what_a_person_types(story: Path, ids, text: str) -> None:
    prefix = ids[6].split(":")[0]
    assert Ledger.open(story).resolve(text.format(prefix=prefix, short=prefix[:4])) == ids[6]


def test_a_file_in_a_folder_is_found_by_its_last_parts(workspaces, tmp_path: Path) -> None:
    rows = [
        workspaces.row(1, workspaces.turns("a", "b"), file="data/one/faq.jsonl"),
        workspaces.row(1, workspaces.turns("a", "c"), file="data/two/faq.jsonl"),
    ]
    out = workspaces.build(tmp_path / "o", rows, [workspaces.verdict(r["row_id"], "s") for r in rows])
    ledger = Ledger.open(out)
    assert ledger.resolve("two/faq.jsonl:1") == rows[1]["row_id"]
    assert ledger.resolve(rows[0]["row_id"][:5]) == rows[0]["row_id"]
    with pytest.raises(RecipeError, match="means 2 rows"):
        ledger.resolve("faq.jsonl:1")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("faq.json:1", "did you mean 'faq.jsonl'"),
        ("faq.jsonl:9", "quarantine.jsonl"),
        ("zzzz", "FILE:ROW"),
        ("", "FILE:ROW"),
    ],
)
def test_an_unknown_row_says_what_was_near(story: Path, text: str, says: str) -> None:
    with pytest.raises(RecipeError) as error:
        Ledger.open(story).resolve(text)
    assert says in error.value.fix
    assert repr(text) in error.value.what


def test_to_pandas_and_to_datasets_agree_with_the_table(story: Path, ids) -> None:
    ledger = Ledger.open(story)
    frame = ledger.to_pandas().set_index("row_id")
    assert frame.index.tolist() == [ids[n] for n in (1, 4, 5, 6, 7, 8)]
    assert frame.loc[ids[5], "split"] == "validation"
    assert frame.loc[ids[4], "messages"][1] == {"role": "assistant", "content": "Write to <EMAIL> today."}
    assert frame.loc[ids[1], "meta"] == {"task": "faq", "n": 3}
    data = ledger.to_datasets()
    assert data["row_id"][:] == ledger.kept().to_pylist()
    assert data[1]["messages"][1]["content"] == "Write to <EMAIL> today."
    assert data[2]["language"] == "fr"
    assert json.loads(data[0]["meta"]) == {"task": "faq", "n": 3}


def test_an_empty_run_answers_too(workspaces, tmp_path: Path) -> None:
    ledger = Ledger.open(workspaces.build(tmp_path / "o", [], []))
    assert ledger.states.num_rows == 0
    assert ledger.labels().column_names == ["row_id"]
    assert len(ledger.to_datasets()) == 0
    assert list(ledger.to_pandas().columns)[:3] == ["row_id", "content_id", "messages"]
    assert ledger.content_ids().num_rows == 0
    with pytest.raises(RecipeError, match="no row"):
        ledger.resolve("a:1")


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no finished run"):
        Ledger.open(tmp_path)
    (tmp_path / "run.json").write_text('{"rows": 1}')
    with pytest.raises(WorkspaceError, match="wrong member"):
        Ledger.open(tmp_path)
