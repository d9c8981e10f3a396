"""Progress of the review: hand-worked records, and what must hold whatever happened."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score
from tuneset.review_app.progress import progress, standing, time_left
from tuneset.review_app.progress_drift import approve_drift, change_point, holm, reason_drift
from tuneset.review_app.progress_log import EVENTS, Log, iso, seconds
from tuneset.review_app.progress_pace import active_seconds, pace, reading, slots
from tuneset.review_app.progress_people import leans, risk_difference
from tuneset.review_app.progress_score import auc, score_agreement
from tuneset.schemas.review import DECISIONS

START = np.datetime64("2026-03-02T08:00:00.000", "ms")


def _at(second: float) -> str:
    return f"{START + np.timedelta64(round(second * 1000), 'ms')}Z"


def _table(*lines: dict[str, Any]) -> pa.Table:
    """Events in the order given; `second` counts from the start."""
    rows = []
    for seq, line in enumerate(lines, 1):
        told = {
            "seq": seq,
            "action": "approve",
            "task": "review",
            "row_id": f"r{seq}",
            "content_id": "c",
            **line,
        }
        told["at"] = _at(told.pop("second", seq))
        rows.append({**dict.fromkeys(EVENTS.names), **told})
    return pa.Table.from_pylist(rows, schema=EVENTS)


def _log(*lines: dict[str, Any]) -> Log:
    return Log.of(_table(*lines))


def test_active_time_leaves_out_pauses() -> None:
    log = _log(
        {"actor": "ana", "second": 0, "dwell_ms": 8_000},  # a sitting begins: its own reading time
        {"actor": "ben", "second": 5},  # nothing measured: the median of ben, 30 s
        {"actor": "ana", "second": 20, "dwell_ms": 12_000},
        {"actor": "ana", "second": 320, "action": "note"},  # 300 s: not yet a pause
        {"actor": "ana", "second": 621, "dwell_ms": 10_000},  # 301 s: a pause, a new sitting
        {"actor": "ben", "second": 45, "dwell_ms": 30_000},
    )
    assert active_seconds(log).tolist() == [8.0, 30.0, 20.0, 300.0, 10.0, 40.0]
    ana, everyone = pace(log, "ana"), pace(log)
    assert (ana.decisions, ana.active_s) == (3, 338.0)
    assert ana.per_hour.value == pytest.approx(3 * 3600 / 338)
    assert ana.per_hour.low < ana.per_hour.value < ana.per_hour.high
    assert everyone.active_s == 408.0
    assert everyone.per_hour.value == pytest.approx(5 * 3600 / 408)
    assert (ana.first_at, ana.last_at) == ("2026-03-02T08:00:00Z", "2026-03-02T08:10:21Z")


def test_a_group_or_a_pair_is_one_decision() -> None:
    group = {"actor": "ana", "task": "group", "batch_id": "g", "dwell_ms": 9_000}
    pair = {"actor": "ana", "task": "pair", "batch_id": "p", "dwell_ms": 5_000}
    log = _log(
        {**group, "second": 0},
        {**group, "second": 0, "action": "reject", "reason": "not_kept"},
        {**group, "second": 0, "action": "reject", "reason": "not_kept"},
        {**pair, "second": 10, "action": "prefer"},
        {**pair, "second": 10},
        {**pair, "second": 10, "action": "reject", "reason": "not_preferred"},
        {"actor": "ana", "second": 20, "action": "edit", "batch_id": "e"},
        {"actor": "ana", "second": 20, "content_id": "c2", "shown_id": "c", "batch_id": "e"},
    )
    told = pace(log, "ana")
    assert told.decisions == 3
    assert (told.reading.n, told.reading.median.value) == (2, 7.0)
    assert (told.approved.count, told.approved.of) == (1, 1)  # rows judged one by one alone
    assert (told.edited.count, told.edited.of) == (1, 1)
    assert told.reasons == {"not_kept": 2, "not_preferred": 1}


def test_what_is_no_reading_does_not_count() -> None:
    log = _log(
        {"actor": "ana"},
        {"actor": "ana", "rule": "true", "task": "rule"},
        {"actor": "ana", "rule": "q", "task": "browse", "batch_id": "b"},
        {"actor": "eve", "task": "import"},
        {"actor": "root", "action": "policy", "task": "admin", "row_id": None, "content_id": None},
    )
    assert log.names == ("ana",)
    assert pace(log).decisions == 1


def test_undone_fast_skipped_and_flagged() -> None:
    fast = json.dumps({"fast": True, "texts": {"why": "x"}})
    log = _log(
        {"actor": "ana", "row_id": "r"},
        {"actor": "ana", "action": "undo", "row_id": "r", "supersedes": 1},
        {"actor": "ana", "row_id": "r", "action": "reject", "reason": "unsafe", "value": fast},
        {"actor": "ana", "value": json.dumps({"texts": {"why": '"fast": true'}})},
        {"actor": "ana", "action": "skip"},
        {"actor": "ana", "action": "flag"},
        {"actor": "ana", "action": "undo", "supersedes": 6},
    )
    told = pace(log, "ana")
    assert told.decisions == 2
    assert (told.undone.count, told.undone.of) == (1, 3)
    assert (told.fast.count, told.fast.of) == (1, 2)
    assert (told.approved.count, told.approved.of) == (1, 2)
    assert (told.skipped, told.flagged) == (1, 0)
    assert told.reasons == {"unsafe": 1}


def test_reading_times() -> None:
    told = reading(np.array([np.nan, *range(1, 102)]))
    assert (told.n, told.p10, told.p25, told.median.value, told.p75, told.p90) == (101, 11, 26, 51, 76, 91)
    # Conover: places 50.5 - 1.96 * 5.02 = 40.65 and 60.35, rounded up
    assert (told.median.low, told.median.high) == (41, 61)
    few = reading(np.array([3.0, 4.0]))
    assert (few.median.value, few.median.low) == (3.5, None)
    assert reading(np.array([])).median.value is None


def test_times_of_any_offset() -> None:
    told = seconds(["1970-01-02T00:00:00.500Z", "1970-01-02T01:00:00+01:00", "1970-01-02T00:00:01"])
    assert told.tolist() == [86400.5, 86400.0, 86401.0]
    assert iso(86400.9) == "1970-01-02T00:00:00Z"


def test_hours_and_days() -> None:
    log = _log(
        {"actor": "ana", "second": 0, "dwell_ms": 1_000},
        {"actor": "ben", "second": 60, "action": "reject", "dwell_ms": 2_000},
        {"actor": "ana", "second": 3_600, "dwell_ms": 3_000},
        {"actor": "ana", "second": 86_400, "action": "skip"},
    )
    hours = [(s.start, s.decisions, s.people, s.active_s, s.approved.count) for s in slots(log, 3600)]
    assert hours == [
        ("2026-03-02T08:00:00Z", 2, 2, 3.0, 1),
        ("2026-03-02T09:00:00Z", 1, 1, 3.0, 1),
        ("2026-03-03T08:00:00Z", 0, 0, 2.0, 0),  # a skip, at ana's median reading time
    ]
    days = [(s.start, s.decisions, s.people) for s in slots(log, 86_400)]
    assert days == [("2026-03-02T00:00:00Z", 3, 2), ("2026-03-03T00:00:00Z", 0, 0)]


def _current(*lines: dict[str, Any]) -> pa.Table:
    rows = [{**dict.fromkeys(DECISIONS.names), "row_id": f"r{n}", **line} for n, line in enumerate(lines)]
    return pa.Table.from_pylist(rows, schema=DECISIONS)


def test_what_stands() -> None:
    current = _current(
        {"action": "approve", "actor": "ana"},
        {"action": "approve", "rule": "true"},
        {"action": "reject", "reason": "unsafe"},
        {"action": "reject", "reason": "duplicate"},
        {"action": "reject", "reason": "duplicate"},
        {"action": "reject"},
        {"action": "disputed"},
    )
    told = standing(current, total=10)
    assert (told.approved, told.rejected, told.disputed, told.open) == (2, 4, 1, 3)
    assert (told.by_people, told.by_rule) == (5, 1)
    assert list(told.reasons.items()) == [("duplicate", 2), ("none", 1), ("unsafe", 1)]
    assert standing(DECISIONS.empty_table()).open is None


def test_time_left_by_hand() -> None:
    log = _log(*({"actor": "ana", "second": 20 * n, "dwell_ms": 20_000} for n in range(10)))
    told = time_left(log, 360)
    assert told.seconds_each.value == pytest.approx(20)
    assert told.hours.value == pytest.approx(2)
    assert (told.per_day, told.days) == (10, 36)
    assert (
        told.words == "360 decisions left: about 2.0 h of work (2.0 h to 2.0 h), 36 days at the present pace"
    )
    assert time_left(log, 0).words == "nothing is left"
    assert "nobody has decided" in time_left(_log(), 5).words


def _series(rates: list[float], each: int, seed: int, actor: str = "ana") -> list[dict[str, Any]]:
    dice = np.random.default_rng(seed)
    actions = ["approve" if dice.random() < rate else "reject" for rate in rates for _ in range(each)]
    return [{"actor": actor, "action": action} for action in actions]


def test_a_steady_rate_is_steady_and_a_change_is_found() -> None:
    steady = approve_drift(_log(*_series([0.8], 400, seed=1)).judged())
    assert (steady.changed, steady.since) == (False, None)
    assert steady.words.startswith("steady at ")
    assert len(steady.windows) == 8
    assert sum(w.of for w in steady.windows) == 400
    changed = approve_drift(_log(*_series([0.9, 0.5], 200, seed=2)).judged())
    assert changed.changed
    assert changed.p < 0.001
    assert abs(changed.before.of - 200) < 20  # near the true moment
    assert (changed.before.value, changed.after.value) == pytest.approx((0.9, 0.5), abs=0.06)
    assert changed.words == "changed, from 89% to 54% on 2026-03-02"
    few = approve_drift(_log(*_series([1.0], 19, seed=3)).judged())
    assert (few.words, few.changed) == ("too few decisions to tell", None)
    same = approve_drift(_log(*_series([1.0], 30, seed=3)).judged())
    assert (same.words, same.p) == ("steady at 100%", 1.0)


def test_false_alarms_are_as_rare_as_told() -> None:
    dice = np.random.default_rng(7)
    alarms = sum(change_point(dice.random(300) < 0.85)[0] < 0.05 for _ in range(1000))
    assert alarms <= 65  # 50 expected; the law is on the careful side in short series


def test_the_change_point_is_that_of_a_plain_search() -> None:
    dice = np.random.default_rng(3)
    hits = dice.random(80) < np.repeat([0.3, 0.8], 40)
    rate, n = hits.mean(), len(hits)
    gaps = [abs(sum(hits[:k]) - k * rate) for k in range(1, n)]
    p, at = change_point(hits)
    assert at == 1 + int(np.argmax(gaps))
    assert p == pytest.approx(stats.kstwobign.sf(max(gaps) / math.sqrt(n * rate * (1 - rate))))


def _rejections(*counts: dict[str, int]) -> Log:
    lines = [
        {"actor": "ana", "action": "reject", "reason": reason}
        for part in counts
        for reason, n in part.items()
        for _ in range(n)
    ]
    return _log(*lines)


def test_the_mix_of_reasons() -> None:
    before, after = {"unsafe": 30, "duplicate": 10}, {"unsafe": 12, "duplicate": 28}
    told = reason_drift(_rejections(before, after))
    assert told.p == pytest.approx(stats.chi2_contingency([[30, 10], [12, 28]], correction=False).pvalue)
    assert told.changed
    assert told.words in ("changed, duplicate from 25% to 70%", "changed, unsafe from 75% to 30%")
    assert (told.before, told.after) == (before, after)
    # three rare reasons are taken together: 20 and 20, 10 and 10 of all three
    rare = reason_drift(
        _rejections({"unsafe": 20, "a": 3, "b": 4, "c": 3}, {"unsafe": 20, "a": 4, "b": 3, "c": 3})
    )
    assert (rare.words, rare.p) == ("steady", 1.0)
    assert reason_drift(_rejections({"unsafe": 19})).words == "too few decisions to tell"


def test_holm_by_hand() -> None:
    assert holm([0.04, 0.01, 0.03, 0.5]) == pytest.approx([0.09, 0.04, 0.09, 0.5])
    assert holm([]) == []


def test_the_difference_of_rates_over_strata() -> None:
    """One stratum: the plain difference, with a variance close to the binomial one; two alike: the same."""
    one = risk_difference(*(np.array([x], float) for x in (200, 160, 300, 180)))
    assert one is not None
    assert one[0] == pytest.approx(0.8 - 0.6)
    assert one[1] == pytest.approx(math.sqrt(0.8 * 0.2 / 200 + 0.6 * 0.4 / 300), rel=0.02)
    two = risk_difference(*(np.array([x, x], float) for x in (100, 80, 150, 90)))
    assert two == pytest.approx(one, rel=0.02)
    # another mix of strata cannot fake a difference: both approve 90 % of easy and 30 % of hard items
    mixed = risk_difference(*(np.array(x, float) for x in ((90, 10), (81, 3), (10, 90), (9, 27))))
    assert mixed is not None
    assert mixed[0] == pytest.approx(0)
    assert risk_difference(*(np.array(x, float) for x in ((5, 0), (5, 0), (0, 5), (0, 5)))) is None


def _crowd(rates: dict[str, list[float]], rounds: int, seed: int) -> Log:
    """People in turn; each person's rates for equal parts of the time."""
    dice = np.random.default_rng(seed)
    lines = []
    for n in range(rounds):
        for actor, parts in rates.items():
            rate = parts[n * len(parts) // rounds]
            lines.append({"actor": actor, "action": "approve" if dice.random() < rate else "reject"})
    return _log(*lines)


def test_people_beside_the_others() -> None:
    same = leans(_crowd({name: [0.9, 0.5] for name in "abcd"}, 120, seed=1).judged())
    assert [lean.words for lean in same] == ["like the others"] * 4  # the items changed, nobody moved
    assert all(lean.own.changed for lean in same)
    one = leans(_crowd({"a": [0.8], "b": [0.8], "c": [0.8], "d": [0.4]}, 150, seed=2).judged())
    strict = one[3]
    assert strict.differs
    assert not strict.moved
    assert strict.words.startswith("approves ")
    assert strict.words.endswith(" points less than the others")
    assert strict.difference.low < -0.4 < strict.difference.high
    moved = leans(_crowd({"a": [0.8], "b": [0.8], "c": [0.8], "d": [0.8, 0.3]}, 200, seed=3).judged())[3]
    assert moved.moved
    assert moved.words.startswith("moved: from ")
    assert moved.early.value == pytest.approx(0, abs=0.15)
    assert moved.late.value == pytest.approx(-0.5, abs=0.15)
    assert moved.own.changed
    alone = leans(_log(*_series([0.8], 100, seed=1)).judged())
    assert [lean.words for lean in alone] == ["too few decisions to tell"]


def test_few_are_called_different_by_chance() -> None:
    called = 0
    for seed in range(60):
        told = leans(_crowd({name: [0.85] for name in "abcde"}, 60, seed=seed).judged())
        called += any(lean.differs or lean.moved or lean.own.changed for lean in told)
    assert called <= 15  # three families at 5 % each: 9 expected


SCORES = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=4, max_size=40)


