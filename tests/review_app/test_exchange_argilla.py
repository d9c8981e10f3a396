"""The Argilla shape, against lines as argilla 2.8 writes them and, where it is installed, the package itself."""

from __future__ import annotations

import http.server
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.ledger import Ledger
from tuneset.review_app import export_decisions, import_decisions
from tuneset.review_app.store import Store
from tuneset.schemas.review import REJECT_REASONS

ANA, BOB, CEM, DAN = (f"{n * 8}-{n * 4}-{n * 4}-{n * 4}-{n * 12}" for n in "1234")


@pytest.fixture
def rows(story: Path) -> list[dict[str, str]]:
    return Ledger.open(story).content_ids().to_pylist()


def _write(path: Path, records: list[dict[str, Any]], *, lines: bool = False) -> Path:
    text = "".join(json.dumps(r) + "\n" for r in records) if lines else json.dumps(records)
    path.write_text(text, encoding="utf-8")
    return path


def _current(out: Path) -> dict[str, tuple]:
    with Store.reading(out / "review.db") as store:
        return {r["row_id"]: (r["action"], r["reason"], r["votes"]) for r in store.current().to_pylist()}


def _flat(row: dict[str, str], **answers: tuple[list, list, list]) -> dict[str, Any]:
    """As `to_list(flatten=True)` writes a record: fields and metadata beside `QUESTION.responses`."""
    record: dict[str, Any] = {"id": row["row_id"], "status": "pending", "_server_id": None, "chat": [], **row}
    for question, (values, users, statuses) in answers.items():
        record[f"{question}.responses"] = values
        record[f"{question}.responses.users"] = users
        record[f"{question}.responses.status"] = statuses
    record["edited_answer.suggestion"] = "a suggestion never counts"
    record["edited_answer.suggestion.score"] = None
    record["edited_answer.suggestion.agent"] = "present answer"
    return record


@pytest.mark.parametrize("lines", [False, True])
def test_submitted_responses_of_several_annotators_count(
    story: Path, rows, tmp_path: Path, lines: bool
) -> None:
    """Row 1: two approve, one discards, one drafts. Row 4: one rejects for two reasons, with a note."""
    first = _flat(
        rows[0],
        decision=(
            ["approve", "approve", "reject", "reject"],
            [ANA, BOB, CEM, DAN],
            ["submitted", "submitted", "discarded", "draft"],
        ),
        edited_answer=(
            ["Open Settings and choose Reset.", "Use the link."],
            [ANA, BOB],
            ["submitted", "submitted"],
        ),
    )
    second = _flat(
        rows[1],
        decision=(["reject"], [ANA], ["submitted"]),
        reason=([["poor_style", "unsafe"]], [ANA], ["submitted"]),
        note=(["see the <EMAIL>"], [ANA], ["submitted"]),
        edited_answer=(["Changed, and rejected."], [ANA], ["submitted"]),
    )
    empty = {**_flat(rows[2]), "decision.responses": None, "decision.responses.users": None}
    file = _write(tmp_path / "a.json", [first, second, empty], lines=lines)
    result = import_decisions(story, file, shape="argilla", importer="root", names={ANA: "ana", BOB: "bob"})
    assert result.problems == []
    assert (result.decisions, result.edits, result.edits_left) == (3, 1, 1)
    assert result.left == {"discarded": 1, "draft": 1, "undecided": 1}
    assert result.unit == ("line" if lines else "record")
    with Store.reading(story / "review.db") as store:
        votes = store.votes().to_pylist()
        (edition,) = store.editions().to_pylist()
        notes = [e.note for e in store.events() if e.note]
    told = {(v["row_id"], v["actor"]): v for v in votes}
    assert set(told) == {(rows[0]["row_id"], "ana"), (rows[0]["row_id"], "bob"), (rows[1]["row_id"], "ana")}
    assert told[rows[0]["row_id"], "ana"]["content_id"] == rows[0]["content_id"]  # the suggestion as it was
    assert json.loads(edition["payload"])["messages"][-1]["content"] == "Use the link."
    assert (edition["actor"], told[rows[0]["row_id"], "bob"]["content_id"]) == ("bob", edition["content_id"])
    rejected = told[rows[1]["row_id"], "ana"]
    assert rejected["reason"] == "unsafe"  # the first of the codes in their order
    assert json.loads(rejected["value"]) == {"labels": {"reasons": ["unsafe", "poor_style"]}}
    assert notes == ["see the <EMAIL>"]


