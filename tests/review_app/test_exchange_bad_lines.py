"""Every kind of problem is found, with its line, member and remedy, and refuses the whole file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tuneset.curate.ledger import Ledger
from tuneset.review_app import import_decisions
from tuneset.review_app.exchange.problems import REMEDIES
from tuneset.review_app.people import add_person, disable_person
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.errors import InputError, RecipeError

BAD: list[tuple[str, str, dict[str, Any] | str]] = [
    ("unknown_row", "row_id", {"row_id": "nowhere:1"}),
    ("dropped_row", "row_id", {"row_id": "DROPPED"}),
    ("other_content", "content_id", {"content_id": "f" * 32}),
    ("unknown_reason", "reason", {"action": "reject", "reason": "ugly"}),
    ("reason_of_approval", "reason", {"reason": "unsafe"}),
    ("unknown_actor", "actor", {"actor": "mallory"}),
    ("wrong_role", "actor", {"actor": "vic"}),
    ("wrong_role", "actor", {"actor": "dis"}),
    ("not_final", "final", {"final": True}),
    ("duplicate_line", "", {"row_id": "FIRST", "content_id": "FIRST"}),
    ("bad_time", "at", {"at": "2026-02-01 10:00"}),
    ("bad_time", "at", {"at": "yesterday"}),
    ("future_time", "at", {"at": "2999-01-01T00:00:00Z"}),
    ("edit_hash", "edited.content_id", {"edited": {"messages": "TURNS", "content_id": "0" * 32}}),
    ("wrong_type", "edited.messages.0.role", {"edited": {"messages": [{"role": "robot", "content": "x"}]}}),
    ("unknown_actor", "edited.actor", {"edited": {"messages": "TURNS", "actor": "mallory"}}),
    ("two_edits", "", {"edited": {"messages": "TURNS"}, "edited_answer": "x"}),
    ("wrong_type", "edited_answer", {"edited_answer": ""}),
    ("wrong_type", "action", {"action": "maybe"}),
    ("wrong_type", "dwell_ms", {"dwell_ms": -1}),
    ("wrong_type", "final", {"final": "yes"}),
    ("wrong_type", "answers.ratings.help", {"answers": {"ratings": {"help": "five"}}}),
    ("missing_field", "action", {"action": None, "DROP": "action"}),
    ("unknown_field", "reasn", {"reasn": "unsafe"}),
    ("unknown_kind", "kind", {"kind": "vote"}),
    ("unknown_kind", "kind", {"kind": ["decision"]}),
    ("bad_text", "note", {"note": "half \ud800"}),
    ("bad_text", "note", {"note": "nul \x00"}),
    ("bad_text", "edited_answer", {"edited_answer": "nul \x00"}),
    ("not_json", "", '{"row_id": '),
    ("not_json", "", '{"row_id": NaN}'),
    ("not_object", "", '["row_id"]'),
]


@pytest.fixture
def out(story: Path) -> Path:
    with Store.open(story / "review.db") as store:
        for name, role in (
            ("ana", "reviewer"),
            ("vic", "viewer"),
            ("dis", "reviewer"),
            ("ada", "adjudicator"),
        ):
            add_person(store, name, role, by="root")
        disable_person(store, "dis", by="root")
    return story


@pytest.fixture
def rows(out: Path) -> list[tuple[str, str]]:
    table = Ledger.open(out).content_ids()
    return list(zip(table["row_id"].to_pylist(), table["content_id"].to_pylist(), strict=True))


def _line(row: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"row_id": row[0], "content_id": row[1], "action": "approve", "actor": "ana", **more}


def _bad(told: dict[str, Any] | str, rows, workspaces) -> str:
    if isinstance(told, str):
        return told
    line = _line(rows[1]) | told
    line.pop(line.pop("DROP", ""), None)
    stand_ins = {
        "row_id": {"DROPPED": workspaces.row(2, [])["row_id"], "FIRST": rows[0][0]},
        "content_id": {"FIRST": rows[0][1]},
    }
    for member, names in stand_ins.items():
        line[member] = names.get(line[member], line[member])
    edited = line.get("edited")
    if edited and edited["messages"] == "TURNS":
        line["edited"] = {**edited, "messages": workspaces.turns("q", "an edit")}
    return json.dumps(line)


@pytest.mark.parametrize(("reason", "member", "told"), BAD)
def test_each_problem_is_named_and_refuses_the_file(
    out: Path, rows, workspaces, tmp_path: Path, reason: str, member: str, told
) -> None:
    good = [json.dumps(_line(rows[0])), json.dumps(_line(rows[2]))]
    file = tmp_path / "d.jsonl"
    file.write_text("\n".join([good[0], "", _bad(told, rows, workspaces), good[1]]), encoding="utf-8")
    before = _head(out)
    result = import_decisions(out, file, importer="root")
    assert [(p.number, p.reason, p.field) for p in result.problems] == [(3, reason, member)]
    assert (result.stored, result.bad, result.decisions) == (False, 1, 0)
    assert _head(out) == before
    told_text = result.text()
    assert "line 3" in told_text
    assert "fix: " in told_text
    assert "{" not in result.problems[0].remedy.replace("{...}", "")
    skipped = import_decisions(out, file, importer="root", skip_bad=True)
    assert (skipped.stored, skipped.bad, skipped.decisions) == (True, 1, 2)


def _head(out: Path):
    with Store.reading(out / "review.db") as store:
        return store.head()


PAIR = {"kind": "preference", "item_id": "p", "outcome": "a", "source": "conflict", "actor": "ana"}


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"rejected_row_id": "nowhere:1"}, ("unknown_row", "rejected_row_id")),
        ({"chosen_content_id": "f" * 32}, ("other_content", "chosen_content_id")),
        ({"rejected_content_id": None}, ("sides", "")),
        ({"outcome": "tie"}, ("sides", "")),
        ({"outcome": "c"}, ("wrong_type", "outcome")),
        ({"actor": "mallory"}, ("unknown_actor", "actor")),
        ({"row_id": "nowhere:1", "content_id": "c"}, ("unknown_row", "row_id")),
    ],
)
def test_problems_of_comparisons(out: Path, rows, tmp_path: Path, told, problem: tuple[str, str]) -> None:
    names = ("chosen_row_id", "chosen_content_id", "rejected_row_id", "rejected_content_id")
    line = PAIR | dict(zip(names, (*rows[0], *rows[1]), strict=True))
    file = tmp_path / "d.jsonl"
    file.write_text(json.dumps(line) + "\n" + json.dumps({**line, "item_id": "p2", **told}))
    result = import_decisions(out, file, importer="root")
    assert [(p.number, p.reason, p.field) for p in result.problems] == [(2, *problem)]
    file.write_text(json.dumps(line) + "\n" + json.dumps(line))
    assert import_decisions(out, file, importer="root").reasons == {"duplicate_line": 1}


def test_a_row_without_an_answer_takes_no_edit_of_it(workspaces, tmp_path: Path) -> None:
    question = [{"role": "user", "content": "Anyone?"}]
    out = workspaces.build(tmp_path / "o", [workspaces.row(1, question)], [])
    row = next(iter(Ledger.open(out).content_ids().to_pylist()))
    file = tmp_path / "d.jsonl"
    file.write_text(json.dumps({**row, "action": "approve", "edited_answer": "Me."}))
    result = import_decisions(out, file, importer="root")
    assert [(p.reason, p.field) for p in result.problems] == [("no_answer_turn", "edited_answer")]


def test_several_problems_of_a_line_are_told_at_once(out: Path, rows, tmp_path: Path) -> None:
    file = tmp_path / "d.jsonl"
    line = _line(rows[0], reason="ugly", action="reject", actor="mallory", at="2999-01-01T00:00:00Z")
    file.write_text(json.dumps(line | {"content_id": "f" * 32}))
    result = import_decisions(out, file, importer="root")
    assert [p.reason for p in result.problems] == [
        "other_content",
        "unknown_reason",
        "future_time",
        "unknown_actor",
    ]
    assert result.bad == 1


def test_names_are_mapped_to_the_records(out: Path, rows, tmp_path: Path) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text(json.dumps(_line(rows[0], actor="a.meyer@example.org")))
    assert not import_decisions(out, file, importer="root").stored
    result = import_decisions(out, file, importer="root", names={"a.meyer@example.org": "ana"})
    assert result.decisions == 1
    with Store.reading(out / "review.db") as store:
        assert store.current()["actor"].to_pylist() == ["ana"]


def test_who_decided_here_before_is_known(out: Path, rows, tmp_path: Path) -> None:
    """As the owner of the files, who approves by rules and is no line of the users."""
    file = tmp_path / "d.jsonl"
    file.write_text(json.dumps(_line(rows[0], actor="owner")))
    assert import_decisions(out, file, importer="root").reasons == {"unknown_actor": 1}
    with Store.open(out / "review.db") as store:
        store.append_many([Draft("approve", *rows[1], rule="true", task="rule")], actor="owner")
    assert import_decisions(out, file, importer="root").decisions == 1


def test_an_adjudicators_word_is_final(out: Path, rows, tmp_path: Path) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text(json.dumps(_line(rows[0], actor="ada", final=True)))
    assert import_decisions(out, file, importer="root").decisions == 1


def test_twenty_problems_are_shown_and_all_are_counted(out: Path, tmp_path: Path) -> None:
    file = tmp_path / "d.jsonl"
    file.write_text("".join(json.dumps(_line((f"x:{n}", "c"))) + "\n" for n in range(1500)))
    result = import_decisions(out, file, importer="root")
    assert (result.bad, result.reasons, len(result.problems)) == (1500, {"unknown_row": 1500}, 1000)
    assert "1,500 problems in all: unknown_row 1,500" in result.text()
    assert result.text().count("fix: ") == 20


def test_what_is_no_file_of_the_shape_is_refused(out: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no shape"):
        import_decisions(out, tmp_path / "x", shape="xml")
    with pytest.raises(InputError, match="cannot be read"):
        import_decisions(out, tmp_path / "missing.jsonl")
    file = tmp_path / "d.jsonl"
    file.write_bytes(b'{"note": "\xff"}')
    with pytest.raises(InputError, match="not UTF-8"):
        import_decisions(out, file)
    file.write_bytes(b"")
    assert import_decisions(out, file).decisions == 0
    assert not (tmp_path / "fresh.db").exists()


def test_no_remedy_is_without_a_problem() -> None:
    """The codes that these tests and those of the other shapes plant."""
    here = {reason for reason, _, _ in BAD} | {"sides", "no_answer_turn"}
    elsewhere = {"cut_cell", "json_min", "no_decision", "no_status", "two_decisions", "unknown_action"}
    assert set(REMEDIES) == here | elsewhere