@settings(max_examples=80, deadline=None)
@given(rows=SCORES)
def test_the_area_is_what_scikit_learn_says(rows) -> None:
    good = np.array([g for g, _ in rows])
    scores = np.array([s / 6 for _, s in rows])
    told = auc(good, scores)
    if good.all() or not good.any():
        assert told.value is None
        return
    assert told.value == pytest.approx(roc_auc_score(good, scores))
    assert 0 <= told.low <= told.value <= told.high <= 1
    assert told.high - told.low > 0.01  # never certain, not even at 0 or 1


def test_the_interval_of_the_area_covers() -> None:
    """Scores of two normal laws one standard deviation apart: the area is 0.7602."""
    dice, inside = np.random.default_rng(4), 0
    for _ in range(400):
        good = np.repeat([True, False], [60, 40])
        told = auc(good, dice.normal(good.astype(float)))
        inside += told.low <= stats.norm.cdf(1 / math.sqrt(2)) <= told.high
    assert 0.92 <= inside / 400 <= 0.985


def test_scores_beside_first_decisions() -> None:
    log = _log(
        {"actor": "ana", "row_id": "a", "action": "approve"},
        {"actor": "ana", "row_id": "b", "action": "approve"},  # undone for the opposite
        {"actor": "ana", "row_id": "b", "action": "undo", "supersedes": 2},
        {"actor": "ana", "row_id": "b", "action": "reject"},
        {"actor": "ana", "row_id": "c", "action": "reject"},
        {"actor": "ben", "row_id": "c", "action": "approve"},
        {"actor": "ben", "row_id": "c", "action": "undo", "supersedes": 6},
        {"actor": "ben", "row_id": "c", "action": "approve"},  # undone, and the same again
        {"actor": "ben", "row_id": "d", "action": "reject"},
        {"actor": "ben", "row_id": "d", "action": "approve"},  # gone back to and exchanged
        {"actor": "ben", "row_id": "unscored", "action": "reject"},
    )
    told = score_agreement(log, {"a": 0.9, "b": 0.2, "c": 0.4, "d": 0.3})
    # first decisions: a+ .9, b+ .2, c- .4, c+ .4, d- .3
    assert (told.approved, told.rejected) == (3, 2)
    assert told.auc.value == pytest.approx((2 + 0 + 1.5) / 6)
    assert (told.same_side.count, told.same_side.of) == (3, 5)
    assert (told.flipped.count, told.flipped.of) == (2, 5)
    assert (told.to_score.count, told.to_score.of) == (1, 2)
    assert told.undefined is None
    assert score_agreement(log, {"a": 0.9}).undefined == "every decided row was approved"
    assert score_agreement(log, {}).undefined == "no decided row has a score"


