"""What `topic` and `label` find on labelled questions, beside k-means on tf-idf and tf-idf with regression.

    python benchmarks/quality_labels.py [DATA]

`09_sft_tasks/banking_intents` has questions with one of 20 intents. The sentences below were written from the
names of the intents alone. Answers are left out: they spell the intent.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from tuneset.curate.pipeline import decide
from tuneset.curate.readers.shapes import Draft
from tuneset.curate.readers.table import name_draft, rows_batch
from tuneset.curate.step import Step
from tuneset.curate.steps.label import Label
from tuneset.curate.steps.topic import Topic
from tuneset.curate.topics.names import class_tf_idf
from tuneset.schemas.arrow import ROWS
from tuneset.schemas.step_options import LabelOptions

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = {
    "age_limit": "The customer asks how old one must be for an account, or whether children can have one.",
    "apple_pay_or_google_pay": "The customer asks about paying with Apple Pay, Google Pay or a phone wallet.",
    "atm_support": "The customer asks which cash machines accept the card, or where an ATM can be used.",
    "card_arrival": "The customer waits for a new card that was ordered and has not arrived in the post.",
    "cash_withdrawal_charge": "The customer asks why a fee was charged for taking out cash at an ATM.",
    "change_pin": "The customer wants to change the PIN of a card to a new one.",
    "country_support": "The customer asks in which countries the bank offers its accounts and cards.",
    "edit_personal_details": "The customer wants to update details such as name, address or phone number.",
    "exchange_rate": "The customer asks what exchange rate is used when currencies are converted.",
    "getting_virtual_card": "The customer wants to get a virtual card, or asks how to order one.",
    "lost_or_stolen_card": "The customer lost the card or it was stolen, and wants it blocked.",
    "passcode_forgotten": "The customer forgot the passcode of the app and cannot log in.",
    "pin_blocked": "The PIN is blocked after too many wrong tries, and the customer wants to unblock it.",
    "receiving_money": "The customer asks how to receive money, such as a salary or a payment from someone.",
    "refund_not_showing_up": "A refund was promised by a shop but does not show up on the account.",
    "request_refund": "The customer wants their money back for a purchase and asks for a refund.",
    "terminate_account": "The customer wants to close or delete the account.",
    "top_up_failed": "A top-up of the account failed or was declined.",
    "transfer_timing": "The customer asks how long a transfer takes until it arrives.",
    "verify_my_identity": "The customer asks how to verify their identity and which documents are needed.",
}
Asked = tuple[list[str], list[str]]
"""Questions, and the intent of each."""


def questions(path: Path) -> Asked:
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line)["messages"] for line in lines]
    return [r[1]["content"] for r in rows], [r[2]["content"].removeprefix("intent: ") for r in rows]


def table(prompts: Sequence[str]) -> pa.Table:
    drafts = [
        name_draft(Draft([{"role": "user", "content": p}], None, None, None, {}), f"q:{i}", "q", i)
        for i, p in enumerate(prompts, start=1)
    ]
    return pa.Table.from_batches([rows_batch(drafts)], ROWS)


def verdicts_on(step: Step, rows: pa.Table) -> list[dict[str, Any]]:
    measures = step.measure(rows).append_column("alive", pa.array([True] * len(rows)))
    return decide(step, measures).to_pylist()


def labels(data: Path) -> None:
    """Print the figures of both steps."""
    folder = data / "09_sft_tasks" / "banking_intents"
    train, test = questions(folder / "train.jsonl"), questions(folder / "test.jsonl")
    shares = json.loads((folder / "BASELINE.json").read_text())
    print(f"\nlabels, {len(test[0])} test questions with {len(SENTENCES)} intents")
    print(f"  {'':34s}{'accuracy':>10s}{'coverage':>10s}{'of covered':>12s}{'ECE before':>12s}{'ECE':>8s}")
    line("always one intent", [i == test[1][0] for i in test[1]])
    line("tf-idf of the intents' names", [a == b for a, b in zip(by_names(test[0]), test[1], strict=True)])
    judged("sentences (zero-shot)", None, train, test)
    for count in (5, 25, 45):
        few = take(train, count)
        line(f"tf-idf, regression, {count} an intent", baseline(few, test))
        judged(f"{count} examples an intent", few, train, test)
        judged(f"{count} examples, no sentences", few, train, test, sentences=False)
    print(f"  BASELINE.json: tf-idf and regression on all examples {shares['tfidf_logreg_clean']}")
    topic_figures(train, test)


def take(asked: Asked, count: int) -> Asked:
    seen: dict[str, int] = {}
    kept: list[tuple[str, str]] = []
    for text, intent in zip(*asked, strict=True):
        seen[intent] = seen.get(intent, 0) + 1
        if seen[intent] <= count:
            kept.append((text, intent))
    return [t for t, _ in kept], [i for _, i in kept]


def line(name: str, right: Sequence[bool], more: str = "") -> None:
    print(f"  {name:34s}{np.mean(right):>10.4f}{more}")


def by_names(texts: Sequence[str]) -> list[str]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    names = list(SENTENCES)
    model = TfidfVectorizer().fit([*texts, *(n.replace("_", " ") for n in names)])
    likeness = model.transform(texts) @ model.transform([n.replace("_", " ") for n in names]).T
    return [names[i] for i in np.asarray(likeness.todense()).argmax(axis=1)]


def baseline(few: Asked, test: Asked) -> list[bool]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = make_pipeline(words, LogisticRegression(C=10, max_iter=2000)).fit(*few)
    return [a == b for a, b in zip(model.predict(test[0]), test[1], strict=True)]


def judged(name: str, few: Asked | None, train: Asked, test: Asked, *, sentences: bool = True) -> None:
    """A line for the step on train and test questions together, judged on the test questions."""
    with tempfile.TemporaryDirectory() as folder:
        given = None
        if few is not None:
            given = str(Path(folder) / "examples.jsonl")
            rows = [json.dumps({"prompt": t, "label": i}) for t, i in zip(*few, strict=True)]
            Path(given).write_text("\n".join(rows) + "\n", encoding="utf-8")
        options = {"name": "intent", "labels": SENTENCES if sentences else {}, "examples": given}
        rows = table([*train[0], *test[0]])
        step = Label(LabelOptions(**options))
        told = [v["detail"] for v in verdicts_on(step, rows)][-len(test[0]) :]
        raw = told if few is None else uncalibrated(step, rows)[-len(test[0]) :]
    first = [next(iter(json.loads(d)["labels"].items())) for d in told]
    right = np.array([label == truth for (label, _), truth in zip(first, test[1], strict=True)])
    sure = np.array([score for _, score in first])
    before = np.array([next(iter(json.loads(d)["labels"].values())) for d in raw])
    covered = sure >= LabelOptions(**options).min_confidence
    figures = f"{covered.mean():>10.4f}{right[covered].mean():>12.4f}"
    error = f"{calibration_error(before, right):>12.4f}" if few is not None else f"{'':12s}"
    line(name, right.tolist(), f"{figures}{error}{calibration_error(sure, right):>8.4f}")


def uncalibrated(step: Label, rows: pa.Table) -> list[str]:
    """The step's details at temperature 1."""
    from tuneset.curate.labels import few_shot

    kept = few_shot.TEMPERATURES
    few_shot.TEMPERATURES = np.ones(1)
    try:
        return [v["detail"] for v in verdicts_on(step, rows)]
    finally:
        few_shot.TEMPERATURES = kept


