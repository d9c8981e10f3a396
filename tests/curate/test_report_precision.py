"""Precision of flags from decisions: counts by hand, published intervals, bands, and what the page says."""

import json
import re

import pyarrow as pa
import pytest
from tuneset.cli.main import main
from tuneset.curate.ledger import Ledger
from tuneset.curate.report import report
from tuneset.curate.report.precision import Flag, Tally, precision
from tuneset.curate.report.precision_text import advice, precision_section, ratio, sentence
from tuneset.review_app.store import Draft, Store
from tuneset.schemas.proportions import wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(successes, n, low, high):
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_nothing_is_known():
    assert wilson(0, 0) == (0.0, 1.0)
    assert ratio(Tally(5, 0, 0)) == "not known"


LENGTHY = {1: 0.95, 2: 0.92, 3: 0.91, 4: 0.73, 5: 0.72, 6: 0.55}
"""Rows with a scored flag."""


def built(out, w):
    """Twelve rows: 1 to 6 `lengthy` with scores, 5 to 8 `truncated`, 9 dropped as `loop`, 10 to 12 plain.

    Row 8 was edited by the step `fix`.
    """
    rows = [w.row(n, w.turns(f"Question {n}?", f"Answer {n}.")) for n in range(1, 13)]
    ids = {n: r["row_id"] for n, r in enumerate(rows, start=1)}
    verdicts = [
        w.verdict(ids[n], "defects", "drop", reason="loop")
        if n == 9
        else w.verdict(ids[n], "defects", "review", reason="truncated")
        if n in (5, 6, 7, 8)
        else w.verdict(ids[n], "defects")
        for n in ids
    ]
    verdicts += [
        w.verdict(ids[n], "length", "review", reason="lengthy", score=LENGTHY[n])
        if n in LENGTHY
        else w.verdict(ids[n], "length")
        for n in ids
        if n != 9
    ]
    verdicts += [
        w.verdict(ids[n], "fix", "edit" if n == 8 else "keep", reason="typo" if n == 8 else None)
        for n in ids
        if n != 9
    ]
    edits = [{"row_id": ids[8], "step": "fix", "messages": w.turns("Question 8?", "Answer eight.")}]
    ledger = Ledger.open(w.build(out, rows, verdicts, edits=edits, sentences={"lengthy": "Long."}))
    read = {n: r["content_id"] for n, r in enumerate(rows, start=1)}
    now = read | {8: w.row(8, w.turns("Question 8?", "Answer eight."))["content_id"]}
    return ledger, ids, read, now


def said(ids, contents, actions, rule=None):
    return pa.table(
        {
            "row_id": [ids[n] for n in actions],
            "action": ["approve" if a == "edit" else a for a in actions.values()],
            "content_id": ["new" if a == "edit" else contents[n] for n, a in actions.items()],
            "shown_id": [contents[n] for n in actions],
            "rule": pa.array([rule] * len(actions), pa.string()),
        }
    )


DECISIONS = {
    1: "reject", 2: "reject", 3: "approve", 4: "approve",
    5: "approve", 6: "reject", 7: "reject", 8: "edit",
    9: "reject", 10: "approve", 11: "approve",
}  # fmt: skip


@pytest.fixture
def world(tmp_path, workspaces):
    return built(tmp_path / "out", workspaces)


def counts(found):
    return {f.key: (f.tally.rows, f.tally.decided, f.tally.agreed) for f in found.flags}


def test_counts_by_hand(world):
    ledger, ids, _, now = world
    found = precision(ledger, said(ids, now, DECISIONS))
    assert counts(found) == {
        ("defects", "review", "truncated"): (4, 4, 3),  # 6 and 7 rejected, 8 edited, 5 approved
        ("defects", "drop", "loop"): (1, 1, 1),
        ("length", "review", "lengthy"): (6, 6, 3),  # 1, 2 and 6 rejected
    }
    assert found.unflagged == Tally(3, 2, 0)
    assert (found.by_rule, found.stale) == (0, 0)