LINE = st.fixed_dictionaries(
    {
        "actor": st.sampled_from(["ana", "ben"]),
        "action": st.sampled_from(["approve", "reject", "skip", "note", "flag", "prefer"]),
        "task": st.sampled_from(["review", "group", "pair", "adjudicate", "browse", "rule", "import"]),
        "second": st.integers(0, 5_000),
        "dwell_ms": st.none() | st.integers(0, 60_000),
        "batch_id": st.none() | st.sampled_from(["x", "y"]),
        "reason": st.none() | st.sampled_from(["unsafe", "duplicate"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(LINE, max_size=30))
def test_whatever_happened_the_figures_are_plain(lines) -> None:
    told = progress(_table(*lines), current=DECISIONS.empty_table(), total=7, scores={"r1": 0.5}).as_dict()
    assert json.loads(json.dumps(told, allow_nan=False))["standing"]["open"] == 7
    assert told["everyone"]["decisions"] == sum(p["decisions"] for p in told["people"])
    assert told["everyone"]["decisions"] == sum(s["decisions"] for s in told["days"])
    assert told["everyone"]["active_s"] == pytest.approx(sum(p["active_s"] for p in told["people"]))
    assert told["everyone"]["active_s"] == pytest.approx(sum(s["active_s"] for s in told["hours"]))
