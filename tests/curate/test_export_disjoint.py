from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.export import export
from tuneset.curate.export.disjoint import Disjoint, question_key
from tuneset.review_app import approve, freeze
from tuneset.schemas.example import content_id


@pytest.fixture
def frozen(workspaces, tmp_path: Path):
    def build(rows: list[dict[str, Any]], splits: list[str]) -> Path:
        told = [
            workspaces.verdict(r["row_id"], "split", "assign", value=s)
            for r, s in zip(rows, splits, strict=True)
        ]
        out = workspaces.build(tmp_path / "w", rows, told)
        approve(out, where="true", actor="ana")
        freeze(out)
        return out

    return build


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_validation_row_that_train_holds_is_refused(workspaces, frozen) -> None:
    turns = workspaces.turns
    system = {"role": "system", "content": "Be brief."}
    rows = [
        workspaces.row(1, turns("Where is bay 4?", "North.")),
        workspaces.row(2, turns("Open on Sunday?", "No.")),
        workspaces.row(3, turns("Bad", "answer"), label=False),
        workspaces.row(4, turns("where  is BAY 4?", "In the north.")),  # the same question, normalised
        workspaces.row(5, [system, *turns("Where is bay 4?", "North.", "And 5?", "South.")]),
        workspaces.row(6, turns("Where is bay 5?", "North.")),
        workspaces.row(7, turns("Bad", "but better")),  # its train row was refused, so it may stay
    ]
    result = export(frozen(rows, ["train"] * 3 + ["validation"] * 4), to="openai")
    assert result.rows == {"train": 2, "validation": 2}
    assert result.refused == {"in_both_splits": 2, "negative_label": 1}
    folder = Path(result.folder)
    asked = [row["messages"][0]["content"] for row in _lines(folder / "validation.jsonl")]
    assert asked == ["Where is bay 5?", "Bad"]
    refused = [r for r in _lines(folder / "refused.jsonl") if r["reason"] == "in_both_splits"]
    assert [(r["row_id"].split(":")[1], r["split"], r["where"]) for r in refused] == [
        ("4", "validation", "messages"),
        ("5", "validation", "messages"),
    ]


def test_pairs_of_validation_are_held_against_train_too(workspaces, frozen) -> None:
    rejected = [{"role": "assistant", "content": "No idea."}]
    rows = [
        workspaces.row(1, workspaces.turns("Bay 4?", "North."), rejected=rejected),
        workspaces.row(2, workspaces.turns("Bay 4?", "It is north."), rejected=rejected),
        workspaces.row(3, workspaces.turns("Bay 5?", "South."), rejected=rejected),
    ]
    result = export(frozen(rows, ["train", "validation", "validation"]), to="trl-dpo")
    assert (result.rows, result.refused) == ({"train": 1, "validation": 1}, {"in_both_splits": 1})


def test_the_same_content_is_found_however_many_rows_there_are(workspaces) -> None:
    """Against sets of whole texts."""
    rng = random.Random(5)

    def record(number: int) -> dict[str, Any]:
        messages = workspaces.turns(f"q{number % 700}", f"a{number}")
        return {"messages": messages, "content_id": content_id(messages)}

    train = [record(rng.randrange(1000)) for _ in range(400)]
    held = [record(rng.randrange(1000)) for _ in range(400)]
    apart = Disjoint()
    for row in train:
        apart.add(row)
    ids = {row["content_id"] for row in train}
    questions = {row["messages"][0]["content"] for row in train}
    for row in held:
        found = apart.problem(row)
        expected = row["content_id"] in ids or row["messages"][0]["content"] in questions
        assert (found is not None) == expected
        if found is not None:
            assert found.where == ("content_id" if row["content_id"] in ids else "messages")


def test_rows_without_a_question_are_known_by_their_answers() -> None:
    def said(text: str) -> list[dict[str, Any]]:
        return [{"role": "system", "content": "s"}, {"role": "assistant", "content": text}]

    assert question_key(said("Hello there")) == question_key(said("hello  THERE"))
    assert question_key(said("hello")) != question_key(said("bye"))
    asked = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "x"}]
    assert question_key(said("hello")) != question_key(asked)
