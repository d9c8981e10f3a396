"""Wrong labels among rows whose answers are labels."""

import numpy as np
import pyarrow as pa
import pytest
from tuneset.curate.quality.answers import Family, answer_key, families, short_answer
from tuneset.curate.quality.answers import measured as measured_answers
from tuneset.curate.quality.context import context_of, margins
from tuneset.curate.quality.features import measured as measured_features
from tuneset.curate.quality.label_odds import copies, predictable
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.steps.label_errors import LabelErrors
from tuneset.curate.testing import check_step
from tuneset.schemas.arrow import ROWS

PLACES = "Paris Lisbon Oslo Rome Berlin Madrid Dublin Vienna Prague Athens Warsaw Riga".split()
THINGS = "pasta tea eggs bread laundry pizza rice homework nap cake soup beans".split()
ASKED = [f"Will it rain in {p} today?" for p in PLACES] + [f"How warm is it in {p} now?" for p in PLACES]
TIMED = [f"Set a timer for the {t}, please" for t in THINGS] + [
    f"How long until the {t} timer ends?" for t in THINGS
]
PAIRS = [(text, "weather") for text in ASKED] + [(text, "timer") for text in TIMED]
SYSTEM = "Name the intent."


def batch(pairs, system=SYSTEM):
    drafts = []
    for row, (prompt, response) in enumerate(pairs, start=1):
        turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]
        if system:
            turns.insert(0, {"role": "system", "content": system})
        drafts.append(name_draft(Draft(turns, None, None, None, {}), f"rows:{row}", "rows", row))
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def judged(pairs, system=SYSTEM):
    step = LabelErrors()
    return step.decide(step.measure(batch(pairs, system))).to_pylist()


def flipped(*rows):
    return [
        (p, {"weather": "timer", "timer": "weather"}[a] if i in rows else a) for i, (p, a) in enumerate(PAIRS)
    ]


def test_flipped_labels_are_found_with_the_label_that_others_give():
    told = judged(flipped(3, 30))
    assert [i for i, t in enumerate(told) if t["reason"] == "suspect_label"] == [3, 30]
    assert (told[3]["value"], told[30]["value"]) == ("weather", "timer")
    ranked = sorted(range(len(told)), key=lambda i: -told[i]["score"])
    assert set(ranked[:2]) == {3, 30}


def test_right_labels_are_kept():
    assert {t["action"] for t in judged(PAIRS)} == {"keep"}


def test_an_answer_that_is_no_label_is_told_apart():
    told = judged([*PAIRS, ("Will it snow in Rome today?", "I cannot say.")])
    assert told[-1]["reason"] == "unlisted_answer"
    assert told[-1]["value"] == "weather"
    assert told[-1]["score"] is None


@pytest.mark.parametrize(
    "pairs",
    [
        PAIRS[:30],  # too few rows
        [(p, f"answer {i}") for i, (p, _) in enumerate(PAIRS)],  # nothing comes again
        [(p, "yes") for p, _ in PAIRS],  # one label alone
        [
            (p, f"It is {a} that this question is all about, as far as one can tell.") for p, a in PAIRS
        ],  # long
        [(p, a if i % 2 else f"number {i}") for i, (p, a) in enumerate(PAIRS)],  # half are no labels
    ],
)
def test_other_answers_are_not_judged(pairs):
    assert {(t["action"], t["score"]) for t in judged(pairs)} == {("keep", None)}


def test_labels_that_the_prompt_does_not_tell_are_not_judged():
    mixed = [(p, ("one", "two", "three")[i * i % 7 % 3]) for i, (p, _) in enumerate(PAIRS)]
    assert {t["action"] for t in judged(mixed)} == {"keep"}


def test_kappa_by_hand():
    # 4 of 6 agree; chance is (3 * 3 + 3 * 3) / 36 = 1/2, so kappa is (2/3 - 1/2) / (1/2) = 1/3
    labels = np.array([0, 0, 0, 1, 1, 1])
    best = np.array([0, 0, 1, 1, 1, 0])
    assert not predictable(Family(np.arange(6), labels, ["a", "b"]), np.eye(2)[best])
    # 5 of 6 agree; chance is (3 * 4 + 3 * 2) / 36 = 1/2, so kappa is 2/3
    best = np.array([0, 0, 0, 1, 1, 0])
    assert predictable(Family(np.arange(6), labels, ["a", "b"]), np.eye(2)[best])


def test_families_go_by_system_prompt_before_file():
    first = batch(PAIRS)
    second = batch([(p, f"about {i}") for i, (p, _) in enumerate(PAIRS)], system="Answer freely.")
    both = pa.concat_tables([first, second]).combine_chunks()
    found = families(pa.table(measured_answers(both)))
    assert [f.rows.tolist() for f in found] == [list(range(len(PAIRS)))]
    assert found[0].classes == ["timer", "weather"]


def test_case_and_a_final_stop_play_no_part():
    assert answer_key("Weather.") == answer_key("weather")
    assert short_answer("one two three four five six seven eight nine") is None
    assert short_answer("a\nb") is None
    assert short_answer(" yes ") == "yes"


def test_a_placeholder_is_a_label_only_where_it_is_common():
    some = [(p, "N/A" if i % 12 == 0 else a) for i, (p, a) in enumerate(PAIRS)]  # 4 of 48
    assert families(pa.table(measured_answers(batch(some))))[0].classes == ["timer", "weather"]
    many = [(p, "N/A" if i % 6 == 0 else a) for i, (p, a) in enumerate(PAIRS)]  # 8 of 48
    assert families(pa.table(measured_answers(batch(many))))[0].classes == ["N/A", "timer", "weather"]


def test_copies_share_a_group():
    vectors = np.eye(3, 256, dtype=np.float32)
    vectors[2] = vectors[0]
    assert copies(vectors, [[1], [2], [3]]).tolist() == [0, 1, 0]
    assert copies(np.eye(3, 256, dtype=np.float32), [[1], [2], [1]]).tolist() == [0, 1, 0]


def test_a_copy_does_not_vote_for_itself():
    """The same wrong row three times: in other folds its copies would teach the wrong label."""
    wrong = [(ASKED[0], "timer")] * 3
    told = judged([*PAIRS[1:], *wrong])
    assert [t["reason"] for t in told[-3:]] == ["suspect_label"] * 3


def test_margins_by_hand():
    odds = np.array([[0.8, 0.2], [0.8, 0.2]])
    found = margins(odds, np.array([0, 1]))
    assert found == pytest.approx([np.log(0.8001 / 0.2001), np.log(0.2001 / 0.8001)])


def test_context_is_zero_without_categorical_answers():
    table = batch([(p, f"answer {i}") for i, (p, _) in enumerate(PAIRS)])
    context = context_of(pa.table({**measured_features(table), **measured_answers(table)}), 13)
    assert all(not values.any() for values in context.values())


def test_the_step_keeps_the_contract():
    check_step(LabelErrors())
    check_step(LabelErrors(), batch(flipped(3, 30)))
