"""The dedupe contract: direct comparison with a kept row, part by part, the better row stays, nothing chained."""

import json
import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein
from tuneset.curate.compare.normal_form import normal_form, without_courtesy
from tuneset.curate.compare.rows import compare
from tuneset.curate.compare.texts import texts_of
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.steps import NearDuplicate
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.errors import InputError
from tuneset.schemas.step_options import NearDuplicateOptions

WORDS = (
    "museum river kitchen window garden letter winter teacher bottle market engine forest pencil dinner "
    "holiday mountain painter soldier village yellow silver quickly slowly under over beside morning evening "
    "carry build paint follow answer listen travel remember forget explain describe between against through"
).split()
LONG = "The museum opens at nine in the morning and closes at six in the evening on every working day."
QUESTION = "When does the museum open on working days?"


def turns(prompt, response):
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]


def batch(conversations, *, rejected=None, labels=None, tools=None):
    drafts = [
        name_draft(
            Draft(
                messages if isinstance(messages, list) else turns(*messages),
                tools[i] if tools else None,
                rejected[i] if rejected else None,
                labels[i] if labels else None,
                {},
            ),
            f"f:{i}",
            "f",
            i + 1,
        )
        for i, messages in enumerate(conversations)
    ]
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def say(conversations, *, quality=None, batch_options=None, **options):
    step = NearDuplicate(NearDuplicateOptions(**options))
    rows = batch(conversations, **(batch_options or {}))
    measures = step.measure(rows).append_column("alive", pa.array([True] * rows.num_rows))
    if quality:
        measures = measures.append_column("quality", pa.array([str(q) for q in quality]))
    return step.decide(measures).to_pylist()


def likeness(a, b, threshold):
    """Levenshtein similarity; below the threshold the Jaccard similarity of 5-grams where that is larger."""
    same = 1 - Levenshtein.distance(a, b) / max(len(a), len(b), 1)
    grams = [{t[i : i + 5] for i in range(max(len(t) - 4, 1))} for t in (a, b)]
    return same if same >= threshold else max(same, len(grams[0] & grams[1]) / len(grams[0] | grams[1]))


def normal(row):
    return (
        without_courtesy(normal_form(row[0]), answer=False),
        without_courtesy(normal_form(row[1]), answer=True),
    )


def check_contract(rows, verdicts, threshold):
    kept = {v["row_id"] for v in verdicts if v["action"] != "drop"}
    at = {v["row_id"]: i for i, v in enumerate(verdicts)}
    for i, v in enumerate(verdicts):
        if v["action"] != "drop":
            continue
        assert v["related_id"] in kept
        mine, other = normal(rows[i]), normal(rows[at[v["related_id"]]])
        stored = json.loads(v["detail"])
        for part, name in ((0, "prompt"), (1, "response")):
            assert stored[name] >= threshold
            assert stored[name] == pytest.approx(likeness(mine[part], other[part], threshold), abs=2e-3)
        assert v["score"] == min(stored.values())
    return kept


def edited(draw, text, changes):
    words = text.split()
    for _ in range(changes):
        at = draw.randrange(len(words))
        kind = draw.randrange(4)
        if kind == 0:
            words[at] = draw.choice(WORDS)
        elif kind == 1 and len(words) > 5:
            del words[at]
        elif kind == 2:
            words.insert(at, draw.choice([*WORDS, "not", "7"]))
        else:
            words[at] = words[at][:-1] + draw.choice("aeiou")
    return " ".join(words)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 25), st.sampled_from([0.5, 0.6, 0.7, 0.9]))
def test_drifting_chains_keep_the_contract(seed, length, threshold):
    draw = random.Random(seed)
    row = (" ".join(draw.choices(WORDS, k=15)), " ".join(draw.choices(WORDS, k=40)))
    rows = [row]
    for _ in range(length):
        row = (edited(draw, row[0], draw.randrange(2)), edited(draw, row[1], draw.randrange(1, 6)))
        rows.append(row)
    draw.shuffle(rows)
    kept = check_contract(rows, say(rows, threshold=threshold), threshold)
    texts = texts_of([normal(r) for r in rows])
    for i in range(len(rows)):
        for j in range(i):
            if {f"f:{i}", f"f:{j}"} <= kept:
                found = compare(texts, j, i, threshold)
                assert not (found.same and min(found.prompt, found.response) > 0.9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 20), st.booleans())
