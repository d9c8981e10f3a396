"""Rows that nearly repeat a rejected row: to a person, unless somebody approved them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tuneset.curate.steps.near_duplicate import NearDuplicate
from tuneset.curate.testing import sample_batch
from tuneset.schemas.step_options import NearDuplicateOptions

LONG = "The museum by the river opens at nine in the morning and closes at six in the evening"
ASK = "When does the museum by the river open?"
ROWS = [
    (ASK, f"{LONG}, every day."),
    (ASK, f"{LONG} every day."),
    (ASK, f"{LONG}, every day!"),
    ("What is the capital of France?", "The capital of France is Paris, on the Seine."),
]


def told(human, **options):
    step = NearDuplicate(NearDuplicateOptions(same_meaning="off", **options))
    measures = step.measure(sample_batch(ROWS))
    alive = [said != "rejected" for said in human]
    measures = measures.append_column("alive", pa.array(alive))
    if any(human):
        measures = measures.append_column("human", pa.array(human, pa.string()))
    columns = ("action", "reason", "related_id")
    return [tuple(v[c] for c in columns) for v in step.decide(measures).to_pylist()]


KEEP = ("keep", None, None)


def test_without_decisions_one_of_the_three_stays() -> None:
    assert sorted(v[0] for v in told([None] * 4)[:3]) == ["drop", "drop", "keep"]


def test_what_is_left_beside_a_rejected_row_goes_to_a_person() -> None:
    found = told(["rejected", None, None, None])
    assert sorted((v[0], v[1]) for v in found[1:3]) == [
        ("drop", "near_duplicate"),
        ("review", "near_rejected"),
    ]
    (flagged,) = (v for v in found if v[0] == "review")
    assert flagged[2] == "sample:1"
    assert found[3] == KEEP


def test_an_approved_row_beside_a_rejected_one_is_settled_and_stands_for_others() -> None:
    for approved in (1, 2):
        human = ["rejected", None, None, None]
        human[approved] = "approved"
        found = told(human)
        assert found[approved] == KEEP
        assert found[3 - approved] == ("drop", "near_duplicate", f"sample:{approved + 1}")


def test_a_rejected_row_never_stands_for_another() -> None:
    found = told(["rejected", "rejected", None, None])
    assert found[2][:2] == ("review", "near_rejected")
    assert found[2][2] in ("sample:1", "sample:2")


@pytest.mark.parametrize("keep", ["best", "longest", "first"])
def test_the_approved_row_stays_however_the_better_one_is_chosen(keep) -> None:
    for approved in range(3):
        human: list[str | None] = [None] * 4
        human[approved] = "approved"
        found = told(human, keep=keep)
        assert found[approved][0] == "keep"
        assert sorted(v[0] for v in found[:3]) == ["drop", "drop", "keep"]
