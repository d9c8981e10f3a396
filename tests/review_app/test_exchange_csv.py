"""Decisions in spreadsheets: nothing runs as a formula, and everything comes back as it was."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.ledger import Ledger
from tuneset.review_app import export_decisions, import_decisions
from tuneset.review_app.exchange.csv_cells import harmless, identifier, identity, original
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.errors import InputError

SIGNS = "=+-@\t\r\n＝＋－＠"
HEAD = "row_id,content_id,decision,reason,note,edited_answer,annotator\n"


@pytest.fixture
def rows(story: Path) -> list[dict[str, str]]:
    return Ledger.open(story).content_ids().to_pylist()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("http://x.example","y")', '\'=HYPERLINK("http://x.example","y")'),
        ("+49 1", "'+49 1"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("a=1", "a=1"),
        ("'quoted'", "'quoted'"),
        ("", ""),
        ("'", "'"),
    ],
)
def test_formulas_are_made_harmless(text: str, cell: str) -> None:
    assert harmless(text) == cell
    assert original(cell) == text


@given(st.text(alphabet=st.one_of(st.sampled_from(f"'{SIGNS}"), st.characters(codec="utf-8"))))
def test_every_text_comes_back_and_no_cell_begins_a_formula(text: str) -> None:
    assert original(harmless(text)) == text
    assert harmless(text)[:1] not in set(SIGNS)


@pytest.mark.parametrize("name", ["1" * 32, "1234e5678", "12e45", "0af3:12", "=x:1", "abc"])
def test_names_are_no_numbers_and_come_back(name: str) -> None:
    cell = identifier(name)
    assert identity(f" {cell} ") == name
    assert not cell.replace("e", "").isdigit()
    assert cell[:1] not in set(SIGNS)


def test_a_spreadsheet_comes_back(story: Path, rows, tmp_path: Path) -> None:
    """As Excel saves it in Germany: semicolons, a byte-order mark, CRLF."""
    file = tmp_path / "q.csv"
    assert export_decisions(story, file, shape="csv").rows == 6
    with open(file, encoding="utf-8-sig", newline="") as f:
        table = list(csv.DictReader(f))
    assert table[0]["conversation"].endswith("assistant: Open Settings and choose Reset.")
    table[0] |= {"decision": "Approve", "edited_answer": "Zeile 1\r\n-> Zeile 2; gut"}
    table[1] |= {"decision": "reject ", "reason": "unsafe", "note": "-1 for this"}
    table[2] |= {"decision": "approve", "edited_answer": table[2]["answer"] + " \r\n"}
    with open(file, "w", encoding="utf-8-sig", newline="") as f:
        out = csv.DictWriter(f, list(table[0]), delimiter=";", lineterminator="\r\n")
        out.writeheader()
        out.writerows(table)
    result = import_decisions(story, file, shape="csv", importer="ana")
    assert result.problems == []
    assert (result.decisions, result.edits, result.left) == (3, 1, {"undecided": 3})
    with Store.reading(story / "review.db") as store:
        told = {r["row_id"]: r for r in store.current().to_pylist()}
        (edition,) = store.editions().to_pylist()
    assert json.loads(edition["payload"])["messages"][-1]["content"] == "Zeile 1\r\n-> Zeile 2; gut"
    rejected = told[rows[1]["row_id"]]
    assert (rejected["action"], rejected["reason"], rejected["note"]) == ("reject", "unsafe", "-1 for this")
    assert told[rows[2]["row_id"]]["content_id"] == rows[2]["content_id"]


def test_decisions_go_to_csv_and_back(story: Path, rows, workspaces, tmp_path: Path) -> None:
    other = workspaces.story(tmp_path / "other")
    first, second, third, fourth = ((r["row_id"], r["content_id"]) for r in rows[:4])
    with Store.open(story / "review.db") as store:
        payload = {"messages": workspaces.turns("How do I reset my password?", "=Use the link.")}
        asked = {"messages": workspaces.turns("Another question", "Maybe.")}
        new = store.put_edition(payload, row_id=first[0], parent_id=first[1], actor="ana")
        strange = store.put_edition(asked, row_id=fourth[0], parent_id=fourth[1], actor="ana")
        drafts = [
            Draft("approve", first[0], new, shown_id=first[1]),
            Draft("reject", *second, reason="other", note="@ana: why?"),
            Draft("approve", fourth[0], strange, shown_id=fourth[1]),
            Draft("approve", *third, rule="true", task="rule"),
        ]
        store.append_many(drafts, actor="ana", at="2026-02-01T00:00:00.000Z")
    file = tmp_path / "d.csv"
    written = export_decisions(story, file, shape="csv", what="decisions")
    assert (written.rows, sorted(written.left_out.values())) == (2, [1, 1])
    text = file.read_text("utf-8-sig")
    assert '"\'=Use the link."' in text
    assert '"\'@ana: why?"' in text
    result = import_decisions(other, file, shape="csv", importer="root")
    assert (result.decisions, result.edits, result.problems) == (2, 1, [])
    with Store.reading(other / "review.db") as store:
        told = [(r["row_id"], r["content_id"], r["note"], r["at"]) for r in store.current().to_pylist()]
    assert told == [
        (first[0], new, None, "2026-02-01T00:00:00.000Z"),
        (second[0], second[1], "@ana: why?", "2026-02-01T00:00:00.000Z"),
    ]


@pytest.mark.parametrize(
    ("cells", "reason", "field"),
    [
        ("{0},{1},perhaps,,,,", "unknown_action", "decision"),
        ("{0},{1},reject,ugly,,,", "unknown_reason", "reason"),
        ("{0},,approve,,,,", "other_content", "content_id"),
        ("nowhere:1,{1},approve,,,,", "unknown_row", "row_id"),
        ("{0},{1},approve", "wrong_type", ""),
        ("{0},{1},approve,,," + "x" * 32_767 + ",", "cut_cell", "edited_answer"),
    ],
)
def test_bad_rows_are_named_by_the_line_they_begin_on(
    story: Path, rows, tmp_path: Path, cells: str, reason: str, field: str
) -> None:
    file = tmp_path / "d.csv"
    good = f'{rows[1]["row_id"]},{rows[1]["content_id"]},approve,,"two\nlines",,\n'
    file.write_text(HEAD + good + cells.format(*rows[0].values()) + "\n", encoding="utf-8")
    result = import_decisions(story, file, shape="csv", importer="root")
    assert [(p.number, p.reason, p.field) for p in result.problems] == [(4, reason, field)]
    assert (result.stored, result.unit) == (False, "line")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"row_id,decision\nx,approve\n", "'content_id' is missing"),
        (b"", "'row_id' is missing"),
        (b"row_id,content_id,decision,reasn\n", "'reasn' is unknown"),
        (b"row_id,content_id,decision,note,note\n", "'note' is there twice"),
        (b'row_id,content_id,decision\n"a"b,c,approve\n', "no CSV"),
        ("row_id,content_id,decision\nä,c,approve\n".encode("cp1252"), "not UTF-8"),
        ("row_id,content_id,decision\n".encode("utf-16"), "not UTF-8"),
    ],
)
def test_what_is_no_table_of_ours_is_refused(story: Path, tmp_path: Path, text: bytes, says: str) -> None:
    file = tmp_path / "d.csv"
    file.write_bytes(text)
    with pytest.raises(InputError, match=says):
        import_decisions(story, file, shape="csv", importer="root")
