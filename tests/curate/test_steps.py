"""Every built-in step keeps the contract and says what it should of hand-made rows."""

from pathlib import Path

import pyarrow as pa
import pytest
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.step import Opinion, verdicts
from tuneset.curate.steps import (
    BUILTIN_STEPS,
    ExactDuplicate,
    Split,
    Structure,
)
from tuneset.curate.testing import check_step, sample_batch
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.errors import StepError
from tuneset.schemas.step_options import BUILTIN_OPTIONS, SplitOptions


def batch(*conversations, tools=None, labels=None, metas=None):
    drafts = []
    for i, messages in enumerate(conversations):
        label = labels[i] if labels else None
        draft = Draft(messages, tools, None, label, metas[i] if metas else {})
        drafts.append(name_draft(draft, f"f:{i + 1}", "f", i + 1))
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def pair(prompt, response):
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]


def say(step, table, **columns):
    measures = step.measure(table)
    if getattr(step, "edits", False):
        measures = measures.drop_columns(["messages"])
    if getattr(step, "sees_dropped", False):
        measures = measures.append_column("alive", pa.array([True] * table.num_rows))
    for name, values in columns.items():
        measures = measures.append_column(name, pa.array(values))
    return step.decide(measures).to_pylist()


@pytest.mark.parametrize("name", sorted(BUILTIN_STEPS))
def test_every_built_in_step_keeps_the_contract(name):
    check_step(BUILTIN_STEPS[name](BUILTIN_OPTIONS[name](), 13, Path()))


def test_options_and_steps_are_the_same_names():
    assert set(BUILTIN_STEPS) == set(BUILTIN_OPTIONS)


class _Lies:
    name = "lies"
    reasons = {"a": "A sentence."}

    def measure(self, batch):
        return batch.select(["row_id"])

    def decide(self, measures):
        return ExactDuplicate().decide(
            measures.append_column("digest", pa.array([b"0" * 16] * measures.num_rows))
        )


def test_check_step_finds_an_undeclared_reason():
    with pytest.raises(StepError, match="undeclared reason 'exact_duplicate'"):
        check_step(_Lies())


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda t: t.slice(1), "10 measures for 11 rows"),
        (lambda t: t.take(list(range(t.num_rows))[::-1]), "another order"),
        (lambda t: t.drop_columns(["row_id"]), "no 'row_id'"),
    ],
)
def test_check_step_finds_broken_measures(change, what):
    step = ExactDuplicate()
    measure = step.measure
    step.measure = lambda b: change(measure(b))
    with pytest.raises(StepError, match=what):
        check_step(step)


def test_exact_duplicate_sees_through_case_space_and_unicode_form():
    rows = batch(
        pair("Caf\u00e9  au\nlait?", "Yes."),
        pair("cafe\u0301 au lait?", "yes."),
        pair("Café au lait", "Yes."),
        pair("Ｃａｆé au lait?", "YES."),
    )
    found = say(ExactDuplicate(), rows)
    assert [v["action"] for v in found] == ["keep", "drop", "keep", "drop"]
    assert [v["related_id"] for v in found] == [None, "f:1", None, "f:1"]


def test_exact_duplicate_keeps_rows_apart_whose_texts_only_join_alike():
    rows = batch(pair("ab", "c"), pair("a", "bc"))
    assert [v["action"] for v in say(ExactDuplicate(), rows)] == ["keep", "keep"]


def test_exact_duplicate_keeps_feedback_of_both_kinds():
    rows = batch(pair("q", "a"), pair("q", "a"), labels=[True, False])
    assert [v["action"] for v in say(ExactDuplicate(), rows)] == ["keep", "keep"]


def prompts(n):
    return [pair(f"Question number {i} about something", f"answer {i}") for i in range(n)]


def test_split_has_the_shares_asked_for():
    found = say(Split(SplitOptions(train=0.8, validation=0.1, test=0.1)), batch(*prompts(4000)))
    shares = {name: sum(v["value"] == name for v in found) / 4000 for name in ("train", "validation", "test")}
    assert shares["train"] == pytest.approx(0.8, abs=0.03)  # 4.7 standard deviations
    assert shares["test"] == pytest.approx(0.1, abs=0.025)


def test_split_stays_when_rows_are_added():
    before = say(Split(), batch(*prompts(300)))
    after = say(Split(), batch(*prompts(600)))
    assert [v["value"] for v in before] == [v["value"] for v in after[:300]]


def test_split_keeps_groups_together():
    rows = [pair("Same  question?", f"answer {i}") for i in range(20)] + prompts(40)
    metas = [{}] * 20 + [{"conversation_id": f"c{i % 4}"} for i in range(40)]
    found = [
        v["value"]
        for v in say(Split(SplitOptions(train=0.4, validation=0.3, test=0.3)), batch(*rows, metas=metas))
    ]
    assert len(set(found[:20])) == 1
    for c in range(4):
        assert len({v for i, v in enumerate(found[20:]) if i % 4 == c}) == 1


def test_split_shares_must_sum_to_one():
    with pytest.raises(ValueError, match="sum to 0.9"):
        SplitOptions(train=0.8, validation=0.05, test=0.05)


def test_sample_batch_is_what_it_says():
    assert sample_batch().schema.equals(ROWS)


class _EditsNothing(Structure):
    def decide(self, measures):
        n = measures.num_rows
        return verdicts(measures.column("row_id"), self.name, [Opinion("edit", "end_token")] * n)


def test_check_step_finds_an_edit_without_messages():
    with pytest.raises(StepError, match="an edit has no new messages"):
        check_step(_EditsNothing())
