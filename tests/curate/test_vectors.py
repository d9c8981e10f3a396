"""Vector search: brute force is the oracle, whatever the blocks, the kernel and the device."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate.vectors import nearest, products, similar_pairs
from tuneset.curate.vectors import partners as partners_module
from tuneset.curate.vectors.equal import first_equal
from tuneset.curate.vectors.lists import near_lists
from tuneset.curate.vectors.partners import Partners, kept_of


def unit(rows):
    rows = np.asarray(rows, np.float32)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)


def clustered(n, dim, seed, *, near=0.4, wide=1.0):
    """Rows about centres, and a third of them beside another row."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(max(2, n // 40), dim))[random.integers(0, max(2, n // 40), n)]
    rows = rows + wide * random.normal(size=(n, dim))
    beside = random.permutation(n)[: n // 3]
    steps = random.normal(size=(len(beside), dim)) * random.uniform(0, near, size=(len(beside), 1))
    rows[beside] = rows[random.integers(0, n, len(beside))] + steps
    return unit(rows)


def brute(vectors, threshold):
    """All pairs with their products in float64."""
    product = vectors.astype(float) @ vectors.astype(float).T
    left, right = np.nonzero(np.triu(product >= threshold, 1))
    return {(int(i), int(j)): product[i, j] for i, j in zip(left, right, strict=True)}


def as_dict(pairs):
    return {(int(i), int(j)): float(s) for i, j, s in zip(pairs.left, pairs.right, pairs.scores, strict=True)}


def brute_best(vectors, threshold, most):
    """Pairs among the best of either row, or with the lowest-numbered partner, by sorting each row."""
    every = brute(vectors, threshold)
    partners = {}
    for (i, j), score in every.items():
        partners.setdefault(i, []).append((-np.float32(score), j))
        partners.setdefault(j, []).append((-np.float32(score), i))
    kept = set()
    for row, found in partners.items():
        chosen = [other for _, other in sorted(found)[:most]] + [min(other for _, other in found)]
        kept |= {(min(row, other), max(row, other)) for other in chosen}
    return kept


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.95])
def test_all_pairs_of_brute_force(threshold):
    vectors = clustered(1500, 32, 1)
    expected = brute(vectors, threshold)
    pairs = similar_pairs(vectors, threshold, max_partners=2000, method="exact", device="cpu")
    found = as_dict(pairs)
    assert len(expected) > 100
    assert set(found) == set(expected)
    assert max(abs(found[p] - expected[p]) for p in found) < 1e-6
    assert (np.diff(pairs.left * 1500 + pairs.right) > 0).all()
    assert pairs.recall is None
    assert (pairs.left.dtype, pairs.scores.dtype) == (np.int64, np.float32)


@pytest.mark.parametrize("most", [1, 3, 10])
def test_best_partners_and_the_lowest(most):
    vectors = clustered(800, 16, 2)
    pairs = similar_pairs(vectors, 0.6, max_partners=most, method="exact", device="cpu")
    assert set(as_dict(pairs)) == brute_best(vectors, 0.6, most)


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(a[:3], b[:3], strict=True))


@pytest.mark.parametrize("block", [(7, 13), (64, 64), (1000, 3)])
def test_blocks_change_nothing(monkeypatch, block):
    vectors = clustered(900, 24, 3)
    expected = similar_pairs(vectors, 0.6, max_partners=4, method="exact", device="cpu")
    small = products.numpy_kernel()._replace(block=block)
    monkeypatch.setattr("tuneset.curate.vectors.pairs.kernel_for", lambda *_: small)
    monkeypatch.setattr(partners_module, "ROOM", 1000)
    assert same(expected, similar_pairs(vectors, 0.6, max_partners=4, method="exact"))


def test_crowds_are_thinned_to_the_same_pairs(monkeypatch):
    """One group of a thousand near rows: candidates are thinned before they are scored."""
    random = np.random.default_rng(4)
    vectors = unit(np.ones(48) + 0.2 * random.normal(size=(1000, 48)))
    found = similar_pairs(vectors, 0.9, max_partners=3, method="exact", device="cpu")
    assert len(brute(vectors, 0.9)) > 400_000
    assert set(as_dict(found)) == brute_best(vectors, 0.9, 3)
    monkeypatch.setattr("tuneset.curate.vectors.pairs.BUSY", 10**9)
    assert same(found, similar_pairs(vectors, 0.9, max_partners=3, method="exact", device="cpu"))


