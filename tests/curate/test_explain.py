from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tuneset.cli.main import main
from tuneset.curate.explain import changed_turns, explain
from tuneset.review_app import approve, freeze
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.errors import RecipeError, WorkspaceError


@pytest.fixture
def ids(workspaces) -> dict[int, str]:
    return {n: workspaces.row(n, [])["row_id"] for n in range(1, 9)}


def test_a_dropped_row_names_its_step_sentence_and_partner(story: Path, workspaces, ids) -> None:
    told = explain(story, "faq.jsonl:2").data
    assert (told["row_id"], told["source"]) == (ids[2], {"file": "faq.jsonl", "row": 2})
    assert (told["state"], told["dropped_by"], told["reason"]) == (
        "dropped",
        "near_duplicate",
        "near_duplicate",
    )
    assert [v["step"] for v in told["verdicts"]] == ["defects", "language", "near_duplicate"]
    last = told["verdicts"][-1]
    assert (last["score"], last["sentence"]) == (0.91, "prompt and answer nearly repeat a kept row")
    assert last["related"] == {
        "row_id": ids[1],
        "source": {"file": "faq.jsonl", "row": 1},
        "messages": workspaces.turns("How do I reset my password?", "Open Settings and choose Reset."),
    }


def test_a_kept_row_names_the_rows_it_stands_for(story: Path, ids) -> None:
    told = explain(story, ids[1]).data
    stands_for = {v["step"]: v["stands_for"] for v in told["verdicts"] if v["stands_for"]}
    assert stands_for == {"near_duplicate": [{"row_id": ids[2], "reason": "near_duplicate", "score": 0.91}]}
    assert told["labels"] == {"language": "en", "split": "train"}


def test_an_edit_is_told_as_old_and_new(story: Path, ids) -> None:
    told = explain(story, ids[4]).data
    (edited,) = [v for v in told["verdicts"] if "changes" in v]
    assert edited["step"] == "pii"
    assert edited["changes"] == [
        {
            "turn": 2,
            "before": {"role": "assistant", "content": "Write to ana@example.org today."},
            "after": {"role": "assistant", "content": "Write to <EMAIL> today."},
        }
    ]
    assert told["original"]["messages"][1]["content"] == "Write to ana@example.org today."
    assert told["edited"][1]["content"] == "Write to <EMAIL> today."


def test_each_edit_is_told_against_the_one_before(workspaces, tmp_path: Path) -> None:
    row = workspaces.row(1, workspaces.turns("q", "one"))
    told = [workspaces.verdict(row["row_id"], s, "edit", reason="fixed") for s in ("s1", "s2")]
    edits = [
        {"row_id": row["row_id"], "step": "s1", "messages": workspaces.turns("q", "two")},
        {"row_id": row["row_id"], "step": "s2", "messages": workspaces.turns("q", "three")},
    ]
    out = workspaces.build(tmp_path / "o", [row], told, edits=edits)
    changes = [v["changes"][0] for v in explain(out, row["row_id"]).data["verdicts"]]
    assert [(c["before"]["content"], c["after"]["content"]) for c in changes] == [
        ("one", "two"),
        ("two", "three"),
    ]


def test_turns_that_come_and_go_are_told() -> None:
    a, b, c, d = ({"role": "user", "content": x} for x in "abcd")
    assert changed_turns([a, b, c], [a, c]) == [{"turn": 2, "before": b, "after": None}]
    assert changed_turns([a, c], [d, a, c]) == [{"turn": 1, "before": None, "after": d}]
    assert changed_turns([a, b, c], [a, d]) == [
        {"turn": 2, "before": b, "after": d},
        {"turn": 3, "before": c, "after": None},
    ]
    assert changed_turns([a], [a]) == []


def test_a_row_that_could_not_be_read_is_explained_too(story: Path) -> None:
    told = explain(story, "faq.jsonl:9")
    assert told.data == {
        "state": "quarantined",
        "file": "faq.jsonl",
        "row": 9,
        "line": 9,
        "reason": "not_json",
        "text": '{"messages": [',
    }
    assert told.text().startswith("faq.jsonl, row 9: quarantined")
    assert '{"messages": [' in told.text()


def test_bytes_that_are_no_text_are_shown_as_base64(workspaces, tmp_path: Path) -> None:
    lost = {"file": "a/b.jsonl", "row": 3, "line": 4, "reason": "not UTF-8 (byte 0xff)", "base64": "/w=="}
    out = workspaces.build(tmp_path / "o", [], [], quarantine=[lost])
    text = explain(out, "b.jsonl:3").text()
    assert "a/b.jsonl, row 3, line 4" in text
    assert "/w==" in text


def test_decisions_say_whether_they_stand_and_on_which_content(story: Path, ids) -> None:
    approve(story, where="edited", actor="ana")
    with Store.open(story / "review.db") as store:
        store.append_many([Draft("reject", ids[4], "0" * 32, reason="tone")], actor="ben")
        store.append_many([Draft("undo", ids[4], "0" * 32, supersedes=2)], actor="ben")
        told = explain(story, ids[4], decisions=store.events).data["decisions"]
    assert [(e["seq"], e["action"], e["actor"], e["stands"], e["same_content"]) for e in told] == [
        (1, "approve", "ana", True, True),
        (2, "reject", "ben", False, False),
        (3, "undo", "ben", False, False),
    ]