def test_what_stands_for_others_stays_whatever_is_dropped_for(seed, n, same_answers):
    draw = random.Random(seed)
    prompts = [" ".join(draw.choices(WORDS, k=12)) for _ in range(2)]
    answers = [" ".join(draw.choices(WORDS, k=25)) for _ in range(2 if same_answers else n)]
    rows = [
        (edited(draw, draw.choice(prompts), draw.randrange(2)), edited(draw, draw.choice(answers), 2))
        for _ in range(n)
    ]
    verdicts = say(rows, same_prompt="drop", same_meaning="drop")
    kept = {v["row_id"] for v in verdicts if v["action"] != "drop"}
    assert {v["related_id"] for v in verdicts if v["action"] == "drop"} <= kept


SHORT = st.text(alphabet="abcdefgh 0123456789", min_size=1, max_size=12).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(st.lists(SHORT, min_size=2, max_size=30))
def test_short_rows_that_differ_all_stay(answers):
    rows = [("Name it.", a) for a in answers]
    verdicts = say(rows)
    kept = check_contract(rows, verdicts, 0.7)
    different = {"".join(normal(r)[1].split()) for r in rows}
    assert {"".join(normal(rows[int(k[2:])])[1].split()) for k in kept} >= {
        d for d in different if len(d) < 5
    }


@pytest.mark.parametrize("answers", [["Paris", "42", "yes it is", "def f(): return 1", "No."]])
def test_rows_shorter_than_any_shingle_stay(answers):
    assert {v["action"] for v in say([(f"Question {i}?", a) for i, a in enumerate(answers)])} == {"keep"}


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.booleans())
def test_of_identical_rows_one_stays(n, short):
    rows = [("Name two ducks.", "Mallard.") if short else (QUESTION, LONG)] * n
    verdicts = say(rows)
    assert [v["action"] for v in verdicts] == ["keep"] + ["drop"] * (n - 1)
    assert {v["related_id"] for v in verdicts[1:]} <= {"f:0"}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 40))
def test_distinct_rows_all_stay(seed, n):
    draw = random.Random(seed)
    rows = [(" ".join(draw.choices(WORDS, k=12)), " ".join(draw.choices(WORDS, k=30))) for _ in range(n)]
    assert {v["action"] for v in say(rows)} == {"keep"}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 20))
def test_of_mutual_pairs_one_stays(seed, n):
    draw = random.Random(seed)
    rows = []
    for _ in range(n):
        row = (" ".join(draw.choices(WORDS, k=12)), " ".join(draw.choices(WORDS, k=40)))
        rows += [row, (row[0].upper() + "!", row[1] + ".")]
    verdicts = say(rows)
    for i in range(0, len(rows), 2):
        assert sorted(v["action"] for v in verdicts[i : i + 2]) == ["drop", "keep"]


def test_prompt_and_response_are_judged_apart():
    rows = [
        (QUESTION, LONG),
        (QUESTION.lower(), LONG.replace("evening", "evenings")),
        ("Translate this sentence to French for my homework.", LONG),
        (QUESTION, "I really do not know, ask somebody else there."),
    ]
    found = say(rows)
    assert [v["action"] for v in found[1:3]] == ["drop", "keep"]
    assert found[1]["related_id"] == "f:0"
    assert [(found[i]["reason"], found[i]["related_id"]) for i in (0, 3)] == [
        ("conflicting_answer", "f:3"),
        ("conflicting_answer", "f:0"),
    ]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The guarantee is 24 months from the day of sale.", "The guarantee is 12 months from the day of sale."),
        ("You should always add the salt before the water boils.", "You should never add the salt before the water boils."),
        ("The loop runs while i < 10 and then it stops.", "The loop runs while i > 10 and then it stops."),
        ("Call `list.sort` on the rows and print them all.", "Call `list.reverse` on the rows and print them all."),
        ("The train goes from Rome to Oslo every morning.", "The train goes from Oslo to Rome every morning."),
    ],
)  # fmt: skip
def test_what_changes_the_meaning_keeps_both(a, b):
    found = say([("Tell me what the manual says about it.", t) for t in (a, b)])
    assert [v["action"] for v in found] == ["review", "review"]
    assert {v["reason"] for v in found} == {"conflicting_answer"}


