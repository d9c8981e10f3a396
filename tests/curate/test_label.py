"""Labels: from sentences, from examples, calibration, abstention, errors, and what reads them."""

import json
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError
from tuneset.curate import curate
from tuneset.curate.labels.features import Vocabulary, stem, stems_of
from tuneset.curate.labels.few_shot import UNCALIBRATED, FewShot
from tuneset.curate.labels.zero_shot import most_likely, softmax
from tuneset.curate.ledger import Ledger
from tuneset.curate.pipeline import decide
from tuneset.curate.steps.label import Label
from tuneset.curate.testing import check_step, sample_batch
from tuneset.schemas.errors import InputError, RecipeError
from tuneset.schemas.step_options import LabelOptions

LABELS = {
    "refund": "The customer wants their money back.",
    "delivery": "The customer asks when a parcel arrives.",
    "opening_hours": "The customer asks when the shop is open.",
}
ASKED = [
    ("I want my money back for these shoes.", "refund"),
    ("When does my parcel arrive?", "delivery"),
    ("At what time do you open on Sundays?", "opening_hours"),
    ("Can I get a refund? The lamp is broken.", "refund"),
    ("My package has not been delivered yet.", "delivery"),
    ("Is the shop open tonight?", "opening_hours"),
]
UNRELATED = [
    "Write a Python function that sorts a list.",
    "Compose a poem about winter.",
    "Multiply 7 by 8.",
]


def told(options, prompts, folder=None):
    step = Label(LabelOptions(**options)) if folder is None else Label(LabelOptions(**options), folder=folder)
    return decide(step, step.measure(sample_batch([(p, "") for p in prompts]))).to_pylist()


def write(path, *rows):
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def examples(path):
    return write(path, *({"prompt": p, "label": label} for p, label in ASKED))


def test_the_step_keeps_the_contract(tmp_path):
    examples(tmp_path / "e.jsonl")
    batch = sample_batch([(p, "Of course.") for p, _ in ASKED])
    check_step(Label(LabelOptions(name="intent", labels=LABELS)), batch)
    check_step(Label(LabelOptions(name="intent", examples="e.jsonl"), folder=tmp_path), batch)


def test_rows_get_the_label_whose_sentence_says_what_they_say():
    found = told({"name": "intent", "labels": LABELS, "min_confidence": 0}, [p for p, _ in ASKED])
    assert [v["value"] for v in found] == [label for _, label in ASKED]
    assert {(v["step"], v["action"], v["reason"]) for v in found} == {("intent", "assign", "label")}
    for verdict in found:
        likely = json.loads(verdict["detail"])["labels"]
        assert next(iter(likely)) == verdict["value"]
        assert list(likely.values()) == sorted(likely.values(), reverse=True)
        assert likely[verdict["value"]] == verdict["score"]
        assert sum(likely.values()) <= 1.0001


@pytest.mark.parametrize("labels", [LABELS, {"refund": LABELS["refund"]}])
def test_rows_like_no_label_get_none_even_where_there_is_but_one(labels):
    found = told({"name": "intent", "labels": labels}, [*UNRELATED, *(p for p, _ in ASKED)])
    assert [(v["action"], v["reason"], v["value"], v["score"]) for v in found[: len(UNRELATED)]] == [
        ("keep", "no_label", None, None)
    ] * len(UNRELATED)
    refunds = [v["value"] for v in found[len(UNRELATED) :]]
    assert refunds[0] == refunds[3] == "refund"


def test_a_higher_limit_labels_fewer_rows():
    prompts = [*UNRELATED, *(p for p, _ in ASKED)]
    counts = [
        sum(
            v["action"] == "assign"
            for v in told({"name": "x", "labels": LABELS, "min_confidence": limit}, prompts)
        )
        for limit in (0, 0.5, 1)
    ]
    assert counts[0] == len(prompts) > counts[1] > counts[2]