def test_bands_and_thresholds_by_hand(world):
    ledger, ids, _, now = world
    found = precision(ledger, said(ids, now, {n: DECISIONS[n] for n in range(1, 6)}))
    flag = next(f for f in found.flags if f.key[2] == "lengthy")
    assert flag.upward  # rejected 0.95 and 0.92; approved 0.91, 0.73 and 0.72
    told = [
        (
            b.low,
            b.high,
            (b.inside.rows, b.inside.decided, b.inside.agreed),
            (b.beyond.rows, b.beyond.decided, b.beyond.agreed),
        )
        for b in flag.bands
    ]
    assert told == [
        (0.9, 1.0, (3, 3, 2), (3, 3, 2)),
        (0.7, 0.8, (2, 2, 0), (5, 5, 2)),
        (0.5, 0.6, (1, 0, 0), (6, 5, 2)),
    ]


def test_bands_turn_where_low_scores_are_the_bad_ones(world):
    ledger, ids, _, now = world
    turned = {1: "approve", 2: "approve", 4: "reject", 5: "reject", 6: "reject"}
    flag = next(f for f in precision(ledger, said(ids, now, turned)).flags if f.key[2] == "lengthy")
    assert not flag.upward
    assert [(b.low, b.beyond.rows, b.beyond.agreed) for b in flag.bands] == [
        (0.5, 1, 1),
        (0.7, 3, 3),
        (0.9, 6, 3),
    ]


def test_a_decision_by_a_rule_and_one_on_other_content_do_not_count(world):
    ledger, ids, read, now = world
    by_rule = said(ids, now, {1: "approve", 2: "approve"}, rule="true")
    stale = said(ids, dict.fromkeys(now, "0" * 8), {3: "reject"})
    found = precision(
        ledger, pa.concat_tables([by_rule, stale, said(ids, read, {8: "approve", 5: "reject"})])
    )
    assert (found.by_rule, found.stale) == (2, 1)
    assert counts(found) == {
        ("defects", "review", "truncated"): (4, 2, 1),  # 8 was decided on before it was edited
        ("length", "review", "lengthy"): (6, 1, 1),
    }


def test_without_decisions_there_is_no_section(world):
    ledger, ids, _, now = world
    assert precision(ledger, None) is None
    assert precision(ledger, said(ids, now, {})) is None
    assert precision(ledger, said(ids, now, {1: "approve"}, rule="true")) is None
    stranger = pa.table(
        {
            "row_id": ["other:1"],
            "action": ["reject"],
            "content_id": ["x"],
            "rule": pa.array([None], pa.string()),
        }
    )
    assert precision(ledger, stranger) is None
    assert precision_section(None) == ""


def flag_of(rows, decided, agreed, action="review"):
    return Flag(("defects", action, "truncated"), Tally(rows, decided, agreed), [], True)


@pytest.mark.parametrize(
    ("action", "decided", "agreed", "words"),
    [
        ("review", 40, 39, "People reject nearly all"),  # 0.87 to 1.00
        ("review", 40, 1, "Mostly false alarms"),  # 0.00 to 0.13
        ("review", 40, 36, "Mixed"),  # 0.77 to 0.96
        ("review", 40, 8, "No worse than rows without a flag"),  # 0.10 to 0.35, and they have 0.20
        ("review", 10, 5, "Too few to tell: decide on about 87 more"),  # 1.96^2 * 0.25 / 0.1^2 = 96.04
        ("drop", 40, 40, "The drops hold"),
        ("drop", 40, 2, "Good rows are lost"),
        ("drop", 40, 24, "Some of the drops are good rows"),
    ],
)
def test_advice_follows_the_interval(action, decided, agreed, words):
    assert advice(flag_of(1000, decided, agreed, action), Tally(100, 100, 20)).startswith(words)