def test_the_better_row_stays():
    clean = "The museum opens at nine in the morning and it closes late in the evening."
    rows = [
        (QUESTION, clean.replace("morning", "mroning")),
        (QUESTION, clean),
        (QUESTION, clean + " Every day."),
        *[("What of the morning and the evening?", f"{w} {clean}") for w in ("Look, every day:", "Well:")],
    ]
    assert [v["action"] for v in say(rows, keep="best")][:3] == ["drop", "drop", "keep"]
    assert [v["action"] for v in say(rows, keep="first")][1:3] == ["drop", "drop"]
    assert [v["action"] for v in say(rows, keep="longest")][:2] == ["drop", "drop"]
    assert [v["action"] for v in say(rows, quality=[0.9, 0.2, 0.3, 0.5, 0.5])][:3] == ["keep", "drop", "drop"]


def test_kept_rows_say_how_near_they_came():
    cut = LONG[:78]
    rows = [(QUESTION, LONG), (QUESTION, cut), ("Describe a garden in winter.", "It sleeps under snow.")]
    found = say(rows, threshold=0.95)
    assert {v["action"] for v in found} == {"keep"}
    near = 1 - Levenshtein.distance(*(normal((QUESTION, t))[1] for t in (LONG, cut))) / len(
        normal(rows[0])[1]
    )
    scores = [(v["score"], v["related_id"]) for v in found if v["score"] is not None]
    assert [s[0] for s in scores] == [pytest.approx(near, abs=1e-3)]
    assert found[0]["value"] == found[1]["value"] == "f:0"
    assert found[2]["value"] is None
    assert {v["action"] for v in say(rows, threshold=near - 0.01)} == {"keep", "drop"}


def test_other_system_prompts_and_tools_are_never_compared():
    system = [{"role": "system", "content": "Answer like a pirate."}]
    assert {v["action"] for v in say([turns(QUESTION, LONG), system + turns(QUESTION, LONG)])} == {"keep"}
    tool = [{"type": "function", "function": {"name": "clock"}}]
    found = say([(QUESTION, LONG), (QUESTION, LONG)], batch_options={"tools": [None, tool]})
    assert {v["action"] for v in found} == {"keep"}


def test_every_turn_of_a_conversation_counts():
    start = turns("Tell me about the harbour of the old town.", "It has three piers and a small lighthouse.")
    rows = [
        start + turns("And when is it open for visitors?", LONG),
        start + turns("And when is it open for visitors??", LONG),
        turns("Tell me about the castle on the high hill.", "It lost its roof in a fire.")
        + turns("And when is it open for visitors?", LONG),
    ]
    assert [v["action"] for v in say(rows)] == ["keep", "drop", "keep"]


def rejected(*texts):
    return [[{"role": "assistant", "content": t}] for t in texts]


def test_preference_rows_are_compared_by_both_answers():
    other = "Nobody can say that with any certainty, so please look at the door."
    rows = [(QUESTION, LONG)] * 3
    found = say(
        rows, batch_options={"rejected": rejected(other, other + "!", "I will not tell you that today.")}
    )
    assert [v["action"] for v in found] == ["keep", "drop", "keep"]


def test_a_preference_that_is_turned_round_is_a_conflict():
    other = "Nobody can say that with any certainty, so please look at the door."
    found = say([(QUESTION, LONG), (QUESTION, other)], batch_options={"rejected": rejected(other, LONG)})
    assert [v["reason"] for v in found] == ["conflicting_answer"] * 2


@pytest.mark.parametrize(
    ("labels", "actions"),
    [
        ([True, True], ["keep", "drop"]),
        ([True, False], ["review", "review"]),
        ([True, None], ["keep", "keep"]),
    ],
)
def test_feedback_rows_agree_in_their_label(labels, actions):
    found = say([(QUESTION, LONG), (QUESTION, LONG)], batch_options={"labels": labels})
    assert [v["action"] for v in found] == actions


