"""MinHash against brute force and against datasketch."""

import random

import numpy as np
import pytest
from tuneset.curate.langid import classify
from tuneset.curate.minhash import agreement, band_pairs, signatures
from tuneset.curate.shingles import code_points, jaccard, shingle_set


def grams(text):
    return {text[i : i + 5] for i in range(len(text) - 4)}


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
        assert jaccard(shingle_set(a), shingle_set(b)) == pytest.approx(exact(a, b), abs=1e-6)


def test_agreement_estimates_jaccard_within_its_error():
    base, edited = texts()
    hashes = signatures([*base, *edited], n_bins=128, seed=1)
    pairs = np.array([[i, i + len(base)] for i in range(len(base))])
    errors = agreement(hashes, pairs) - np.array([exact(a, b) for a, b in zip(base, edited, strict=True)])
    assert abs(errors.mean()) < 0.03
    assert errors.std() < 0.07  # about sqrt(0.25 / 128) = 0.044, and what borrowed bins add


def test_agreement_is_as_good_as_datasketch():
    from datasketch import MinHash

    base, edited = texts()
    truth = np.array([exact(a, b) for a, b in zip(base, edited, strict=True)])
    hashes = signatures([*base, *edited], n_bins=128, seed=1)
    ours = agreement(hashes, np.array([[i, i + len(base)] for i in range(len(base))])) - truth
    peers = MinHash.bulk([[g.encode() for g in grams(t)] for t in [*base, *edited]], num_perm=128)
    theirs = np.array([peers[i].jaccard(peers[i + len(base)]) for i in range(len(base))]) - truth
    assert np.abs(ours).mean() < 1.5 * np.abs(theirs).mean() + 0.01


def test_equal_texts_have_equal_signatures_whatever_stands_beside_them():
    base, _ = texts(5)
    together = signatures([*base, "x", ""], n_bins=64, seed=7)
    for i, text in enumerate([*base, "x", ""]):
        assert (signatures([text], n_bins=64, seed=7)[0] == together[i]).all()


def test_band_pairs_equal_brute_force():
    draw = np.random.default_rng(0)
    hashes = draw.integers(0, 3, (60, 12), dtype=np.uint32)
    wanted = {
        (i, j)
        for i in range(60)
        for j in range(i + 1, 60)
        if any((hashes[i, b : b + 3] == hashes[j, b : b + 3]).all() for b in range(0, 12, 3))
    }
    assert {tuple(p) for p in band_pairs(hashes, rows_a_band=3).tolist()} == wanted


def test_band_pairs_of_nothing():
    assert band_pairs(np.zeros((0, 6), np.uint32), rows_a_band=3).shape == (0, 2)


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
