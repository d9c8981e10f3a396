"""Encoders: pieces as the tokenizers library finds them, vectors as a slow sum, a cache that survives damage."""

import itertools
import json
import pickle
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tuneset.curate.encoders import encoder_for
from tuneset.curate.encoders.cache import CachedEncoder
from tuneset.curate.encoders.pieces import Characters, Pieces
from tuneset.curate.encoders.static import BATCH, FILE, StaticEncoder
from tuneset.schemas.errors import MissingExtraError, ModelError

TEXTS = [
    "",
    "   ",
    "How do I make a height-adjustable desk?",
    "Unbelievably, the café's naïve résumé cost $1,234.56 (≈ 10%)!",
    "def f(x): return x ** 2  # squares\n\tx_1 = f(2)",
    "東京は日本の首都です。 北京是中国的首都。",
    "Привет, мир! Ελληνικά ΣΊΣΥΦΟΣ. שלום עולם. مرحبا بالعالم",
    "한국어 문장입니다. हिन्दी में एक वाक्य। தமிழ்",
    "İstanbul ǅ ﬁ ß ſ Å Ω ① ½ ２",
    "zero​width soft­hyphen \ufeff bom \x00 nul \x85 nel \u2028 line",
    "a" * 100 + " " + "b" * 101 + " antidisestablishmentarianism",
    "party🎉time 🤖 🫠 x\U0001fae0y",
]


@pytest.fixture(scope="module")
def static():
    return encoder_for("static")


@pytest.fixture(scope="module")
def vocabulary():
    with np.load(FILE, allow_pickle=False) as arrays:
        return arrays["pieces"].tobytes().decode().split("\n")


@pytest.fixture(scope="module")
def oracle(vocabulary):
    """The pieces of a text by the tokenizers library, characters that no piece holds made blanks."""
    tokenizers = pytest.importorskip("tokenizers")
    numbers = {piece: i for i, piece in enumerate(vocabulary)} | {"[UNK]": len(vocabulary)}
    tool = tokenizers.Tokenizer(
        tokenizers.models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=100)
    )
    tool.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tool.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    held = set("".join(vocabulary))

    def pieces(text):
        plain = "".join(
            c if c.lower() in held or unicodedata.category(c) in ("Mn", "Cc", "Cf") else " "
            for c in unicodedata.normalize("NFD", text)
        )
        ids = tool.encode(plain, add_special_tokens=False).ids
        return [vocabulary[i] for i in ids if i < len(vocabulary)]

    return pieces


def found(encoder, vocabulary, texts):
    result = encoder.pieces.of(texts)
    return [[vocabulary[i] for i in result.pieces[a:b]] for a, b in itertools.pairwise(result.starts)]


def test_pieces_of_a_small_vocabulary_by_hand():
    letters = np.array([ord(c) for c in "abcdefgh!"], np.uint32)
    folds = np.stack([np.append(letters, ord("A")), np.append(letters, ord("a"))])
    characters = Characters.of(folds, np.array([0x301], np.uint32), np.array([ord("!")], np.uint32))
    pieces = Pieces(["a", "ab", "abc", "##c", "##d", "##de", "!", "f"], characters)
    texts = ["Abcd!ab", "abdec", "", "adx!f g", "a\u0301b\ndef"]
    result = pieces.of(texts)
    table = [[2, 4, 6, 1], [1, 5, 3], [], [0, 4, 6, 7], [1]]
    assert [result.pieces[a:b].tolist() for a, b in itertools.pairwise(result.starts)] == table


def test_pieces_as_the_tokenizers_library_finds_them(static, vocabulary, oracle):
    assert found(static, vocabulary, TEXTS) == [oracle(text) for text in TEXTS]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.text(
            st.one_of(
                st.sampled_from("the ing un re'd-XÉñß漢字한ж 12.\n\t"),
                st.characters(exclude_categories=["Cs", "Co", "Cn", "Mn", "Cf", "Cc"]),
            )
        ),
        max_size=5,
    )
)
def test_pieces_of_any_text(static, vocabulary, oracle, texts):
    assert found(static, vocabulary, texts) == [oracle(text) for text in texts]


