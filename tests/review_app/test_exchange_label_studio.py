"""The Label Studio shape, against exports as its documentation shows them and, where installed, its SDK."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.ledger import Ledger
from tuneset.review_app import export_decisions, import_decisions
from tuneset.review_app.store import Store
from tuneset.schemas.errors import InputError
from tuneset.schemas.review import REJECT_REASONS

EMAIL = {"id": 7, "email": "ana@example.org", "first_name": "Ana", "last_name": ""}


@pytest.fixture
def rows(story: Path) -> list[dict[str, str]]:
    return Ledger.open(story).content_ids().to_pylist()


def _choice(name: str, *values: str) -> dict[str, Any]:
    return {
        "value": {"choices": list(values)},
        "id": "gew3t9fgkg",
        "from_name": name,
        "to_name": "chat",
        "type": "choices",
        "origin": "manual",
    }


def _text(name: str, *values: str, origin: str = "manual") -> dict[str, Any]:
    return {
        "value": {"text": list(values)},
        "id": "qd1jIVAq1h",
        "from_name": name,
        "to_name": "chat",
        "type": "textarea",
        "origin": origin,
    }


def _annotation(*results: dict[str, Any], by: Any = 7, **more: Any) -> dict[str, Any]:
    """The members that an export of the Community edition has."""
    return {
        "id": 22,
        "completed_by": by,
        "result": list(results),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-01-30T02:40:43.893565Z",
        "updated_at": "2026-01-30T02:41:00.893578Z",
        "draft_created_at": "2026-01-30T02:40:42.917892Z",
        "lead_time": 8.65,
        "prediction": {},
        "result_count": 0,
        "unique_id": "3bc9da85-967f-47a1-bfa8-410206e54cf9",
        "import_id": None,
        "last_action": None,
        "task": 87,
        "project": 29,
        "updated_by": 1,
        "parent_prediction": None,
        "parent_annotation": None,
        "last_created_by": None,
        **more,
    }


def _task(row: dict[str, str], *annotations: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": 87,
        "annotations": list(annotations),
        "file_upload": "queue.json",
        "drafts": [],
        "predictions": [{"model_version": "m", "result": [_choice("decision", "reject")], "score": 0.9}],
        "data": {**row, "chat": [{"author": "user", "text": "hi"}]},
        "meta": {},
        "created_at": "2026-01-30T02:40:33.867975Z",
        "updated_at": "2026-01-30T02:40:43.923985Z",
        "inner_id": 1,
        "total_annotations": len(annotations),
        "cancelled_annotations": 0,
        "total_predictions": 1,
        **more,
    }


def _write(path: Path, tasks: list[dict[str, Any]], indent: int | None = None) -> Path:
    path.write_text(json.dumps(tasks, indent=indent), encoding="utf-8")
    return path


@pytest.mark.parametrize("indent", [None, 3])
def test_annotations_of_several_people_count(story: Path, rows, tmp_path: Path, indent: int | None) -> None:
    """Row 1: two approve (one unchanged, one with an edit). Row 4: one rejects, one skips. Others open."""
    tasks = [
        _task(
            rows[0],
            _annotation(
                _choice("decision", "approve"),
                _text("edited_answer", " Open Settings and choose Reset.\n", origin="prediction"),
            ),
            _annotation(
                _choice("decision", "approve"),
                _text("edited_answer", "Use the link.", origin="prediction-changed"),
                by=EMAIL,
            ),
        ),
        _task(
            rows[1],
            _annotation(
                _choice("decision", "reject"),
                _choice("reason", "other", "truncated"),
                _text("note", "first", "second"),
                _text("their_own_field", "passed over"),
                lead_time=None,
            ),
            _annotation(by=8, was_cancelled=True),
        ),
        _task(rows[2], drafts=[_annotation(_choice("decision", "approve"))]),
        _task(rows[3]),
    ]
    file = _write(tmp_path / "ls.json", tasks, indent)
    result = import_decisions(story, file, shape="label-studio", importer="root", names={"7": "bob"})
    assert result.problems == []
    assert (result.decisions, result.edits, result.unit) == (3, 1, "record")
    assert result.left == {"skipped": 1, "draft": 1, "undecided": 1}
    with Store.reading(story / "review.db") as store:
        votes = {(v["row_id"], v["actor"]): v for v in store.votes().to_pylist()}
        (edition,) = store.editions().to_pylist()
        notes = [e.note for e in store.events() if e.note]
    first, mail = votes[rows[0]["row_id"], "bob"], votes[rows[0]["row_id"], "ana@example.org"]
    assert (first["at"], first["dwell_ms"]) == ("2026-01-30T02:41:00.893Z", 8650)
    assert first["content_id"] == rows[0]["content_id"]
    assert mail["content_id"] == edition["content_id"]
    assert json.loads(edition["payload"])["messages"][-1]["content"] == "Use the link."
    rejected = votes[rows[1]["row_id"], "bob"]
    assert (rejected["reason"], rejected["dwell_ms"]) == ("truncated", None)
    assert json.loads(rejected["value"]) == {"labels": {"reasons": ["truncated", "other"]}}
    assert notes == ["first\nsecond"]


@pytest.mark.parametrize(
    ("annotation", "reason", "field"),
    [
        (_annotation(_text("note", "hm")), "no_decision", "decision"),
        (_annotation(_choice("decision", "Approve")), "unknown_action", "decision"),
        (_annotation(_choice("decision", "approve", "reject")), "two_decisions", "decision"),
        (_annotation(_choice("decision", "reject"), _choice("reason", "ugly")), "unknown_reason", "reason"),
        (_annotation(_choice("decision", "approve"), by=None), "wrong_type", "annotations.0"),
        ({"completed_by": 1}, "wrong_type", "annotations.0"),
        (["no annotation"], "wrong_type", "annotations.0"),
        (_annotation(_choice("decision", "approve"), updated_at="now"), "bad_time", "at"),
    ],
)
def test_bad_annotations_are_named(story: Path, rows, tmp_path: Path, annotation, reason, field) -> None:
    tasks = [_task(rows[1], _annotation(_choice("decision", "approve"))), _task(rows[0], annotation)]
    result = import_decisions(story, _write(tmp_path / "l.json", tasks), shape="label-studio")
    assert [(p.number, p.reason, p.field) for p in result.problems] == [(2, reason, field)]
    assert not result.stored


def test_a_task_of_something_else_is_named(story: Path, tmp_path: Path) -> None:
    tasks = [{"image": "x.png"}, _task({"image": "x.png"}, _annotation(_choice("decision", "approve")))]
    result = import_decisions(story, _write(tmp_path / "l.json", tasks), shape="label-studio")
    assert [(p.number, p.reason, p.field) for p in result.problems] == [
        (1, "missing_field", "data"),
        (2, "wrong_type", "row_id"),
        (2, "wrong_type", "content_id"),
    ]


def test_json_min_is_refused(story: Path, rows, tmp_path: Path) -> None:
    """As Label Studio writes JSON-MIN: no `data`, no skips."""
    task = {"id": 87, **rows[0], "decision": "approve", "annotator": 1, "annotation_id": 22, "lead_time": 8.6}
    with pytest.raises(InputError, match="JSON-MIN"):
        import_decisions(story, _write(tmp_path / "l.json", [task]), shape="label-studio")


def test_the_configuration_names_what_the_tasks_hold(story: Path, tmp_path: Path) -> None:
    result = export_decisions(story, tmp_path / "q.json", shape="label-studio")
    tasks = json.loads((tmp_path / "q.json").read_text("utf-8"))
    config = ET.fromstring(Path(result.files[1]).read_text("utf-8"))
    shown = {e.get("value", "")[1:] for e in config.iter() if e.tag in ("Paragraphs", "Text")}
    assert shown <= set(tasks[0]["data"])
    choices = {e.get("name"): [c.get("value") for c in e] for e in config.iter("Choices")}
    assert choices == {"decision": ["approve", "reject"], "reason": list(REJECT_REASONS)}
    names = {e.get("name") for e in config.iter() if e.get("name")}
    assert {e.get("toName") for e in config.iter() if e.get("toName")} == {"chat"}
    (prediction,) = tasks[0]["predictions"]
    (region,) = prediction["result"]
    assert region["from_name"] in names
    assert region["value"]["text"] == [tasks[0]["data"]["chat"][-1]["text"]]
    assert tasks[4]["data"]["rejected"] == "assistant: Yo"


def test_the_sdk_takes_configuration_tasks_and_predictions(story: Path, tmp_path: Path) -> None:
    pytest.importorskip("label_studio_sdk", reason="not installed: pip install label-studio-sdk")
    from label_studio_sdk.label_interface import LabelInterface

    result = export_decisions(story, tmp_path / "q.json", shape="label-studio")
    config = LabelInterface(Path(result.files[1]).read_text("utf-8"))
    config.validate()
    assert set(config._controls) == {"decision", "reason", "edited_answer", "note"}
    for task in json.loads((tmp_path / "q.json").read_text("utf-8")):
        assert config.validate_task({"data": task["data"]})
        for prediction in task["predictions"]:
            assert config.validate_prediction(prediction, return_errors=True) == []
    made = _annotation(_choice("decision", "reject"), _choice("reason", "unsafe"), _text("note", "no"))
    assert config.validate_annotation(made)
    assert not config.validate_annotation(_annotation(_choice("decision", "perhaps")))
