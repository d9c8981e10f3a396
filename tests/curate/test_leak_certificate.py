"""The leak certificate against brute force over sets of strings, and against pairs worked by hand."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate import leak_search
from tuneset.curate.leak_certificate import certify, text_of
from tuneset.curate.leak_search import ShingleSearch, shingle_sets

WORDS = "the a museum opens at nine in every morning of week and closes six evening but not on monday".split()


def grams(text: str) -> set[str]:
    padded = text.ljust(5) if text else text
    return {padded[i : i + 5] for i in range(len(padded) - 4)}


def jaccard(a: str, b: str) -> float:
    x, y = grams(a), grams(b)
    return len(x & y) / len(x | y) if x | y else 0.0


def held(a: str, b: str) -> float:
    x = grams(a)
    return len(x & grams(b)) / len(x) if x else 0.0


TEXTS = st.lists(st.text("abcé漢 ", max_size=30), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None)
@given(TEXTS, TEXTS, st.integers(1, 5))
def test_the_search_agrees_with_brute_force(queries, texts, block):
    search = ShingleSearch(queries, len(texts))
    for first in range(0, len(texts), block):
        search.add(texts[first : first + block])
    found = search.result()
    assert (found.exact_from, found.recall) == (0.0, None)
    for i, query in enumerate(queries):
        alike, inside = [jaccard(query, t) for t in texts], [held(query, t) for t in texts]
        assert found.jaccard[i] == pytest.approx(max(alike), abs=1e-5)
        assert found.held[i] == pytest.approx(max(inside), abs=1e-5)
        assert found.index[i] == (alike.index(max(alike)) if max(alike) else -1)
        assert found.held_by[i] == (inside.index(max(inside)) if max(inside) else -1)


def test_shingle_sets_by_hand():
    sets = shingle_sets(["aaaaaaa", "", "ab", "abcdef", "abcdefabcdef"])
    # one repeated 5-gram; none; "ab   "; abcde bcdef; those, cdefa, defab, efabc, fabcd
    assert sets.sizes.tolist() == [1, 0, 1, 2, 6]
    assert shingle_sets([]).sizes.tolist() == []
    assert shingle_sets(["", ""]).sizes.tolist() == [0, 0]


@settings(max_examples=80, deadline=None)
@given(TEXTS, TEXTS, st.integers(1, 5))
def test_leaving_out_the_most_common_shingles_is_exact_from_one_half_up(queries, texts, block):
    found = few_counted(queries, texts, block)
    assert found.exact_from in (0.0, 0.5)  # 0 where no shingle is shared at all
    assert found.recall is None
    for i, query in enumerate(queries):
        alike, inside = [jaccard(query, t) for t in texts], [held(query, t) for t in texts]
        assert found.jaccard[i] <= max(alike) + 1e-5
        assert found.held[i] <= max(inside) + 1e-5
        if max(alike) >= 0.5:
            assert found.jaccard[i] == pytest.approx(max(alike), abs=1e-5)
            assert alike[found.index[i]] == pytest.approx(max(alike))
        if max(inside) >= 0.9:
            assert found.held[i] == pytest.approx(max(inside), abs=1e-5)


def few_counted(queries, texts, block, **more):
    """A search that counts as little as it may."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leak_search, "FEW_PRODUCTS", 0)
        patch.setattr(leak_search, "MIN_HELD_SHINGLES", 0)
        patch.setattr(leak_search, "MANY_CANDIDATES", more.pop("many", 1000))
        search = ShingleSearch(queries, len(texts), **more)
        for first in range(0, len(texts), block):
            search.add(texts[first : first + block])
        return search.result()


def sentences(n: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=25)) for _ in range(n)]


def planted():
    """400 texts, and 150 queries of which every third repeats one, nearly."""
    texts, queries = sentences(400, 1), sentences(150, 2)
    for i in range(0, 150, 3):
        queries[i] = texts[i * 2] + f" number {i}"
    return queries, texts, [max(jaccard(q, t) for t in texts) for q in queries]


def test_too_many_likely_pairs_are_counted_in_full_where_that_is_affordable():
    queries, texts, best = planted()
    found = few_counted(queries, texts, 64, many=0)
    assert found.exact_from == 0.5
    near = [i for i in range(150) if best[i] >= 0.5]
    assert len(near) >= 50
    assert found.jaccard[near] == pytest.approx([best[i] for i in near], abs=1e-5)


@pytest.mark.parametrize("max_products", [300_000, 30_000, 0])
def test_beyond_the_bound_the_recall_is_measured(max_products):
    queries, texts, best = planted()
    found = few_counted(queries, texts, 64, many=0, max_products=max_products)
    assert found.exact_from is None
    assert all(found.jaccard[i] <= best[i] + 1e-5 for i in range(150))
    near = [i for i in range(150) if best[i] >= 0.5]
    share = sum(found.jaccard[i] >= best[i] - 1e-5 for i in near) / len(near)
    assert found.recall == pytest.approx(share, abs=0.15)  # 50 of the 150 are checked
    if max_products == 300_000:
        assert [found.index[i] for i in range(0, 150, 3)] == [i * 2 for i in range(0, 150, 3)]


