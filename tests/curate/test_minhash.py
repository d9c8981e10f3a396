"""MinHash against brute force and against datasketch."""

import random

import numpy as np
import pytest
from tuneset.curate.langid import classify
from tuneset.curate.minhash import agreement, band_pairs, minima, sketches
from tuneset.curate.shingles import code_points, jaccard, shingle_set


def grams(text):
    letters = "".join(c for c in text if c.isalnum())
    return {letters[i : i + 5] for i in range(len(letters) - 4)}


def sketched(texts, n_bins=128, seed=1):
    return sketches(minima(texts, n_bins=n_bins, seed=seed))


def texts(n=40, seed=3):
    draw = random.Random(seed)
    words = ["".join(draw.choices("abcdefgh", k=draw.randint(2, 7))) for _ in range(60)]
    base = [" ".join(draw.choices(words, k=60)) for _ in range(n)]
    edited = []
    for i, text in enumerate(base):
        parts = text.split()
        for _ in range(i % 20):
            parts[draw.randrange(len(parts))] = draw.choice(words)
        edited.append(" ".join(parts))
    return base, edited


def exact(a, b):
    return len(grams(a) & grams(b)) / len(grams(a) | grams(b))


def test_jaccard_equals_brute_force():
    for a, b in zip(*texts(), strict=True):
        all_grams = [{t[i : i + 5] for i in range(len(t) - 4)} for t in (a, b)]
        wanted = len(all_grams[0] & all_grams[1]) / len(all_grams[0] | all_grams[1])
        assert jaccard(shingle_set(a), shingle_set(b)) == pytest.approx(wanted, abs=1e-6)


def test_agreement_estimates_jaccard_within_its_error():
    base, edited = texts()
    hashes = sketched([*base, *edited])
    pairs = np.array([[i, i + len(base)] for i in range(len(base))])
    errors = agreement(hashes, pairs) - np.array([exact(a, b) for a, b in zip(base, edited, strict=True)])
    assert abs(errors.mean()) < 0.03
    assert errors.std() < 0.07  # about sqrt(0.25 / 128) = 0.044, and what borrowed bins add


def test_agreement_is_as_good_as_datasketch():
    from datasketch import MinHash

    base, edited = texts()
    truth = np.array([exact(a, b) for a, b in zip(base, edited, strict=True)])
    hashes = sketched([*base, *edited])
    ours = agreement(hashes, np.array([[i, i + len(base)] for i in range(len(base))])) - truth
    peers = MinHash.bulk([[g.encode() for g in grams(t)] for t in [*base, *edited]], num_perm=128)
    theirs = np.array([peers[i].jaccard(peers[i + len(base)]) for i in range(len(base))]) - truth
    assert np.abs(ours).mean() < 1.5 * np.abs(theirs).mean() + 0.01


def test_equal_texts_have_equal_sketches_whatever_stands_beside_them():
    base, _ = texts(5)
    some = [*base, "x", "", "?!", "\U0001f642\U0001f642"]
    together = sketched(some, n_bins=64, seed=7)
    for i, text in enumerate(some):
        assert (sketched([text], n_bins=64, seed=7)[0] == together[i]).all()


def test_punctuation_and_spaces_count_as_nothing_unless_there_is_nothing_else():
    assert (sketched(["a rose, is a rose!"]) == sketched(["aroseisarose"])).all()
    assert (sketched(["?!?!"]) != sketched(["(-:)"])).any()


def test_minima_of_two_texts_together_are_the_smaller_ones():
    base, edited = texts(3)
    apart = np.minimum(minima(base, n_bins=64, seed=1), minima(edited, n_bins=64, seed=1))
    shingles = [
        np.concatenate([minima([t], n_bins=64, seed=1) for t in pair])
        for pair in zip(base, edited, strict=True)
    ]
    assert (apart == np.stack([s.min(axis=0) for s in shingles])).all()


def brute_force_pairs(hashes, rows_a_band):
    n, bins = hashes.shape
    return {
        (i, j)
        for i in range(n)
        for j in range(i + 1, n)
        if any(
            (hashes[i, b : b + rows_a_band] == hashes[j, b : b + rows_a_band]).all()
            for b in range(0, bins - rows_a_band + 1, rows_a_band)
        )
    }


@pytest.mark.parametrize("dtype", [np.uint8, np.uint32])
@pytest.mark.parametrize("rows_a_band", [3, 5])
def test_band_pairs_equal_brute_force(dtype, rows_a_band):
    hashes = np.random.default_rng(0).integers(0, 3, (60, 12)).astype(dtype)
    pairs, shares = band_pairs(hashes, rows_a_band=rows_a_band)
    assert {tuple(p) for p in pairs.tolist()} == brute_force_pairs(hashes, rows_a_band)
    assert shares == pytest.approx([(hashes[a] == hashes[b]).mean() for a, b in pairs])


def test_band_pairs_counts_agreement():
    hashes = np.random.default_rng(0).integers(0, 3, (60, 12)).astype(np.uint8)
    pairs, shares = band_pairs(hashes, rows_a_band=3, min_agreement=0.5)
    wanted = {(a, b) for a, b in brute_force_pairs(hashes, 3) if (hashes[a] == hashes[b]).mean() >= 0.5}
    assert {tuple(p) for p in pairs.tolist()} == wanted
    assert (shares >= 0.5).all()


def test_a_large_bucket_is_chained_to_its_first_row():
    pairs, _ = band_pairs(np.zeros((9, 3), np.uint8), rows_a_band=3, max_bucket=5)
    assert {tuple(p) for p in pairs.tolist()} == {(0, i) for i in range(1, 9)} | {
        (i, i + 1) for i in range(8)
    }


def test_band_pairs_of_nothing():
    assert band_pairs(np.zeros((0, 6), np.uint8), rows_a_band=3)[0].shape == (0, 2)


def test_code_points_of_every_plane():
    assert code_points("aß水👋").tolist() == [97, 223, 0x6C34, 0x1F44B]


def test_languages_are_those_of_py3langid():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    one_by_one = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    samples = [
        "The cat sat on the mat.",
        "Das ist gut.",
        "Ça va bien, merci.",
        "",
        "123",
        "ПРИВЕТ МИР",
        "今天",
        "x" * 900,
    ]
    codes, scores = classify(samples)
    wanted = [one_by_one.classify(s) for s in samples]
    assert [c for c in codes if c] == [w[0] for w in wanted]
    assert scores == pytest.approx([w[1] for w in wanted], abs=1e-3)