def test_several_answers_to_a_prompt_are_no_conflict_where_they_are_wanted():
    found = say([(QUESTION, LONG), (QUESTION, "I do not know.")], batch_options={"labels": [True, False]})
    assert [v["action"] for v in found] == ["keep", "keep"]


SAME = [
    (
        "How would you write a function that converts a temperature from Celsius to Fahrenheit?",
        "The function takes the temperature in Celsius and it returns the temperature in Fahrenheit as a number.",
    ),
    (
        "Write a simple function to convert temperatures from Celsius to Fahrenheit.",
        "This function takes temperatures in Celsius as numbers and returns temperatures in Fahrenheit.",
    ),
]


def test_what_only_the_meaning_joins_goes_to_review():
    other = (
        "How do I keep bread fresh in summer?",
        "Put it in a paper bag inside a wooden box in the kitchen.",
    )
    found = say([*SAME, other])
    assert [v["reason"] for v in found] == ["same_meaning", "same_meaning", None]
    assert [v["related_id"] for v in found] == ["f:1", "f:0", None]
    assert found[0]["value"] == found[1]["value"] == "f:0"
    assert set(json.loads(found[0]["detail"])) == {"prompt", "response", "words", "encoder"}


def test_meaning_drops_only_where_the_recipe_says_so():
    assert sorted(v["action"] for v in say(SAME, same_meaning="drop")) == ["drop", "keep"]
    assert {v["reason"] for v in say(SAME, same_meaning="off")} == {None}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("and returns", "and never returns"),
        ("as numbers", "as 3 numbers"),
        ("This function", "This `f2` function"),
    ],
)
def test_meaning_does_not_join_what_a_guard_parts(old, new):
    changed = (SAME[1][0], SAME[1][1].replace(old, new))
    assert changed != SAME[1]
    assert {v["reason"] for v in say([SAME[0], changed])} == {None}


def test_rows_in_languages_that_the_encoder_does_not_know_are_said():
    step = NearDuplicate()
    rows = batch(
        [(QUESTION, LONG), ("Когда открывается музей?", "Он открыт каждый день с девяти часов утра.")]
    )
    measures = step.measure(rows).append_column("alive", pa.array([True, True]))
    notes = json.loads(step.decide(measures).schema.metadata[b"notes"])
    assert [n.split(" rows")[0] for n in notes] == ["1"]
    assert step.decide(measures.slice(0, 1)).schema.metadata is None


def test_one_answer_for_each_prompt_where_the_recipe_says_so():
    rows = [(QUESTION, "I do not know."), (QUESTION.upper(), LONG), ("Describe a garden.", "It is green.")]
    found = say(rows, same_prompt="drop", keep="longest")
    assert [(v["action"], v["reason"]) for v in found] == [
        ("drop", "conflicting_answer"),
        ("keep", None),
        ("keep", None),
    ]
    assert found[0]["related_id"] == "f:1"


def test_what_an_earlier_set_has_is_dropped_from_the_new_one(tmp_path):
    old = tmp_path / "old.jsonl"
    rows = [(QUESTION, LONG), (QUESTION, LONG + " Indeed."), ("Describe a garden.", "It is green.")]
    old.write_text("".join(json.dumps({"prompt": p, "completion": c}) + "\n" for p, c in rows[:2]))
    step = NearDuplicate(NearDuplicateOptions(against=("old.jsonl",)), folder=tmp_path)
    measures = step.measure(batch([(QUESTION.upper(), LONG + " Yes, it does, on every day."), rows[2]]))
    found = step.decide(measures.append_column("alive", pa.array([True, True]))).to_pylist()
    assert [v["action"] for v in found] == ["drop", "keep"]
    partner = json.loads(found[0]["detail"])["partner"]
    assert (partner["file"], partner["row"]) in {("old.jsonl", 1), ("old.jsonl", 2)}
    assert partner["prompt"] == QUESTION
    assert [r.rows for r in step.references] == [2]


def test_a_missing_earlier_set_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"nothing\.jsonl"):
        NearDuplicate(NearDuplicateOptions(against=("nothing.jsonl",)), folder=tmp_path)