@pytest.mark.parametrize("sentences", [LABELS, {}])
def test_examples_teach_labels_that_words_do_not_tell(tmp_path, sentences):
    labels = {"a": "The first group.", "b": "The second group."} if sentences else {}
    animals = ["the dog barks", "my cat sleeps", "a horse runs", "the cow eats grass", "birds fly"]
    tools = [
        "use a hammer",
        "the drill is loud",
        "a saw cuts wood",
        "turn the screwdriver",
        "tighten the bolt",
    ]
    rows = [{"text": t, "group": "a"} for t in animals] + [{"text": t, "group": "b"} for t in tools]
    write(tmp_path / "e.jsonl", *rows)
    options = {"name": "group", "labels": labels, "examples": "e.jsonl", "min_confidence": 0}
    found = told(options, ["a dog and a horse", "the wrench and the hammer"], tmp_path)
    assert [v["value"] for v in found] == ["a", "b"]


def test_examples_are_read_in_many_shapes_and_unlabelled_rows_passed_over(tmp_path):
    turns = [{"role": "user", "content": "Refund me, please."}, {"role": "assistant", "content": "Sure."}]
    write(
        tmp_path / "e.jsonl",
        {"messages": turns, "label": "refund"},
        {"prompt": "Where is my parcel?", "completion": "On its way.", "intent": "delivery"},
        {"text": "When do you open?", "label": "opening_hours"},
        {"text": "no label"},
        {"text": "feedback", "label": True},
    )
    step = Label(LabelOptions(name="intent", labels=LABELS, examples="e.jsonl"), folder=tmp_path)
    assert step._examples() == [
        ("Refund me, please.", "Sure.", "refund"),
        ("Where is my parcel?", "On its way.", "delivery"),
        ("When do you open?", "", "opening_hours"),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": "a text", "label": "refunds"}, "'refunds' is not among"),
        ({"text": "a text"}, "no row has a label"),
    ],
)
def test_wrong_examples_stop_the_run_with_three_parts(tmp_path, row, message):
    write(tmp_path / "e.jsonl", row)
    with pytest.raises(InputError, match=message) as caught:
        Label(LabelOptions(name="intent", labels=LABELS, examples="e.jsonl"), folder=tmp_path)
    assert "e.jsonl" in caught.value.where
    assert caught.value.fix


@pytest.mark.parametrize("name", ["split", "Intent", "a-b", ""])
def test_names_of_built_in_steps_and_odd_names_are_refused(name):
    with pytest.raises(ValidationError):
        LabelOptions(name=name, labels=LABELS)


def test_an_empty_sentence_is_refused():
    with pytest.raises(ValidationError, match="no sentence"):
        LabelOptions(name="x", labels={"a": " "})


def test_two_steps_of_one_name_are_refused_and_of_two_names_run(tmp_path):
    rows = [{"prompt": p, "completion": "Yes."} for p, _ in ASKED]
    one = {"use": "label", "name": "intent", "labels": LABELS}
    with pytest.raises(RecipeError, match="there twice"):
        curate(rows, out=tmp_path / "o", recipe={"steps": [one, one]})
    curate(rows, out=tmp_path / "o", recipe={"steps": [one, {**one, "name": "second"}]})
    labels = Ledger.open(tmp_path / "o").labels()
    assert labels.column("intent").equals(labels.column("second"))