def test_bfloat16_changes_nothing():
    pytest.importorskip("torch")
    vectors = clustered(1200, 64, 5)
    expected = similar_pairs(vectors, 0.7, max_partners=5, method="exact", device="cpu")
    kernel = products.torch_kernel("cpu")
    found = [(f.left, f.right) for f in products.all_pairs(vectors, 0.7 - kernel.slack, kernel)]
    candidates = {(int(i), int(j)) for left, right in found for i, j in zip(left, right, strict=True)}
    assert set(brute(vectors, 0.7)) <= candidates
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tuneset.curate.vectors.pairs.kernel_for", lambda *_: kernel)
        assert same(expected, similar_pairs(vectors, 0.7, max_partners=5, method="exact"))


def test_equal_rows_are_compared_once():
    rows = unit(np.random.default_rng(6).normal(size=(5, 8)))
    vectors = rows[[0, 1, 0, 2, 1, 0, 3, 4, 4]]
    pairs = similar_pairs(vectors, 0.999, device="cpu")
    assert as_dict(pairs) == {(0, 2): 1, (0, 5): 1, (1, 4): 1, (7, 8): 1}


def test_tens_of_thousands_of_equal_rows_and_zeros():
    vectors = unit(np.random.default_rng(7).normal(size=(3, 16)))[np.arange(40_000) % 3]
    vectors[::1000] = 0
    pairs = similar_pairs(vectors, 0.9, device="cpu")
    expected = [(1 + (i - 1) % 3, i) for i in range(4, 40_000) if i % 1000]
    expected = [(3 if a == 3 else a, i) for a, i in expected if a != i]
    assert list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)) == sorted(expected)


@pytest.mark.parametrize("vectors", [np.zeros((0, 4)), np.zeros((5, 4)), unit([[1, 2, 3, 4]])])
@pytest.mark.parametrize("method", ["exact", "lists"])
def test_nothing_to_find(vectors, method):
    assert as_dict(similar_pairs(vectors, 0.5, method=method, device="cpu")) == {}


def test_wrong_arguments():
    with pytest.raises(ValueError, match="threshold 0 "):
        similar_pairs(np.eye(3), 0)
    with pytest.raises(ValueError, match="row 1 has length 2"):
        similar_pairs(np.diag([1, 2, 1]), 0.5)


@pytest.mark.parametrize("threshold", [0.85, 0.95])
def test_lists_find_nearly_all_and_say_what_they_miss(threshold):
    vectors = clustered(12_000, 48, 8, near=0.3, wide=0.7)
    expected = brute(vectors, threshold)
    pairs = similar_pairs(vectors, threshold, max_partners=10_000, method="lists", device="cpu")
    found = as_dict(pairs)
    assert "lists" in pairs.method
    assert len(expected) > 1000
    assert set(found) <= set(expected)
    rows = {row for pair in expected for row in pair}
    seen = {row for pair in found for row in pair}
    assert len(seen) / len(rows) >= 0.999
    assert pairs.recall is not None
    assert pairs.recall >= 0.99
    again = similar_pairs(vectors, threshold, max_partners=10_000, method="lists", device="cpu")
    assert same(pairs, again)


def test_lists_bring_each_pair_once():
    vectors = clustered(6000, 48, 9, wide=0.7)
    kernel = products.numpy_kernel()
    told, found = near_lists(vectors, 0.93, kernel, seed=1)
    assert "lists" in told
    keys = np.concatenate([f.left * 6000 + f.right for f in found])
    assert len(keys) == len(np.unique(keys)) > 1000


def test_recall_counts_rows_that_found_no_partner():
    from tuneset.curate.vectors.lists import measured_recall

    vectors = clustered(600, 16, 10)
    every = similar_pairs(vectors, 0.8, max_partners=600, method="exact", device="cpu")
    rows = np.union1d(every.left, every.right)
    some = (every.left < 200) & (every.right < 200)
    seen = np.union1d(every.left[some], every.right[some])
    recall = measured_recall(vectors, 0.8, every.left[some], every.right[some], seed=1)
    assert recall == pytest.approx(len(seen) / len(rows))
    assert measured_recall(vectors, 0.8, every.left, every.right, seed=1) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(-2, 2), min_size=3, max_size=3), max_size=30),
    st.sampled_from([0.3, 0.7, 0.99]),
)
def test_any_rows(rows, threshold):
    """Small whole numbers make many ties and equal rows."""
    vectors = unit(np.array(rows, float).reshape(-1, 3))
    firsts = sorted({tuple(v): i for i, v in reversed(list(enumerate(vectors.tolist()))) if any(v)}.values())
    product = products.scores(vectors, *np.indices((len(vectors), len(vectors))).reshape(2, -1)).reshape(
        len(vectors), len(vectors)
    )
    expected = {(i, j) for i in firsts for j in firsts if i < j and product[i, j] >= np.float32(threshold)}
    first = {tuple(vectors[i].tolist()): i for i in firsts}
    expected |= {
        (first[tuple(v)], i) for i, v in enumerate(vectors.tolist()) if any(v) and first[tuple(v)] != i
    }
    assert set(as_dict(similar_pairs(vectors, threshold, max_partners=100, device="cpu"))) == expected


