"""Topics: groups, their number, names, the map; task types; gaps; the section of the report."""

import json
import math
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate import curate
from tuneset.curate.ledger import Ledger
from tuneset.curate.pipeline import decide
from tuneset.curate.report.draw_map import HEIGHT, WIDTH, Spot, place_labels, topic_map
from tuneset.curate.report.topics import TopicRows, Topics, gaps, topics
from tuneset.curate.steps.topic import Topic
from tuneset.curate.testing import check_step, sample_batch
from tuneset.curate.topics.clusters import (
    candidate_counts,
    centred,
    cluster,
    mean_of,
    nearest,
    silhouette,
    whole,
)
from tuneset.curate.topics.layout import topic_places
from tuneset.curate.topics.names import WordCounts, class_tf_idf, count_words, names_of, without_forms
from tuneset.curate.topics.tasks import TASKS, tasks_of
from tuneset.curate.topics.words import naming_words
from tuneset.schemas.step_options import TopicOptions

SUBJECTS = {
    "bread": ("dough", "flour", "yeast", "oven", "bake", "crust", "knead", "loaf"),
    "planet": ("orbit", "moon", "telescope", "star", "galaxy", "comet", "astronomer", "sky"),
    "refund": ("invoice", "payment", "purchase", "bank", "card", "receipt", "customer", "charge"),
}


def planted(each=20):
    pairs = []
    for i in range(each):
        for subject, words in SUBJECTS.items():
            a, b, c = (words[(i + k) % len(words)] for k in (0, 3, 5))
            pairs.append((f"Tell me about {subject} and the {a}.", f"The {subject} has a {b}, and a {c}."))
    return pairs


def told(step, pairs, alive=None):
    measures = step.measure(sample_batch(pairs))
    alive = [True] * len(pairs) if alive is None else alive
    return decide(step, measures.append_column("alive", pa.array(alive, pa.bool_()))).to_pylist()


def test_the_step_keeps_the_contract_with_many_topics():
    check_step(Topic(TopicOptions(count=3)), sample_batch(planted(8)))


def test_planted_subjects_are_found_and_named_by_their_words():
    found = told(Topic(TopicOptions(count=3)), planted())
    names = [{v["value"] for v in found[i::3]} for i in range(3)]
    assert [len(n) for n in names] == [1, 1, 1]
    for (name,), (subject, words) in zip(names, SUBJECTS.items(), strict=True):
        assert name.startswith(f"{subject}, ")
        assert set(name.split(", ")) <= {subject, *words}
    assert all(v["action"] == "assign" and v["reason"] == "topic" and 0.25 <= v["score"] <= 1 for v in found)


def test_a_row_without_known_words_is_in_no_topic():
    *_, last = told(Topic(TopicOptions(count=3)), [*planted(), ("🎉", "🎈")])
    assert (last["value"], last["reason"], last["score"]) == ("other", "no_topic", 0.0)


def test_dropped_rows_form_no_topic_and_are_counted():
    pairs = planted()
    alive = [not (i % 3 == 2 and i >= 30) for i in range(len(pairs))]
    found = told(Topic(TopicOptions(count=3)), pairs, alive)
    lost = {
        v["value"]: json.loads(v["detail"])["topic"]["dropped_before"]
        for v in found
        if '"topic"' in v["detail"]
    }
    assert sorted(lost.values()) == [0, 0, 10]
    assert next(name for name, n in lost.items() if n).startswith("refund")


def test_the_same_seed_gives_the_same_verdicts_in_any_chunks():
    pairs, step = planted(30), Topic(seed=1)
    parts = [step.measure(sample_batch(pairs).slice(i, 7).combine_chunks()) for i in range(0, len(pairs), 7)]
    alive = pa.array([True] * len(pairs), pa.bool_())
    found = decide(step, pa.concat_tables(parts).append_column("alive", alive)).to_pylist()
    assert found == told(Topic(seed=1), pairs)


