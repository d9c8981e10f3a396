"""Records for Argilla and tasks for Label Studio, read by their own packages and by tuneset."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tuneset.curate import curate
from tuneset.curate.export import TARGETS, export
from tuneset.curate.readers.shapes import shape_of
from tuneset.review_app import approve, freeze
from tuneset.schemas.providers import argilla, label_studio
from tuneset.schemas.providers.problems import problems

TOOL = {"type": "function", "function": {"name": "f", "parameters": {"enum": [None, 1]}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}


@pytest.fixture
def rows(workspaces) -> list[dict[str, Any]]:
    turns, row = workspaces.turns, workspaces.row
    tools = [
        {"role": "user", "content": "q \u2028 🚢", "name": "ana"},
        {"role": "assistant", "reasoning_content": "look", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "name": "f", "content": ""},
        {"role": "assistant", "content": "done", "weight": 0.5},
    ]
    return [
        row(1, turns("q", "a")),
        row(2, tools, tools=[TOOL]),
        row(3, turns("r", "b"), rejected=turns("", "c")[1:]),
        row(4, turns("s", "d"), label=False),
        row(5, turns("t", "e", "u", "f")),
        row(6, turns("long", "x" * 20_001)),
    ]


@pytest.fixture
def frozen(workspaces, tmp_path: Path, rows) -> Path:
    told = [
        workspaces.verdict(r["row_id"], "split", "assign", value="validation" if n == 4 else "train")
        for n, r in enumerate(rows)
    ]
    out = workspaces.build(tmp_path / "w", rows, told)
    approve(out, where="true", actor="ana")
    freeze(out)
    return out


def _read(folder: Path) -> list[dict[str, Any]]:
    return [
        v
        for name in ("train.json", "validation.json")
        for v in json.loads((folder / name).read_text("utf-8"))
    ]


@pytest.mark.parametrize(("to", "fits"), [("argilla", 5), ("label-studio", 6)])
def test_the_content_comes_back_whole(frozen: Path, tmp_path: Path, rows, to: str, fits: int) -> None:
    result = export(frozen, to=to)
    folder = Path(result.folder)
    assert result.rows == {"train": fits - 1, "validation": 1}
    assert result.refused == ({"turn_too_long": 1} if to == "argilla" else {})
    files = [str(folder / name) for name in ("train.json", "validation.json")]
    curate(files, out=tmp_path / "back", recipe={"steps": ["structure"]})
    table = pq.read_table(tmp_path / "back/rows.parquet", columns=["content_id", "meta"]).to_pylist()
    assert sorted(r["content_id"] for r in table) == sorted(r["content_id"] for r in rows[:fits])
    assert {json.loads(r["meta"])["row_id"] for r in table} == {r["row_id"] for r in rows[:fits]}
    for name in ("train.json", "validation.json"):
        data = (folder / name).read_bytes()
        told = {"rows": len(json.loads(data)), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        assert result.files[name] == told


def test_what_an_annotator_sees(frozen: Path, rows) -> None:
    records = _read(Path(export(frozen, to="argilla").folder))
    assert records[0]["id"] == rows[0]["row_id"]
    assert records[0]["fields"] == {
        "chat": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    }
    assert [t["content"] for t in records[1]["fields"]["chat"]] == [
        "q \u2028 🚢", '[reasoning]\nlook\nf({"a": 1})', "[result of c1]\n(empty)".removesuffix("\n(empty)"), "done",
    ]  # fmt: skip
    assert records[2]["fields"]["rejected"] == "assistant: c"
    tasks = _read(Path(export(frozen, to="label-studio").folder))
    assert tasks[0]["data"]["chat"] == [{"author": "user", "text": "q"}, {"author": "assistant", "text": "a"}]
    assert tasks[0]["predictions"][0]["result"][0]["value"] == {"text": ["a"]}
    assert json.loads(tasks[1]["data"]["row"])["messages"] == rows[1]["messages"]


def test_argillas_package_reads_records_and_settings(frozen: Path, rows) -> None:
    rg = pytest.importorskip("argilla", reason="not installed: pip install argilla")
    from argilla.records._io import JsonIO

    folder = Path(export(frozen, to="argilla").folder)
    server = _server()
    try:
        rg.Argilla(api_url=f"http://127.0.0.1:{server.server_port}", api_key="key")
        settings = rg.Settings.from_json(folder / "settings.json")
        settings.validate()
        fields = {field.name for field in settings.fields}
        records = JsonIO._records_from_json(str(folder / "train.json"))
        assert [r.id for r in records] == [r["row_id"] for r in rows[:4]]
        for record in records:
            assert set(record.fields) <= fields
            assert record.metadata["content_id"]
            record.api_model()
    finally:
        server.shutdown()
        server.server_close()


def _server() -> http.server.ThreadingHTTPServer:
    class Me(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(
                {"id": "00000000-0000-0000-0000-000000000001", "username": "ana", "role": "owner"}
            )
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Me)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_label_studios_package_takes_configuration_and_tasks(frozen: Path) -> None:
    pytest.importorskip("label_studio_sdk", reason="not installed: pip install label-studio-sdk")
    from label_studio_sdk.label_interface import LabelInterface

    folder = Path(export(frozen, to="label-studio").folder)
    config = LabelInterface((folder / "config.xml").read_text("utf-8"))
    config.validate()
    for task in _read(folder):
        assert config.validate_task({"data": task["data"]})
        for prediction in task["predictions"]:
            assert config.validate_prediction(prediction, return_errors=True) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"fields": {"chat": [{"role": "user", "content": "x" * 20_000}] * 500}}, None),
        ({"fields": {"chat": [{"role": "user", "content": "x" * 20_001}]}}, "turn_too_long"),
        ({"fields": {"chat": [{"role": "user", "content": ""}]}}, "turn_too_long"),
        ({"fields": {"chat": []}}, "too_many_turns"),
        ({"fields": {"chat": [{"role": "user", "content": "x"}] * 501}}, "too_many_turns"),
        ({"fields": {"chat": [{"role": "user", "content": "x"}], "other": "x"}}, "unknown_member"),
        ({"status": "done"}, "wrong_type"),
        ({"metadata": {"a": {"b": 1}}}, "wrong_type"),
    ],
)
def test_records(change: dict[str, Any], code: str | None) -> None:
    row = {"id": "a:1", "fields": {"chat": [{"role": "user", "content": "q"}]}, "_server_id": None, **change}
    found = [p.code for p in problems(argilla.Record, row)]
    assert found[:1] == ([code] if code else [])


def test_tasks() -> None:
    data = {"row_id": "a:1", "content_id": "0", "chat": [{"author": "user", "text": "q"}]}
    data["row"] = '{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}'
    assert problems(label_studio.Task, {"data": data}) == []
    assert [p.code for p in problems(label_studio.Task, {"data": {**data, "chat": []}})] == ["wrong_type"]
    assert [p.code for p in problems(label_studio.Task, {"predictions": []})] == ["missing_member"]
    for row, code in (("{}", "not_a_row"), (data["row"].replace("assistant", "user"), "no_assistant")):
        assert [p.code for p in problems(label_studio.Task, {"data": {**data, "row": row}})] == [code]
        record = {
            "id": "a:1",
            "fields": {"chat": [{"role": "user", "content": "q"}]},
            "metadata": {"row": row},
        }
        assert [p.code for p in problems(argilla.Record, record)] == [code]


@pytest.mark.parametrize(
    "row", [{"metadata": {"row": "hello", "content_id": "x"}}, {"data": {"row": "{}"}}, {"data": 1}]
)
def test_other_rows_are_not_taken_for_records(row: dict[str, Any]) -> None:
    shape = shape_of(row)
    assert shape is None or shape.name != "annotation_record"


def test_the_targets_keep_everything() -> None:
    for name in ("argilla", "label-studio"):
        assert TARGETS[name].kinds == {"chat", "preference", "label"}