def test_no_more_decisions_are_asked_for_than_there_are_rows():
    assert advice(flag_of(14, 10, 5), Tally(0, 0, 0)) == "Too few to tell: decide on about 4 more."
    assert advice(flag_of(10, 10, 5), Tally(0, 0, 0)).startswith("Mixed")


def test_the_sentence_has_counts_and_interval():
    told = "of 40 decided rows with truncated (review), 36 were rejected or edited: 0.90 (0.77 to 0.96)"
    assert sentence(flag_of(100, 40, 36)) == told


def test_the_page_and_the_command_tell_what_the_store_holds(world, capsys):
    ledger, ids, _, now = world
    out = ledger.workspace.root
    assert main(["report", str(out)]) == 0
    assert 'id="precision"' not in (out / "report.html").read_text(encoding="utf-8")
    drafts = [Draft(a, ids[n], now[n]) for n, a in DECISIONS.items() if a != "edit"]
    with Store.open(ledger.workspace.review_db) as store:
        store.append_many(drafts, actor="ana")
    capsys.readouterr()
    assert main(["report", str(out), "--json"]) == 0
    told = {f["reason"]: f for f in json.loads(capsys.readouterr().out)["precision"]}
    assert (told["truncated"]["decided"], told["truncated"]["agreed"]) == (3, 2)
    assert told["truncated"]["precision"] == pytest.approx(2 / 3)
    assert len(told["lengthy"]["bands"]) == 3
    page = (out / "report.html").read_text(encoding="utf-8")
    part = re.search(r'<section id="precision".*?</section>', page, re.S)[0]
    assert "0.67 (0.21 to 0.94)" in part  # two of three
    assert "Of 2 decided rows without a flag, 0 were rejected or edited: 0.00 (0.00 to 0.66)" in part
    assert main(["report", str(out)]) == 0
    assert "of 3 decided rows with truncated (review), 2 were rejected or edited" in capsys.readouterr().out


def test_a_new_run_over_decided_rows_tells_it_as_well(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [
        json.dumps({"prompt": f"What is item {n} in the list?", "completion": f"Item {n} is a"})
        for n in range(30)
    ]
    (tmp_path / "items.jsonl").write_text("\n".join(lines) + "\n")
    command = ["curate", "items.jsonl", "-o", "out", "-q"]
    assert main(command) == 0
    ledger = Ledger.open("out")
    ids = ledger.content_ids().slice(0, 5).to_pylist()
    with Store.open(ledger.workspace.review_db) as store:
        store.append_many([Draft("reject", r["row_id"], r["content_id"]) for r in ids], actor="ana")
    assert 'id="precision"' not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert main(command) == 0
    assert 'id="precision"' in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_same_workspace_gives_the_same_bytes(world):
    ledger, ids, _, now = world
    table = said(ids, now, DECISIONS)
    first = report(ledger.workspace.root, decisions=table).read_bytes()
    assert report(ledger.workspace.root, decisions=table).read_bytes() == first
    assert report(ledger.workspace.root, decisions=table.take(list(range(10, -1, -1)))).read_bytes() == first


def test_names_are_escaped(tmp_path, workspaces):
    w = workspaces
    rows = [w.row(n, w.turns("Q?", f"A {n}.")) for n in (1, 2)]
    verdicts = [
        w.verdict(r["row_id"], "<s>", "review", reason="<b>", score=s)
        for r, s in zip(rows, (0.1, 0.9), strict=True)
    ]
    ledger = Ledger.open(w.build(tmp_path / "out", rows, verdicts))
    table = pa.table(
        {
            "row_id": [r["row_id"] for r in rows],
            "action": ["reject", "approve"],
            "content_id": [r["content_id"] for r in rows],
            "rule": pa.array([None, None], pa.string()),
        }
    )
    html = precision_section(precision(ledger, table))
    assert "<s>" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