def test_count_is_the_number_of_topics():
    for count in (2, 5):
        assert (
            len({v["value"] for v in told(Topic(TopicOptions(count=count)), planted())} - {"other"}) == count
        )


# rows: tried numbers begin at a third of the root (25 at most), end at rows / 15 (40 at most)
@pytest.mark.parametrize(
    ("rows", "first", "last"),
    [(3, 1, 1), (29, 1, 1), (30, 2, 2), (90, 3, 6), (900, 10, 40), (5625, 25, 40), (1_000_000, 25, 40)],
)
def test_the_numbers_of_topics_that_are_tried(rows, first, last):
    tried = candidate_counts(rows)
    assert (tried[0], tried[-1]) == (first, last)
    assert tried == sorted(set(tried))


def test_the_simplified_silhouette_of_two_centres():
    axes = np.array([[127, 0], [0, 127]], np.int8)
    assert silhouette(np.array([[127, 0]], np.float32), axes) == pytest.approx(1.0)
    assert silhouette(np.array([[90, 90]], np.float32), axes) == pytest.approx(0.0, abs=1e-6)
    # cosines 0.8 and 0.6: 1 - 0.2 / 0.4
    assert silhouette(np.array([[101.6, 76.2]], np.float32), axes) == pytest.approx(0.5, abs=1e-3)
    assert silhouette(np.array([[127, 0]], np.float32), axes[:1]) == 0.0


def test_the_number_is_chosen_that_fits():
    random = np.random.default_rng(4)
    middles = random.normal(size=(7, 64))
    rows = whole(np.repeat(middles, 40, axis=0) + 0.15 * random.normal(size=(280, 64)))
    rows = centred(rows, mean_of(rows))
    centres = cluster(rows, None, seed=13)
    home, cosine = nearest(rows, centres)
    assert len(centres) == 7
    assert all(len(set(home[i : i + 40].tolist())) == 1 for i in range(0, 280, 40))
    assert (cosine > 0.7).all()


def test_rows_of_zeros_stay_zero_and_form_no_group():
    rows = np.zeros((4, 8), np.int8)
    assert not centred(rows, np.full(8, 3, np.float32)).any()
    assert cluster(rows, None, seed=1).shape == (0, 8)


def test_class_based_tf_idf_by_hand():
    from scipy.sparse import csr_array

    counts = csr_array(np.array([[2, 1, 0], [0, 1, 4]]))
    # words a class: 3 and 5, mean 4; in all classes: 2, 2, 4
    a, c = math.log(1 + 4 / 2), math.log(1 + 4 / 4)
    expected = [[2 / 3 * a, 1 / 3 * a, 0], [0, 1 / 5 * a, 4 / 5 * c]]
    np.testing.assert_allclose(class_tf_idf(counts).toarray(), expected, rtol=1e-12)


def test_words_are_counted_by_row_and_topic_over_chunks():
    words = pa.chunked_array([[["a", "b"], ["b"]], [["b", "c"], [], ["a"]]], pa.list_(pa.string()))
    found = count_words(words, np.array([0, 1, 1, 0, -1]), 2)
    table = dict(zip(found.words, found.counts.toarray().T.tolist(), strict=True))
    assert table == {"a": [1, 0], "b": [1, 2], "c": [0, 1]}


def test_names_are_all_different_and_never_other():
    from scipy.sparse import csr_array

    same = WordCounts(csr_array(np.array([[9, 9], [9, 9]])), ["river", "stone"])
    assert len(set(names_of(same, np.array([9, 9])))) == 2
    only = WordCounts(csr_array(np.array([[5, 0], [0, 5]])), ["other", "river"])
    names = names_of(only, np.array([5, 5]))
    assert "other" not in names
    assert len(set(names)) == 2
    assert names_of(WordCounts(csr_array((1, 1), dtype=np.int64), []), np.array([4])) == ["topic 1"]