def _nested(row: dict[str, str], user: str = ANA) -> dict[str, Any]:
    """As `records.to_json` writes a record: the responses do not say what was submitted."""
    return {
        "id": row["row_id"],
        "fields": {"chat": [{"role": "user", "content": "hi"}]},
        "metadata": row,
        "suggestions": {"decision": {"value": "reject", "score": 0.9, "agent": "a model"}},
        "responses": {"decision": [{"value": "approve", "user_id": user}]},
        "vectors": {},
        "status": "completed",
        "_server_id": "88888888-8888-8888-8888-888888888888",
    }


def test_responses_that_do_not_say_what_was_submitted_are_asked_about(
    story: Path, rows, tmp_path: Path
) -> None:
    file = _write(tmp_path / "a.json", [_nested(rows[0])])
    result = import_decisions(story, file, shape="argilla", importer="root")
    assert [(p.number, p.field, p.reason) for p in result.problems] == [(1, "responses", "no_status")]
    assert "to_datasets().to_json" in result.text()
    result = import_decisions(story, file, shape="argilla", importer="root", all_submitted=True)
    assert (result.decisions, _current(story)) == (1, {rows[0]["row_id"]: ("approve", None, 1)})


def test_the_servers_own_form_is_read(story: Path, rows, tmp_path: Path) -> None:
    record = {
        **_nested(rows[0]),
        "responses": [
            {"values": {"decision": {"value": "approve"}}, "status": "submitted", "user_id": ANA},
            {"values": None, "status": "discarded", "user_id": BOB},
        ],
    }
    result = import_decisions(story, _write(tmp_path / "a.json", [record]), shape="argilla", importer="root")
    assert (result.decisions, result.left) == (1, {"discarded": 1})
    with Store.reading(story / "review.db") as store:
        assert store.current()["actor"].to_pylist() == [f"argilla:{ANA}"]


S = ["submitted"]


@pytest.mark.parametrize(
    ("answers", "reason", "field"),
    [
        ({"note": (["hm"], [ANA], S)}, "no_decision", "decision"),
        ({"decision": (["perhaps"], [ANA], S)}, "unknown_action", "decision"),
        (
            {"decision": (["reject"], [ANA], S), "reason": ([["ugly"]], [ANA], S)},
            "unknown_reason",
            "reason",
        ),
        (
            {"decision": (["approve"], [ANA], S), "reason": ([["unsafe"]], [ANA], S)},
            "reason_of_approval",
            "reason",
        ),
        ({"decision": ([["approve", "reject"]], [ANA], S)}, "two_decisions", "decision"),
        ({"decision": (["approve"], [None], S)}, "wrong_type", "responses"),
        ({"decision": (["approve"], [ANA, BOB], S)}, "wrong_type", "responses"),
        ({"decision": (["approve"], [ANA], ["pending"])}, "wrong_type", "responses"),
    ],
)
def test_bad_responses_are_named(story: Path, rows, tmp_path: Path, answers, reason, field) -> None:
    good = _flat(rows[1], decision=(["approve"], [ANA], S))
    file = _write(tmp_path / "a.json", [good, _flat(rows[0], **answers)])
    result = import_decisions(story, file, shape="argilla", importer="root")
    assert [(p.number, p.reason, p.field) for p in result.problems] == [(2, reason, field)]
    assert not result.stored