def calibration_error(sure: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal width."""
    place = np.minimum((sure * bins).astype(int), bins - 1)
    return float(
        sum(abs(sure[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in set(place))
    )


def topic_figures(train: Asked, test: Asked) -> None:
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts, truth = [*train[0], *test[0]], [*train[1], *test[1]]
    rows = table(texts)
    step = Topic()
    measures = step.measure(rows).append_column("alive", pa.array([True] * len(rows)))
    started = time.process_time()
    told = decide(step, measures).to_pylist()
    spent = time.process_time() - started
    found = [v["value"] for v in told]
    words = TfidfVectorizer(sublinear_tf=True).fit_transform(texts)
    print(f"\ntopics of {len(texts):,} questions with {len(set(truth))} intents: {len(set(found))} values")
    agree(f"tuneset, decide {spent:.1f} CPU s", truth, found)
    for count in (len(set(truth)), len(set(found))):
        agree(
            f"k-means on tf-idf, k = {count}",
            truth,
            KMeans(count, n_init=10, random_state=0).fit_predict(words),
        )
    naming(found, measures.column("words").to_pylist())
    peer_names()


def agree(name: str, truth: Sequence[str], found: Sequence[Any]) -> None:
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    nmi, ari = normalized_mutual_info_score(truth, found), adjusted_rand_score(truth, found)
    print(f"  {name:34s} NMI {nmi:.3f}  ARI {ari:.3f}")


def naming(found: Sequence[str], words: Sequence[Sequence[str]]) -> None:
    """The share of names that cover 30 % of their topic's rows: by one of their words, by the first."""
    rows: dict[str, list[set[str]]] = {}
    for name, told in zip(found, words, strict=True):
        rows.setdefault(name, []).append(set(told))
    rows.pop("other", None)
    some = [np.mean([bool(row & set(name.split(", "))) for row in members]) for name, members in rows.items()]
    each = [
        np.mean([w in row for row in members]) for name, members in rows.items() for w in name.split(", ")
    ]
    print(
        f"  names with a word in 30 % of the rows {np.mean(np.array(some) >= 0.3):.3f} (mean cover"
        f" {np.mean(some):.3f}); words of names in 30 % of the rows {np.mean(np.array(each) >= 0.3):.3f}"
    )


def peer_names() -> None:
    """Whether bertopic's own class weighs words the same, where it is installed."""
    if importlib.util.find_spec("bertopic") is None:
        print("  bertopic is not installed: its class-based tf-idf was not compared")
        return
    from bertopic.vectorizers import ClassTfidfTransformer
    from scipy.sparse import csr_array, csr_matrix

    counts = np.random.default_rng(3).poisson(0.4, (12, 400))
    peer = ClassTfidfTransformer().fit(csr_matrix(counts)).transform(csr_matrix(counts)).toarray()
    away = np.abs(peer - class_tf_idf(csr_array(counts)).toarray()).max()
    print(f"  class-based tf-idf, greatest difference to bertopic's: {away:.1e}")


def main(arguments: Mapping[int, str]) -> None:
    default = os.environ.get("TUNESET_EVAL_DATA", ROOT.parent / "shared" / "data")
    labels(Path(arguments.get(1, str(default))))


if __name__ == "__main__":
    main(dict(enumerate(sys.argv)))