def test_a_name_has_no_two_forms_of_a_word():
    words = [
        "refund",
        "refunds",
        "refunded",
        "transfer",
        "transferring",
        "card",
        "cart",
        "信用",
        "用卡",
        "银行",
    ]
    assert without_forms(words) == ["refund", "transfer", "card", "cart", "信用", "银行"]


def test_naming_words_leave_out_stop_words_and_pair_signs():
    assert naming_words("what is the bank's fee for a transfer?", "the fee is 2 euros, transfer it.") == [
        *("bank", "fee", "transfer", "euros")
    ]
    assert naming_words("信用卡 fee", "") == ["fee", "信用", "用卡"]


# Prompts written for this test, one a task, and none of them among the classifier's own examples.
TASK_CASES = [
    ("Which river flows through Vienna?", "The Danube.", "question answering"),
    ("Why do cats purr?", "For several reasons.", "question answering"),
    ("Compose a ballad about a lighthouse keeper.", "High on the rock...", "writing"),
    ("Draft a polite email that declines an invitation.", "Dear Ann...", "writing"),
    ("Write a Rust function that merges two sorted lists.", "```rust\nfn merge() {}\n```", "code"),
    (
        "My loop never ends, what is wrong?\nwhile (i < 5) { print(i); }",
        "while (i < 5) {\n  i++;\n}\n",
        "code",
    ),
    ("Extract every date from the text: We met on 3 May and 4 June.", "3 May, 4 June", "extraction"),
    ("Classify the review as positive or negative: The soup was cold.", "negative", "classification"),
    ("Summarise the following report in two sentences. Sales rose ...", "Sales rose.", "summarisation"),
    ("Translate to Italian: good evening", "buona sera", "translation"),
    ("Übersetze ins Englische: Guten Abend", "Good evening", "translation"),
    ("请把这句话翻译成英文：你好", "Hello", "translation"),
    ("Rephrase this sentence so that it sounds friendlier: Send it now.", "Could you send it?", "rewriting"),
    ("Suggest six names for a bakery.", "1. Crumb", "brainstorming"),
    ("Solve for x: 4x - 7 = 9", "x = 4", "math"),
    ("Anna has 12 pears and gives away 5. How many are left?", "7", "math"),
    ("Pretend you are a medieval blacksmith and greet me.", "Hail!", "role play"),
]


def tasks(rows):
    from tuneset.curate.row_vectors import row_vectors
    from tuneset.curate.rows import rows_of

    batch = sample_batch(rows)
    read = rows_of(batch)
    lowered = [response for _, response in read.lowered]
    return tasks_of(read.messages, [None] * len(rows), lowered, row_vectors(batch).prompt)


@pytest.mark.parametrize(("prompt", "response", "task"), TASK_CASES)
def test_task_types(prompt, response, task):
    assert tasks([(prompt, response)]) == [task]


def test_tools_and_several_turns_and_nothing():
    turns = [
        {"role": "user", "content": "I had a long day."},
        {"role": "assistant", "content": "Tell me more."},
    ]
    zero = np.zeros((1, 256), np.float32)
    assert tasks_of([[*turns, *turns]], [None], [""], zero) == ["conversation"]
    assert tasks_of([turns], ['[{"name": "search"}]'], [""], zero) == ["tool use"]
    assert tasks_of([turns], ["[]"], [""], zero) == ["other"]
    assert tasks_of([[{"role": "tool", "content": "4"}]], [None], [""], zero) == ["tool use"]
    assert tasks_of([[]], [None], [""], zero) == ["other"]