def _model(out: Path, run: str, data: dict[str, Any]) -> None:
    folder = out / "models" / run
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"run": run, "data": data}))


def test_versions_models_and_evaluations_are_told(story: Path, ids) -> None:
    approve(story, where="true", actor="ana")
    freeze(story)
    approve(story, where="true or review", actor="ana")
    freeze(story)
    _model(story, "run1", {"version": "v1", "row_ids": [ids[1], ids[4]], "splits": {}})
    left_out = {"splits": {"train": {"left_out": {"label_false": [ids[8]]}}}}
    _model(story, "run2", {"version": "v2", "row_ids": [ids[1]], **left_out})
    _model(story, "odd", {"version": "v9", "row_ids": [ids[8]]})
    folder = story / "evals" / "run1"
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text("{}")
    record = {"row_id": ids[7], "reference": "Hello", "base_answer": "Yo", "tuned_answer": "Hello",
              "scores": {"exact_match": {"base": 0.0, "tuned": 1.0}}}  # fmt: skip
    other = {"row_id": ids[5], "prompt": f"not about {ids[7]}"}
    (folder / "results.jsonl").write_text(f"{json.dumps(other)}\n{json.dumps(record)}\n")
    unfinished = story / "evals" / "run9"
    unfinished.mkdir()
    (unfinished / "results.jsonl").write_text(json.dumps(record) + "\n")

    told = explain(story, ids[8]).data
    assert [
        (v["version"], v["split"], v["decision"], v["actor"], v["same_content"]) for v in told["versions"]
    ] == [
        ("v1", "train", 5, "ana", True),
        ("v2", "train", 5, "ana", True),
    ]
    assert told["models"] == [
        {"run": "run1", "version": "v1", "trained": False, "left_out": None},
        {"run": "run2", "version": "v2", "trained": False, "left_out": "label_false"},
    ]
    assert explain(story, ids[1]).data["models"][0]["trained"] is True
    assert explain(story, ids[7]).data["evaluations"] == [{"run": "run1", **record}]
    text = explain(story, ids[7]).text()
    assert "run1: exact_match 0.0 -> 1.0" in text
    assert "v2: test; approved by ana (rule: true), decision #4" in text
    assert explain(story, ids[6]).data["versions"][0]["version"] == "v2"


def test_the_text_is_the_readable_story(story: Path, capsys) -> None:
    assert main(["explain", str(story), "faq.jsonl:2"]) == 0
    assert (
        capsys.readouterr().out
        == f"""\
faq.jsonl, row 2  ({_id(story, 2)})
dropped by near_duplicate: near_duplicate

read
  1 user      How do I reset my password??
  2 assistant Open Settings and choose Reset!
  meta        task: faq

steps
  defects         keep
  language        assign  en  score 0.99
  near_duplicate  drop    near_duplicate  score 0.91
    prompt and answer nearly repeat a kept row
    partner: faq.jsonl, row 1  ({_id(story, 1)})
    this row                                       | partner
    -----------------------------------------------+-----------------------------------------------
    How do I reset my password??                   | How do I reset my password?
    -----------------------------------------------+-----------------------------------------------
    Open Settings and choose Reset!                | Open Settings and choose Reset.
"""
    )


def _id(out: Path, n: int) -> str:
    return explain(out, f"faq.jsonl:{n}").data["row_id"]


def test_texts_are_shortened_and_cannot_act_on_the_terminal(workspaces, tmp_path: Path) -> None:
    turns = workspaces.turns("\x1b[31mred\u202e", "y" * 5000)
    turns[1]["reasoning_content"] = "hmm"
    turns[1]["tool_calls"] = [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    row = workspaces.row(1, turns, label=True, tools=[{"type": "function"}], file="a\x1b.jsonl")
    told = [
        workspaces.verdict(row["row_id"], "s", "drop", reason="bad", related_id="bench\x1b:1", detail="\x07")
    ]
    out = workspaces.build(tmp_path / "o", [row], told)
    text = explain(out, row["row_id"]).text()
    assert "\x1b" not in text
    assert "\x07" not in text
    assert r"\x1b[31mred\u202e" in text
    assert "600 shown" in text
    assert "good answer" in text
    assert r"partner: bench\x1b:1" in text
    assert len(explain(out, row["row_id"]).data["original"]["messages"][1]["content"]) == 5000


def test_the_verb_prints_one_json_object(story: Path, capsys) -> None:
    approve(story, where="true", actor="ana")
    assert main(["explain", str(story), "faq.jsonl:1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["decisions"][0]["actor"] == "ana"
    assert main(["explain", str(story), "faq.jsonl:77"]) == 2
    assert "no row 'faq.jsonl:77'" in capsys.readouterr().err


def test_unknown_rows_and_folders_are_refused(story: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError):
        explain(story, "other.jsonl:9")
    with pytest.raises(WorkspaceError):
        explain(tmp_path, "x")