def test_every_old_character_between_letters(static, vocabulary, oracle):
    """Characters that have not changed since Unicode 3.2: the library's table is older than Python's."""
    old, new = unicodedata.ucd_3_2_0.category, unicodedata.category
    known = [c for c in map(chr, range(0x30000)) if old(c) == new(c) not in ("Cn", "Co", "Cs")]
    texts = [f"a{c}b" for c in known[::5]]
    assert found(static, vocabulary, texts) == [oracle(text) for text in texts]


def test_vectors_are_the_sum_of_their_pieces(static, vocabulary, oracle):
    with np.load(FILE, allow_pickle=False) as arrays:
        packed, scale = arrays["vectors"].astype(int), arrays["scale"].astype(float)
    values = (np.hstack([packed % 16, packed // 16]) - 8) * scale
    number = {piece: i for i, piece in enumerate(vocabulary)}
    for text, vector in zip(TEXTS, static.encode(TEXTS), strict=True):
        total = sum((values[number[p]] for p in oracle(text)), np.zeros(static.dim))
        norm = np.linalg.norm(total)
        np.testing.assert_allclose(vector, total / norm if norm else total, atol=2e-6)


def test_vectors_are_the_same_in_any_batch(static):
    texts = TEXTS * 3
    together = static.encode(texts)
    assert together.dtype == np.float32
    apart = np.concatenate([static.encode([text]) for text in texts])
    assert together.tobytes() == apart.tobytes()
    order = np.random.default_rng(1).permutation(len(texts))
    assert static.encode([texts[i] for i in order]).tobytes() == together[order].tobytes()
    norms = np.linalg.norm(together, axis=1)
    empty = np.array([not text.strip() for text in texts])
    np.testing.assert_allclose(norms, np.where(empty, 0, 1), atol=1e-6)


def test_a_text_longer_than_a_batch(static):
    part = "Many words make a long text, and no word is cut. "
    long = part * (2 * BATCH // len(part))
    assert len(long) > BATCH
    np.testing.assert_allclose(static.encode([long])[0], static.encode([part])[0], atol=1e-5)
    assert np.isfinite(static.encode(["ß" * (BATCH + 5)])).all()


def test_near_in_meaning_is_near(static):
    a, b, c = static.encode(
        ["How can I lose weight quickly?", "What is a fast way to lose weight?", "The bank raised its rates."]
    )
    assert a @ b > 0.6 > 0.3 > a @ c


def test_static_needs_no_torch_and_pickles_small():
    script = (
        "import sys, pickle\nfrom tuneset.curate.encoders import encoder_for\n"
        "e = encoder_for('static'); e.encode(['hello'])\nprint(len(pickle.dumps(e)))\n"
        "print([m for m in ('torch', 'tokenizers', 'transformers', 'model2vec') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    size, heavy = done.stdout.splitlines()
    assert int(size) < 1000
    assert heavy == "[]"
    again = pickle.loads(pickle.dumps(encoder_for("static")))
    assert again.identity == StaticEncoder().identity
    assert again.languages == {"en"}


class Counting:
    """An encoder that notes what it is asked."""

    name, dim, identity, languages = "counting", 3, "counting-1", None

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        rows = np.array([[len(t), t.count("a"), 1] for t in texts], np.float32).reshape(-1, 3)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_cache_asks_once(tmp_path):
    slow = Counting()
    cached = CachedEncoder(slow, tmp_path)
    texts = ["banana", "pear", "banana", "", "\ud800"]
    expected = Counting().encode(texts)
    assert cached.encode(texts).tobytes() == expected.tobytes()
    assert slow.asked == ["banana", "pear", "", "\ud800"]
    assert cached.encode(["fig", "pear"]).tobytes() == Counting().encode(["fig", "pear"]).tobytes()
    assert slow.asked[4:] == ["fig"]
    other = Counting()
    again = CachedEncoder(other, tmp_path)
    assert again.encode([*texts, "fig"])[:5].tobytes() == expected.tobytes()
    assert other.asked == []
    assert again.encode([]).shape == (0, 3)


def test_cache_sees_what_another_process_added(tmp_path):
    one, two = Counting(), Counting()
    first, second = CachedEncoder(one, tmp_path), CachedEncoder(two, tmp_path)
    first.encode(["x"])
    second.encode(["y"])
    first.encode(["x", "y"])
    second.encode(["x", "y"])
    assert (one.asked, two.asked) == (["x"], ["y"])


@pytest.mark.parametrize("damage", ["torn", "flipped", "empty", "foreign"])
def test_cache_ignores_damaged_segments(tmp_path, damage):
    CachedEncoder(Counting(), tmp_path).encode(["x", "y"])
    (segment,) = (tmp_path / "counting-1").glob("*.npz")
    content = bytearray(segment.read_bytes())
    if damage == "torn":
        content = content[: len(content) // 2]
    elif damage == "flipped":
        content[-100] ^= 1
    elif damage == "empty":
        content = b""
    else:
        content = b"not a segment"
    segment.write_bytes(content)
    slow = Counting()
    cached = CachedEncoder(slow, tmp_path)
    assert cached.encode(["x", "y"]).tobytes() == Counting().encode(["x", "y"]).tobytes()
    assert sorted(slow.asked) == ["x", "y"]


@pytest.fixture(scope="module")
def small_model(tmp_path_factory, vocabulary):
    """A sentence-transformers model of two thin layers with random weights."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("sentence_transformers")
    folder = tmp_path_factory.mktemp("model")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *vocabulary[:5000]]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    transformers.BertTokenizer(str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    torch.manual_seed(5)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder)
    return folder


def test_transformer_as_sentence_transformers_has_it(small_model):
    from sentence_transformers import SentenceTransformer

    encoder = encoder_for(str(small_model))
    texts = [f"{'word ' * (i * 7 % 90)}number {i}" for i in range(50)] + ["", "ß"]
    vectors = encoder.encode(texts)
    expected = SentenceTransformer(str(small_model), device="cpu").encode(texts, normalize_embeddings=True)
    assert vectors.shape == expected.shape == (52, encoder.dim)
    assert (vectors * expected).sum(axis=1).min() >= 0.999
    assert encoder.encode([]).shape == (0, encoder.dim)
    assert pickle.loads(pickle.dumps(encoder)).identity == encoder.identity


def test_tokens_as_the_tokenizer_has_them(small_model):
    from transformers import AutoTokenizer
    from tuneset.curate.encoders.tokens import Tokenizer

    library = AutoTokenizer.from_pretrained(small_model)
    quick = Tokenizer(library, 64)
    assert quick._pieces is not None
    plain = "the first of many words, and no more than that: "
    texts = [
        *TEXTS,
        "a [SEP] b",
        "x" * 5000,
        plain * 500,
        " " * 5000 + "late",
        plain + "\u0e01\U0001e4ec",
        "[MASK]",
    ]
    found = quick.of(texts * 100)
    rows = [found.numbers[a : a + n].tolist() for a, n in zip(found.starts, found.lengths, strict=True)]
    assert rows == library(texts * 100, truncation=True, max_length=64)["input_ids"]


def test_transformer_with_a_cache(small_model, tmp_path):
    first = encoder_for(str(small_model), cache=tmp_path).encode(["one", "two"])
    assert first.tobytes() == encoder_for(str(small_model), cache=tmp_path).encode(["one", "two"]).tobytes()


def test_identity_changes_with_the_model(small_model, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(small_model, copy)
    before = encoder_for(str(copy)).identity
    assert before == encoder_for(str(small_model)).identity
    settings_of = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**settings_of, "layer_norm_eps": 0.5}))
    assert encoder_for(str(copy)).identity != before


def test_pickled_weights_are_refused(small_model, tmp_path):
    import shutil

    import torch

    copy = tmp_path / "copy"
    shutil.copytree(small_model, copy)
    (copy / "model.safetensors").unlink()
    torch.save({}, copy / "pytorch_model.bin")
    with pytest.raises(ModelError) as refused:
        encoder_for(str(copy))
    assert "safetensors" in refused.value.fix


def test_a_model_that_is_nowhere(monkeypatch):
    pytest.importorskip("sentence_transformers")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError) as missing:
        encoder_for("nobody/no-such-model")
    assert "'nobody/no-such-model'" in missing.value.what
    assert "'static'" in missing.value.fix


def test_without_sentence_transformers(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError) as missing:
        encoder_for("nobody/no-such-model")
    assert missing.value.fix == "run: pip install 'tuneset[embed]'"