def test_near_topics_stand_near_on_the_map():
    middle = np.eye(6)[:3]
    places = topic_places(
        np.rint(127 * np.array([middle[0], middle[0] + 0.3 * middle[1], middle[2]])).astype(np.int8)
    )
    near, far = np.linalg.norm(places[0] - places[1]), np.linalg.norm(places[0] - places[2])
    assert near < far
    assert np.abs(places).max() <= 1
    assert topic_places(np.zeros((0, 4), np.int8)).shape == (0, 2)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text("abc, é中", min_size=1, max_size=30),
            st.integers(60, WIDTH - 60),
            st.integers(40, HEIGHT - 40),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_labels_on_the_map_never_overlap_or_leave_it(spots):
    labels = place_labels([t for t, _, _ in spots], [(x, y, 10.0) for _, x, y in spots])
    boxes = [label.box for label in labels]
    for i, box in enumerate(boxes):
        assert 0 <= box.left < box.right <= WIDTH
        assert 0 <= box.top < box.bottom <= HEIGHT
        assert not any(box.overlaps(other) for other in boxes[:i])
    assert boxes


def test_the_map_escapes_names():
    drawn = topic_map([Spot("<b>&", 0.0, 0.0, 3)], [(0.1, 0.2, True)], 3)
    assert "<b>" not in drawn
    assert "&lt;b&gt;&amp;" in drawn


def test_gaps_by_hand():
    def rows(kept, train, dropped=0, tasks=None):
        splits = Counter({"train": train, "test": kept - train})
        return TopicRows(kept, 0, dropped, splits, Counter(tasks or {"code": kept}), (0.0, 0.0))

    found = Topics(
        {
            "a": rows(400, 400),
            "b": rows(400, 380),
            "c": rows(200, 90, dropped=200),
            "d": rows(4, 0),
            "e": rows(996, 996, tasks={"code": 987, "math": 9}),
            "other": rows(0, 0, dropped=5, tasks={"code": 0}),
        },
        [],
        ["train", "test"],
    )
    told = dict(gaps(found))
    assert told["In validation or test, without a row in train"] == ["d"]
    assert told["Thin: fewer than a quarter of the 380 train rows that the middle topic has"] == ["c (90)"]
    assert told["Task types with fewer than 0.5 % of the rows"] == ["math (9)"]
    assert told["Topics that lost half of their rows or more to drops"] == [
        "c (200 of 400)",
        "other (5 of 5)",
    ]
    assert set(told["Task types without a row"]) == set(TASKS) - {"code", "math", "other"}


def test_the_report_is_built_from_the_ledger(tmp_path):
    rows = [{"prompt": p, "completion": r} for p, r in planted()]
    rows += [{"prompt": f"Tell me about refund {i}.", "completion": ""} for i in range(4)]
    recipe = {"steps": ["structure", {"use": "topic", "count": 3}, "split"]}
    curate(rows, out=tmp_path / "out", recipe=recipe)
    found = topics(Ledger.open(tmp_path / "out"))
    assert found is not None
    assert sorted(t.kept for t in found.topics.values()) == [20, 20, 20]
    assert sum(t.dropped for t in found.topics.values()) == 4
    assert sum(sum(t.splits.values()) for t in found.topics.values()) == 60
    assert len(found.spots) == 60
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert '<section id="topics"' in html
    assert all(f">{name}</th>" in html for name in found.topics)


def test_a_report_without_the_step_has_no_such_section(tmp_path):
    curate([{"prompt": "Hi", "completion": "Hello."}], out=tmp_path / "out", recipe={"steps": ["structure"]})
    assert topics(Ledger.open(tmp_path / "out")) is None
    assert '<section id="topics"' not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_split_can_be_stratified_by_topic(tmp_path):
    rows = [{"prompt": p, "completion": r} for p, r in planted()]
    recipe = {"steps": [{"use": "topic", "count": 3}, {"use": "split", "stratify": ["topic"]}]}
    curate(rows, out=tmp_path / "out", recipe=recipe)
    ledger = Ledger.open(tmp_path / "out")
    strata = {
        json.loads(d)["stratum"] for d in ledger.step_verdicts("split", ["detail"])["detail"].to_pylist()
    }
    assert strata == set(ledger.step_verdicts("topic", ["value"])["value"].to_pylist())