def test_what_argilla_would_refuse_is_left_out_and_what_it_shows_otherwise_is_told(
    workspaces, tmp_path: Path
) -> None:
    call = {
        "id": "c1",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"city":"Ulm"}'},
    }
    talk = [
        {"role": "user", "content": "Rain in Ulm?"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "content": "no rain", "tool_call_id": "c1"},
        {"role": "assistant", "content": "No.", "reasoning_content": "The tool says no."},
    ]
    rows = [
        workspaces.row(1, talk),
        workspaces.row(2, workspaces.turns("q", "x" * 20_001)),
        workspaces.row(3, workspaces.turns(*(["t"] * 502))),
        workspaces.row(4, [{"role": "user", "content": ""}]),
    ]
    out = workspaces.build(tmp_path / "o", rows, [])
    result = export_decisions(out, tmp_path / "a.json", shape="argilla")
    records = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert [r["id"] for r in records] == [rows[0]["row_id"], rows[3]["row_id"]]
    assert sorted(result.left_out.values()) == [1, 1]
    assert result.rows == 2
    turns = records[0]["fields"]["chat"]
    assert [t["role"] for t in turns] == ["user", "assistant", "tool", "assistant"]
    assert turns[1]["content"] == 'weather({"city":"Ulm"})'
    assert turns[2]["content"] == "[result of c1]\nno rain"
    assert turns[3]["content"] == "[reasoning]\nThe tool says no.\nNo."
    assert records[0]["suggestions"]["edited_answer"]["value"] == "No."
    assert records[1]["fields"]["chat"] == [{"role": "user", "content": "(empty)"}]
    assert records[1]["suggestions"] == {}
    assert len(result.notes) == 4
    assert rows[1]["row_id"] in result.text()


@pytest.fixture
def rg():
    """The argilla package, signed in at a server on the loopback that knows one user."""
    package = pytest.importorskip("argilla", reason="argilla is not installed: pip install argilla")

    class Me(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"id": ANA, "username": "ana", "role": "owner", "first_name": "a"}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Me)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    package.Argilla(api_url=f"http://127.0.0.1:{server.server_port}", api_key="key")
    yield package
    server.shutdown()
    server.server_close()


def test_the_package_reads_the_export_and_writes_what_is_read_back(story: Path, tmp_path: Path, rg) -> None:
    from argilla.records._io import GenericIO, HFDatasetsIO, JsonIO

    file = tmp_path / "queue.json"
    result = export_decisions(story, file, shape="argilla")
    settings = rg.Settings.from_json(result.files[1])
    settings.validate()
    questions = {q.name: q for q in settings.questions}
    assert list(questions) == ["decision", "reason", "edited_answer", "note"]
    assert questions["decision"].labels == ["approve", "reject"]
    assert questions["reason"].labels == list(REJECT_REASONS)
    assert [f.name for f in settings.fields if f.required] == ["chat"]
    records = JsonIO._records_from_json(str(file))
    assert [r.id for r in records] == [row["row_id"] for row in Ledger.open(story).content_ids().to_pylist()]
    for record in records:
        assert record.suggestions["edited_answer"].value == record.fields["chat"][-1]["content"]
        record.api_model()
    for user, status in ((ANA, "submitted"), (BOB, "discarded")):
        records[0].responses.add(rg.Response("decision", "approve", user_id=user, status=status))
        records[0].responses.add(rg.Response("edited_answer", "Use the link.", user_id=user, status=status))
    flat = tmp_path / "flat.json"
    flat.write_text(json.dumps(GenericIO.to_list(records, flatten=True), default=str))
    told = import_decisions(story, flat, shape="argilla", importer="root", names={ANA: "ana"})
    assert (told.decisions, told.edits, told.left) == (1, 1, {"discarded": 1, "undecided": 5})
    lines = tmp_path / "lines.jsonl"
    dataset = rg.Dataset(name="review", settings=settings)
    HFDatasetsIO.to_datasets(records, dataset).to_json(lines)
    told = import_decisions(story, lines, shape="argilla", importer="root", names={ANA: "ana"})
    assert (told.already, told.left, told.unit) == (1, {"discarded": 1, "undecided": 5}, "line")
    nested = tmp_path / "nested.json"
    JsonIO.to_json(records, nested)
    again = import_decisions(story, nested, shape="argilla", importer="root")
    assert again.reasons == {"no_status": 2}
