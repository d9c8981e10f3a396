"""The curve of near-duplicates by threshold, from hand-made verdicts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType

import pytest
from tuneset.curate.ledger import Ledger
from tuneset.curate.report.thresholds import LEVELS, thresholds, thresholds_section

SCORES = {2: 1.0, 3: 0.91, 4: 0.72}  # dropped, each for row 1
KEPT = {5: (6, 0.66), 6: (5, 0.66), 7: (1, 0.52), 8: (9, 0.30)}  # 5 and 6 name each other
BY_HAND = {0.5: 5, 0.52: 5, 0.54: 4, 0.66: 4, 0.68: 3, 0.7: 3, 0.72: 3, 0.74: 2, 0.9: 2, 0.92: 1, 1.0: 1}


def built(out: Path, w: ModuleType, *, kept: bool, threshold: float | None = None) -> Ledger:
    rows = [w.row(n, w.turns(f"Question <{n}>?", f"Answer {n}.")) for n in range(1, 11)]
    ids = {n: r["row_id"] for n, r in enumerate(rows, start=1)}
    verdicts = []
    for n in ids:
        if n in SCORES:
            more = {"action": "drop", "reason": "near_duplicate", "score": SCORES[n], "related_id": ids[1]}
        elif n == 10:  # another question than duplicates: it has no place in the curve
            more = {"action": "review", "reason": "conflicting_answer", "score": 0.99, "related_id": ids[1]}
        elif kept and n in KEPT:
            more = {"score": KEPT[n][1], "related_id": ids[KEPT[n][0]]}
        else:
            more = {"score": 0.1} if kept else {}
        verdicts.append(w.verdict(ids[n], "near_duplicate") | more)
    ledger = Ledger.open(w.build(out, rows, verdicts))
    if threshold is not None:
        ledger.card.recipe["steps"] = [{"use": "near_duplicate", "threshold": threshold}]
    return ledger


def test_counts_by_hand(tmp_path: Path, workspaces: ModuleType) -> None:
    found = thresholds(built(tmp_path / "out", workspaces, kept=True))
    assert found is not None
    assert (found.threshold, found.rows_in, found.dropped, found.below) == (0.7, 10, 3, True)
    told = dict(zip([round(float(x), 2) for x in LEVELS], found.removed, strict=True))
    assert {level: told[level] for level in BY_HAND} == BY_HAND
    assert found.removed == sorted(found.removed, reverse=True)


def test_pairs_of_each_band(tmp_path: Path, workspaces: ModuleType) -> None:
    found = thresholds(built(tmp_path / "out", workspaces, kept=True))
    assert found is not None
    ids = {n: workspaces.row(n, [])["row_id"] for n in range(1, 11)}
    assert [sorted(v["row_id"] for v in some) for some in found.pairs] == [
        sorted((ids[2], ids[3])),  # 0.9 to 1, its upper end in it
        [],
        [ids[4]],
        [ids[6]],  # of rows 5 and 6 the later goes
        [ids[7]],
    ]
    html = thresholds_section(found)
    assert 'scores from 0.6 to 0.7 <span class="count">1 row</span>' in html
    assert "Question &lt;<mark>6</mark>&gt;?" in html
    assert "Question &lt;<mark>5</mark>&gt;?" in html
    assert "scores from 0.8 to 0.9" not in html


def test_the_section_says_what_it_counts(tmp_path: Path, workspaces: ModuleType) -> None:
    html = thresholds_section(thresholds(built(tmp_path / "out", workspaces, kept=True, threshold=0.9)))
    assert "At 0.9, which was used, the step removed 3 of 10 rows." in html
    assert "of two such rows the later goes" in html
    assert "<code>tuneset curate</code> again" in html
    assert re.search(r"<desc[^>]*>Rows removed by threshold: 5 at 0.5, 4 at 0.6, 3 at 0.7,", html)
    cells = re.findall(r'<th scope="row"[^>]*>([\d.]+)</th><td[^>]*>(\d+)</td><td[^>]*>([\d.]+ %)</td>', html)
    assert len(cells) == 26
    assert cells[0] == ("0.50", "5", "50.0 %")
    assert cells[-1] == ("1.00", "1", "10.0 %")
    assert (html.count('class="before"'), html.count('class="bar"')) == (20, 6)


def test_without_scores_of_kept_rows_lower_thresholds_are_not_shown(
    tmp_path: Path, workspaces: ModuleType
) -> None:
    found = thresholds(built(tmp_path / "out", workspaces, kept=False))
    assert found is not None
    assert not found.below
    html = thresholds_section(found)
    assert "what a lower one would remove is not known" in html
    assert html.count('<th scope="row"') == 16  # 0.70 to 1.00
    assert 'class="before"' not in html


def test_a_foreign_partner_is_named(tmp_path: Path, workspaces: ModuleType) -> None:
    w = workspaces
    row = w.row(1, w.turns("Question?", "Answer."))
    detail = json.dumps({"prompt": 0.8, "response": 0.9})
    more = {"reason": "near_duplicate", "score": 0.8, "related_id": "elsewhere:7", "detail": detail}
    out = w.build(tmp_path / "out", [row], [w.verdict(row["row_id"], "near_duplicate", "drop", **more)])
    assert "<code>elsewhere:7</code>" in thresholds_section(thresholds(Ledger.open(out)))


@pytest.mark.parametrize("step", ["near_duplicate", "defects"])
def test_nothing_to_draw_draws_nothing(tmp_path: Path, workspaces: ModuleType, step: str) -> None:
    w = workspaces
    row = w.row(1, w.turns("Question?", "Answer."))
    ledger = Ledger.open(w.build(tmp_path / "out", [row], [w.verdict(row["row_id"], step)]))
    assert thresholds(ledger) is None
    assert thresholds_section(None) == ""