def test_the_recall_counts_what_was_missed(monkeypatch):
    monkeypatch.setattr(ShingleSearch, "_count_some", lambda *_: np.arange(3))
    texts = sentences(50, 1)
    assert few_counted([texts[0], texts[9], "zzzzzzzzzz"], texts, 50, max_products=0).recall == 0.0


LONG = "The museum opens at nine in the morning and closes at six in the evening on every working day of the week."


def row(name: str, prompt: str, response: str, system: str | None = None):
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]
    if system is not None:
        turns.insert(0, {"role": "system", "content": system})
    return {"row_id": name, "messages": turns}


def certified(train, test, validation=(), **more):
    held_out = {"test": lambda: test, "validation": lambda: validation}
    return certify(lambda: train, held_out, n_train=len(train), threshold=0.7, **more)


def test_the_certificate_by_hand():
    train = [
        row("t1", "When does the museum open today?", LONG, "Be brief."),
        row("t2", "Translate this sentence to French for me.", "Le musée ouvre à neuf heures du matin."),
    ]
    test = [
        row("e1", "Where is the railway station of the town?", "Behind the park, ten minutes on foot."),
        row("e2", "When does the museum open today?", "I do not know that, ask somebody else."),
    ]
    validation = [row("v1", "When does the museum open today?", LONG, "Be verbose.")]
    found = certified(train, test, validation)
    assert (found.train_rows, found.exact_from, found.recall, found.encoder) == (2, 0.0, None, None)
    assert found.splits["test"].model_dump() == {
        "rows": 2,
        "highest": 1.0,  # e2 asks what t1 asks
        "at_least": {"0.7": 1, "0.8": 1, "0.9": 1},
        "at_threshold": 1,
        "held": 0,
        "highest_cosine": None,
    }
    assert found.splits["validation"].at_threshold == 1
    assert [(p.split, p.row_id, p.train_row_id) for p in found.pairs[:2]] == [
        ("validation", "v1", "t1"),  # both prompts are the same; here the answer is too
        ("test", "e2", "t1"),
    ]
    assert (found.pairs[1].prompt, found.pairs[0].whole, found.pairs[0].response) == (1.0, 1.0, 1.0)
    a, b = text_of(test[1]), text_of(train[0])
    assert found.pairs[1].whole == pytest.approx(jaccard(a.whole, b.whole), abs=1e-4)
    assert found.pairs[1].response == pytest.approx(jaccard(a.response, b.response), abs=1e-4)


def test_a_row_inside_a_longer_one_is_seen():
    inside = row("e", "Tell me when the museum opens and closes.", LONG)
    around = row(
        "t", "x", f"{' '.join(sentences(30, 3))} Tell me when the museum opens and closes. {LONG} And so on."
    )
    found = certified([around], [inside])
    assert found.splits["test"].held == 1
    assert found.splits["test"].at_threshold == 0


def test_disguises_are_seen_through():
    plain = row("t", "When does the museum open on a working day?", LONG)
    other = row("e", "When does the mus\u200beum \u043epen on a **working** day?", LONG.upper())
    assert certified([plain], [other]).splits["test"].highest == 1.0


def test_a_short_prompt_alone_is_no_leak():
    train, test = (
        [row("t", "And then?", LONG)],
        [row("e", "And then?", "Nothing more happened that evening.")],
    )
    assert certified(train, test).splits["test"].highest < 0.3


@pytest.mark.parametrize(("train", "test"), [(0, 0), (3, 0), (0, 3)])
def test_empty_splits(train, test):
    rows = [row(str(i), f"Question {i} about a thing", LONG) for i in range(3)]
    found = certified(rows[:train], rows[:test])
    assert (found.splits["test"].rows, found.splits["test"].highest, found.pairs) == (test, 0.0, [])


class Letters:
    """Counts of letters as a unit vector: two texts of the same letters mean the same."""

    name = "letters"

    def encode(self, texts):
        counts = np.array([[t.count(c) for c in "abcdefghijklmnopqrstuvwxyz"] for t in texts], np.float32)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


def test_an_encoder_adds_cosines_and_the_pair_nearest_in_meaning():
    train = [row("t1", "stale rats", "evil star"), row("t2", "quick brown foxes jump", "over lazy dogs")]
    test = [row("e1", "tales arts", "live rats"), row("e2", "quick brown foxes jump", "over lazy dogs now")]
    found = certified(train, test, encoder=Letters())
    assert found.splits["test"].highest_cosine == pytest.approx(1.0, abs=1e-4)
    assert ("e1", "t1") in [(p.row_id, p.train_row_id) for p in found.pairs]
    assert all(p.cosine is not None and p.cosine > 0.9 for p in found.pairs)
    assert "letters" in found.method


def test_only_the_closest_pairs_are_listed_and_the_train_rows_are_read_twice():
    read = []

    def train():
        read.append(1)
        return iter([row(f"t{i}", f"Question number {i} of the long list", LONG) for i in range(30)])

    test = [row(f"e{i}", f"Question number {i} of the long list", LONG + " Yes.") for i in range(30)]
    found = certify(train, {"test": lambda: test}, n_train=30, threshold=0.7)
    assert len(found.pairs) == 10
    assert len(read) == 2
