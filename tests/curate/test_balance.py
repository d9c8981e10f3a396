"""`balance`: caps by hand, shares against trying every cap, and which rows stay."""

import json
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tuneset.curate import curate
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.steps.balance import Balance, share_cap
from tuneset.curate.testing import check_step
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.errors import RecipeError
from tuneset.schemas.step_options import BalanceOptions


def batch(*rows):
    """Rows of (file, text, meta)."""
    drafts = []
    for i, (file, text, meta) in enumerate(rows, start=1):
        turns = [{"role": "user", "content": f"Ask {text}"}, {"role": "assistant", "content": f"Say {text}"}]
        drafts.append(name_draft(Draft(turns, None, None, None, meta), f"{file}:{i}", file, i))
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def decide(table, seed=13, given=None, **options):
    step = Balance(BalanceOptions(**options), seed=seed)
    measures = step.measure(table)
    for name, values in (given or {}).items():
        measures = measures.append_column(name, pa.array(values))
    return step.decide(measures)


def kept(table, **options):
    verdicts = decide(table, **options).to_pylist()
    return {v["row_id"] for v in verdicts if v["action"] == "keep"}


def files(sizes):
    return batch(*((name, f"{name}{i}", {}) for name, n in sizes.items() for i in range(n)))


@pytest.mark.parametrize(
    "options", [{}, {"max_rows": 1}, {"max_share": 0.5}, {"by": ("source", "n"), "max_rows": 2}]
)
def test_it_keeps_the_contract(options):
    check_step(Balance(BalanceOptions(**options)))


def test_a_cap_by_hand():
    verdicts = decide(files({"a": 5, "b": 2}), max_rows=3).to_pylist()
    dropped = [v for v in verdicts if v["action"] == "drop"]
    assert {v["row_id"].split(":")[0] for v in dropped} == {"a"}
    assert [v["reason"] for v in dropped] == ["over_cap"] * 2
    details = [json.loads(v["detail"]) for v in dropped]
    assert sorted(d.pop("rank") for d in details) == [4, 5]
    assert details == [{"group": "a", "cap": 3, "group_rows": 5, "seed": 13}] * 2


@pytest.mark.parametrize(
    ("sizes", "share", "cap"),
    [
        ((90, 10), 0.5, 10),  # 10 of 20
        ((100, 30, 30), 0.5, 60),  # 60 of 120; 61 of 121 is more than half
        ((100, 30, 30), 0.4, 40),  # 40 of 100
        ((7,), 0.5, 7),  # one group has every row whatever is cut
        ((50, 20, 30), 0.2, 20),  # three groups cannot each have a fifth at most: all as the smallest
        ((4, 4, 4), 1.0, 4),
    ],
)
def test_shares_by_hand(sizes, share, cap):
    assert share_cap(sizes, share) == cap


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.integers(1, 20))
def test_the_share_against_trying_every_cap(sizes, twentieths):
    share = Fraction(twentieths, 20)
    fitting = [
        c for c in range(1, max(sizes) + 1) if min(c, max(sizes)) <= share * sum(min(n, c) for n in sizes)
    ]
    assert share_cap(sizes, float(share)) == max([c for c in fitting if c >= min(sizes)], default=min(sizes))


def test_the_lower_cap_holds_and_none_keeps_all():
    table = files({"a": 9, "b": 3})
    assert len(kept(table, max_rows=2, max_share=0.5)) == 4
    assert len(kept(table, max_rows=8, max_share=0.5)) == 6
    assert len(kept(table)) == 12
    notes = json.loads(decide(table).schema.metadata[b"notes"])
    assert notes == ["no cap is set: every row stays (max_rows, max_share)"]


def test_notes_name_the_groups_that_were_cut_the_largest_first():
    verdicts = decide(files({"a": 5, "b": 9, "c": 1}), max_rows=2)
    assert json.loads(verdicts.schema.metadata[b"notes"]) == ["b: 2 of 9 rows stay", "a: 2 of 5 rows stay"]


def test_groups_by_step_by_meta_and_by_both():
    table = batch(*(("f", str(i), {"topic": "x" if i < 4 else "y", "source": i % 2}) for i in range(6)))
    assert len(kept(table, by=("topic",), max_rows=1)) == 2
    assert len(kept(table, by=("meta.source",), max_rows=1)) == 2
    assert len(kept(table, by=("source",), max_rows=1)) == 1
    # topics x x x x y y with sources 0 1 0 1 0 1: four combinations
    assert len(kept(table, by=("topic", "meta.source"), max_rows=1)) == 4
    languages = ["en", "en", "en", "fr", None, None]
    assert len(kept(table, given={"language": languages}, by=("language",), max_rows=1)) == 3


def test_a_step_wins_over_a_member_of_the_same_name():
    table = batch(("f", "a", {"topic": "x"}), ("f", "b", {"topic": "y"}))
    assert len(kept(table, given={"topic": ["z", "z"]}, by=("topic",), max_rows=1)) == 1


def test_a_name_that_nothing_has_is_refused():
    with pytest.raises(RecipeError, match="no row has a value of 'topik'"):
        decide(batch(("f", "a", {"topic": "x"})), by=("topik",), max_rows=1)


def test_the_choice_depends_on_content_and_seed_alone():
    table = files({"a": 40})
    first = kept(table, max_rows=10)
    assert kept(table.take(list(reversed(range(40)))), max_rows=10) == first
    assert kept(table, max_rows=10, seed=14) != first
    assert first <= kept(table, max_rows=20)


def test_added_rows_only_take_places():
    small, large = files({"a": 30}), files({"a": 60})
    assert kept(large, max_rows=10) & set(small["row_id"].to_pylist()) <= kept(small, max_rows=10)


def test_every_row_has_the_same_chance():
    # 300 seeds, 4 of 8 rows each: a row stays 150 times, with a standard deviation of 8.7
    table = files({"a": 8})
    counts = dict.fromkeys(table["row_id"].to_pylist(), 0)
    for seed in range(300):
        for row in kept(table, seed=seed, max_rows=4):
            counts[row] += 1
    assert all(abs(n - 150) < 4.5 * 8.7 for n in counts.values())


def test_options_are_checked():
    for wrong in ({"by": ()}, {"max_rows": 0}, {"max_share": 0}, {"max_share": 1.1}):
        with pytest.raises(ValidationError):
            BalanceOptions(**wrong)


def test_in_a_run_after_language(tmp_path):
    german = "Guten Tag, wie geht es Ihnen heute, und was kann ich für Sie tun?"
    english = "Good morning, how are you today, and what can I do for you then?"
    rows = [
        {
            "prompt": f"{'Frage' if i % 4 else 'Question'} {i}",
            "completion": f"{german if i % 4 else english} {i}",
        }
        for i in range(80)
    ]
    recipe = {"steps": ["language", {"use": "balance", "by": ["language"], "max_share": 0.5}]}
    result = curate(rows, out=tmp_path / "out", recipe=recipe)
    assert (result.card.kept, result.card.dropped) == (40, 40)
    assert result.card.steps[1].notes == ["de: 20 of 60 rows stay"]
    assert result.ledger.label("language").value_counts().to_pylist() == [
        {"values": "en", "counts": 20}, {"values": "de", "counts": 20},
    ]  # fmt: skip