def test_labels_reach_the_split_the_report_and_the_run_card(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples(tmp_path / "e.jsonl")
    rows = [{"prompt": p, "completion": "Yes."} for p in (*(p for p, _ in ASKED), *UNRELATED)]
    step = {"use": "label", "name": "intent", "labels": LABELS, "examples": "e.jsonl"}
    card = curate(rows, out="o", recipe={"steps": [step, {"use": "split", "stratify": ["intent"]}]}).card
    assert card.recipe["steps"][0]["use"] == "label"
    assert card.recipe["steps"][0]["labels"] == LABELS
    assert [r.file for r in card.references] == ["e.jsonl"]
    ledger = Ledger.open("o")
    values = ledger.label("intent", "value").to_pylist()
    details = ledger.step_verdicts("split", ["detail"])["detail"].to_pylist()
    strata = [json.loads(d or "{}").get("stratum") for d in details]
    assert [v for v in values if v] == [s for s in strata if s]
    html = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    part = html[html.index('<section id="labels"') :]
    for label, n in Counter(v or "no label" for v in values).items():
        assert f'>{label}</th><td role="cell" data-name="kept" class="n">{n}</td>' in part


def test_labels_that_no_row_gets_leave_the_split_as_it_is(tmp_path):
    rows = [{"prompt": p, "completion": "Yes."} for p, _ in ASKED]
    step = {"use": "label", "name": "intent", "labels": LABELS, "min_confidence": 1}
    card = curate(
        rows, out=tmp_path / "o", recipe={"steps": [step, {"use": "split", "stratify": ["intent"]}]}
    ).card
    assert [s.assigned for s in card.steps] == [0, len(rows)]


def test_without_labels_and_examples_the_run_says_so(tmp_path):
    card = curate(
        [{"prompt": "Hi", "completion": "Yes."}], out=tmp_path / "o", recipe={"steps": ["label"]}
    ).card
    assert card.steps[0].notes == ["`label` names neither labels nor examples, so no row got a label."]


def test_stems_join_forms_and_leave_short_words():
    assert len({stem(w) for w in ("refund", "refunds", "refunded", "refunding")}) == 1
    assert stem("is") == "is"
    assert stem("thing") == "thing"
    assert stems_of("the refunds") == stems_of("refunded")
    assert len(stems_of("信用卡")) == 2


def test_tf_idf_rows_by_hand():
    a, b, c = (stems_of(w)[0] for w in ("apple", "river", "stone"))
    rows = pa.chunked_array([[[a], [a, b]], [[a], []]], pa.list_(pa.uint32()))
    known = Vocabulary([np.array([a, b], np.uint32)], rows)
    frequent, rare = np.log(5 / 4) + 1, np.log(5 / 2) + 1  # in 3 and in 1 of 4 rows
    found = known.matrix([[a, b, c], [c]]).toarray()
    length = np.hypot(frequent, rare)
    expected = {a: frequent / length, b: rare / length}
    np.testing.assert_allclose(found[0], [expected[s] for s in sorted((a, b))])
    assert not found[1].any()


def test_softmax_and_the_likeliest():
    np.testing.assert_allclose(softmax(np.log([[1.0, 3.0]])), [[0.25, 0.75]])
    assert most_likely(np.array([[0.2, 0.5, 0.5]]), 2).tolist() == [[1, 2]]


def planted(count, seed, noise):
    """Rows about three middles."""
    from scipy.sparse import csr_array

    random = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    rows = np.eye(12)[labels] + noise * random.normal(size=(count, 12))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), csr_array((count, 1)), labels


@pytest.mark.parametrize(("shuffled", "above_one"), [(False, False), (True, True)])
def test_the_temperature_makes_unseen_rows_likelier(shuffled, above_one):
    """Well separated rows deserve more certainty than a regularised model has, labels by chance less."""
    rows, words, labels = planted(60, 1, noise=0.15)
    unseen, no_words, truth = planted(600, 2, noise=0.15)
    if shuffled:
        random = np.random.default_rng(3)
        labels, truth = random.permutation(labels), random.permutation(truth)
    model = FewShot(rows, words, labels, described=0, seed=13)
    right = np.arange(600), truth
    with_it, without = (
        -np.log(model.confidence(unseen, no_words, 3, calibrated=c)[right]).mean() for c in (True, False)
    )
    assert with_it < without
    assert (model.temperature > 1) == above_one


def test_too_few_examples_are_not_calibrated():
    rows, words, labels = planted(3, 1, noise=0.1)
    assert FewShot(rows, words, labels, described=0, seed=13).temperature == UNCALIBRATED


def test_a_row_unlike_every_example_is_in_doubt():
    rows, words, labels = planted(60, 1, noise=0.1)
    model = FewShot(rows, words, labels, described=0, seed=13)
    far = np.zeros((1, 12), np.float32)
    far[0, :3] = -(3**-0.5)
    assert model.confidence(far, words[[0]], 3).sum() < 0.5
    assert model.confidence(rows[:1], words[[0]], 3).sum() > 0.99