@settings(max_examples=100, deadline=None)
@given(
    st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=60), st.integers(1, 4), st.randoms()
)
def test_partners_in_any_order(pairs, most, random):
    every = [(i, j, random.choice([0.5, 0.6, 0.7])) for i, j in sorted(pairs) if i < j]
    by_row = {}
    for i, j, s in every:
        by_row.setdefault(i, []).append((-s, j))
        by_row.setdefault(j, []).append((-s, i))
    expected = set()
    for row, found in by_row.items():
        for other in [o for _, o in sorted(found)[:most]] + [min(o for _, o in found)]:
            expected.add((min(row, other), max(row, other)))
    random.shuffle(every)
    gathered = Partners(13, most)
    gathered._room = 5
    for i, j, s in every:
        gathered.add(np.array([i]), np.array([j]), np.array([s], np.float32))
    left, right, _ = gathered.pairs()
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == sorted(expected)


def test_slack_keeps_what_may_be_best():
    left, right = np.zeros(4, np.int64), np.array([1, 2, 3, 4])
    score = np.array([0.7, 0.9, 0.8999, 0.6], np.float32)
    kept = kept_of(
        np.append(left, [5] * 9), np.append(right, np.arange(6, 15)), np.append(score, [0.9] * 9), 15, 1
    )
    assert kept[:4].tolist() == [True, True, True, True]  # for 3 and 4 the row 0 is the best there is
    lone = _edges_of_row(score, slack=1e-3)
    assert lone == [True, True, True, False]


def _edges_of_row(score, slack):
    """Partners of row 9 whose own lists are full of better ones."""
    left, right = np.full(4, 9), np.array([10, 11, 12, 13])
    better = [(j, 20 + j) for j in range(10, 14)] + [(j - 10, j) for j in range(10, 14)]
    lefts = np.append(left, [a for a, _ in better])
    rights = np.append(right, [b for _, b in better])
    scores = np.append(score, np.full(len(better), 0.99, np.float32)).astype(np.float32)
    return kept_of(lefts, rights, scores, 40, 1, slack=slack)[:4].tolist()


def test_first_equal():
    rows = np.array([[1, 0], [0, 1], [1, 0], [0.5, 0.5], [0, 1]], np.float32)
    assert first_equal(rows).tolist() == [0, 1, 0, 3, 1]
    assert first_equal(np.zeros((0, 3), np.float32)).tolist() == []


@pytest.mark.parametrize("k", [1, 5, 2000])
def test_nearest_as_a_full_sort_has_it(k):
    vectors, queries = clustered(700, 20, 11), clustered(150, 20, 12)
    product = queries.astype(float) @ vectors.astype(float).T
    order = np.argsort(-product, axis=1, kind="stable")[:, :k]
    indices, scores = nearest(queries, vectors, k, device="cpu")
    assert indices.shape == (150, min(k, 700))
    np.testing.assert_allclose(scores, np.take_along_axis(product, order, axis=1), atol=1e-6)
    assert (indices == order).mean() > 0.99  # products that float32 cannot tell apart may change places


def test_nearest_of_equal_rows_is_the_lowest(monkeypatch):
    vectors = unit([[1, 0], [0, 1], [1, 0], [1, 0]])
    indices, scores = nearest(unit([[1, 0], [0, 2], [0, 0]]), vectors, 2)
    assert indices.tolist() == [[0, 2], [1, 0], [0, 1]]
    assert scores.tolist() == [[1, 1], [1, 0], [0, 0]]
    monkeypatch.setattr(sys.modules["tuneset.curate.vectors.nearest"], "BLOCK", 4)
    again = nearest(unit([[1, 0], [0, 2], [0, 0]]), vectors, 2)
    assert again[0].tolist() == indices.tolist()
    assert nearest(vectors, np.zeros((0, 2)), 3)[0].shape == (4, 0)


@pytest.mark.gpu
def test_the_gpu_finds_what_the_processor_finds():
    vectors = clustered(30_000, 64, 13)
    on_gpu = similar_pairs(vectors, 0.7, device="cuda")
    assert same(on_gpu, similar_pairs(vectors, 0.7, method="exact", device="cpu"))
    for a, b in zip(
        nearest(vectors[:500], vectors, 9, device="cuda"),
        nearest(vectors[:500], vectors, 9, device="cpu"),
        strict=True,
    ):
        assert np.array_equal(a, b)
