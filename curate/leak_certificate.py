"""The leak certificate of a split: how near each held-out row is to the train rows, and the closest pairs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..schemas.version import LeakCertificate, LeakLevels, LeakPair
from .compare.normal_form import normal_form
from .leak_search import BLOCK_TEXTS, MIN_HELD_SHINGLES, Nearest, ShingleSearch, shingle_sets
from .rows import prompt_of, response_of

LEVELS = (0.7, 0.8, 0.9)
LISTED = 10
MIN_PROMPT_SHINGLES = 16
MAX_EMBEDDED_ROWS = 20_000

Rows = Callable[[], Iterable[Mapping[str, Any]]]
"""Gives the rows of a split, each with `row_id` and `messages`; called once for each reading."""


class Embeds(Protocol):
    """What is asked of an encoder: unit vectors, shape (n_texts, dim), float32."""

    @property
    def name(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> np.ndarray: ...


class Text(NamedTuple):
    """A row in the form in which it is compared: system prompt left out, prompt and response normalised."""

    row_id: str
    prompt: str
    response: str

    @property
    def whole(self) -> str:
        return f"{self.prompt}\n{self.response}"


def text_of(row: Mapping[str, Any]) -> Text:
    """The texts of a row that are compared."""
    turns = [t for t in row["messages"] if t["role"] not in ("system", "developer")]
    return Text(row["row_id"], normal_form(prompt_of(turns)), normal_form(response_of(turns)))


class Found(NamedTuple):
    """The nearest train row of every held-out row, shape (n_rows,) each.

    Args:
        similarity: The larger of whole-text and prompt similarity, a ratio in [0, 1].
        whole: The highest whole-text similarity.
        nearest: Position of the train row that `similarity` is about, -1 for none.
        held: The largest share of the row's shingles that one train row holds; 0 for short rows.
        cosine: Highest cosine to a train row; None where nothing was embedded.
        meant: Position of the train row with that cosine.
        exact_from: Similarity from which both searches are exact; None where one is not.
        recall: Lowest measured recall of the searches, where one is not exact.
    """

    similarity: np.ndarray
    whole: np.ndarray
    nearest: np.ndarray
    held: np.ndarray
    cosine: np.ndarray | None
    meant: np.ndarray | None
    exact_from: float | None
    recall: float | None


def certify(
    train: Rows,
    held_out: Mapping[str, Rows],
    *,
    n_train: int,
    threshold: float,
    encoder: Embeds | None = None,
) -> LeakCertificate:
    """Compare every held-out row with every train row.

    Args:
        train: The train rows; read twice.
        held_out: Split to its rows; kept in memory.
        n_train: Number of train rows.
        threshold: Similarity from which a pair counts as nearly the same.
        encoder: Gives cosines of the listed pairs, and searches by meaning where rows are few enough.
    """
    texts = {split: [text_of(row) for row in rows()] for split, rows in held_out.items()}
    every = [text for some in texts.values() for text in some]
    found = _search(every, train, n_train, encoder)
    levels: dict[str, LeakLevels] = {}
    start = 0
    for split, some in texts.items():
        levels[split] = _levels(found, slice(start, start + len(some)), threshold)
        start += len(some)
    splits = [split for split, some in texts.items() for _ in some]
    return LeakCertificate(
        method=_method(found, encoder),
        threshold=threshold,
        train_rows=n_train,
        exact_from=found.exact_from,
        recall=found.recall,
        encoder=encoder.name if encoder is not None else None,
        splits=levels,
        pairs=_pairs(found, every, splits, train, encoder),
    )


def _search(held_out: Sequence[Text], train: Rows, n_train: int, encoder: Embeds | None) -> Found:
    whole = ShingleSearch([t.whole for t in held_out], n_train)
    prompt = ShingleSearch([t.prompt for t in held_out], n_train)
    meaning = None
    if encoder is not None and n_train + len(held_out) <= MAX_EMBEDDED_ROWS:
        meaning = _Meaning(encoder, held_out)
    for block in _blocks(train):
        whole.add([t.whole for t in block])
        prompt.add([t.prompt for t in block])
        if meaning is not None:
            meaning.add(block)
    return _both(whole.result(), prompt.result(), held_out, meaning)


def _blocks(rows: Rows) -> Iterator[list[Text]]:
    stream = iter(rows())
    while block := [text_of(row) for row in islice(stream, BLOCK_TEXTS)]:
        yield block


def _both(whole: Nearest, prompt: Nearest, held_out: Sequence[Text], meaning: _Meaning | None) -> Found:
    asked = shingle_sets([t.prompt for t in held_out]).sizes >= MIN_PROMPT_SHINGLES
    long = shingle_sets([t.whole for t in held_out]).sizes >= MIN_HELD_SHINGLES
    alike = np.where(asked, prompt.jaccard, 0)
    by_prompt = alike > whole.jaccard
    recalls = [n.recall for n in (whole, prompt) if n.recall is not None]
    return Found(
        np.where(by_prompt, alike, whole.jaccard),
        whole.jaccard,
        np.where(by_prompt, prompt.index, whole.index),
        np.where(long, whole.held, 0),
        meaning.cosine if meaning is not None else None,
        meaning.index if meaning is not None else None,
        None if recalls else max(n.exact_from or 0.0 for n in (whole, prompt)),
        min(recalls) if recalls else None,
    )


class _Meaning:
    """The train row of highest cosine for each held-out row."""

    def __init__(self, encoder: Embeds, held_out: Sequence[Text]) -> None:
        self._encoder = encoder
        self._vectors = encoder.encode([t.whole for t in held_out])
        self.cosine = np.full(len(held_out), -1.0, np.float32)
        self.index = np.full(len(held_out), -1, np.int64)
        self._n = 0

    def add(self, block: Sequence[Text]) -> None:
        scores = self._vectors @ self._encoder.encode([t.whole for t in block]).T
        best = scores.argmax(axis=1)
        found = scores[np.arange(len(best)), best]
        better = found > self.cosine
        self.cosine[better], self.index[better] = found[better], best[better] + self._n
        self._n += len(block)


def _levels(found: Found, part: slice, threshold: float) -> LeakLevels:
    alike, held = found.similarity[part], found.held[part]
    cosine = None if found.cosine is None else found.cosine[part]
    return LeakLevels(
        rows=len(alike),
        highest=round(float(alike.max(initial=0)), 4),
        at_least={f"{level}": int((alike >= level).sum()) for level in LEVELS},
        at_threshold=int((alike >= threshold).sum()),
        held=int((held >= LEVELS[-1]).sum()),
        highest_cosine=round(float(cosine.max()), 4) if cosine is not None and len(cosine) else None,
    )


def _pairs(
    found: Found, held_out: Sequence[Text], splits: Sequence[str], train: Rows, encoder: Embeds | None
) -> list[LeakPair]:
    """The closest pairs, the closest first; and the one of highest cosine, where meaning was searched."""
    order = np.lexsort((-found.whole, -found.similarity))[:LISTED]
    chosen = [(int(i), int(found.nearest[i])) for i in order if found.nearest[i] >= 0]
    if found.cosine is not None and found.meant is not None and len(found.cosine):
        top = int(found.cosine.argmax())
        nearest = (top, int(found.meant[top]))
        chosen += [nearest] if nearest not in chosen and nearest[1] >= 0 else []
    wanted = {at for _, at in chosen}
    texts = {at: text_of(row) for at, row in enumerate(train()) if at in wanted} if wanted else {}
    pairs = [(held_out[i], texts[at], splits[i]) for i, at in chosen]
    return [_pair(a, b, split, encoder) for a, b, split in pairs]


def _pair(a: Text, b: Text, split: str, encoder: Embeds | None) -> LeakPair:
    cosine = None
    if encoder is not None:
        left, right = encoder.encode([a.whole, b.whole])
        cosine = round(float(left @ right), 4)
    return LeakPair(
        split=split,
        row_id=a.row_id,
        train_row_id=b.row_id,
        whole=_alike(a.whole, b.whole),
        prompt=_alike(a.prompt, b.prompt),
        response=_alike(a.response, b.response),
        cosine=cosine,
    )


def _alike(a: str, b: str) -> float:
    """Jaccard similarity of the shingles of two texts."""
    sets = shingle_sets([a, b])
    left, right = (sets.buckets[sets.offsets[i] : sets.offsets[i + 1]] for i in (0, 1))
    both = len(np.intersect1d(left, right, assume_unique=True))
    return round(both / max(len(left) + len(right) - both, 1), 4)


def _method(found: Found, encoder: Embeds | None) -> str:
    """How it was compared, in words."""
    others = "every train row" if found.exact_from is not None else "the likeliest train rows"
    method = (
        f"each held-out row compared with {others}: the larger Jaccard similarity of character 5-grams of the"
        f" whole row and of the prompt (from {MIN_PROMPT_SHINGLES} shingles), without system prompts, texts"
        " normalised"
    )
    if encoder is None:
        return method
    searched = " and the highest of all" if found.cosine is not None else ""
    return f"{method}; cosines of the listed pairs{searched} by {encoder.name}"


def shipped_encoder() -> Embeds | None:
    """The encoder that ships with the package; None where there is none."""
    try:
        encoders = importlib.import_module(".encoders", __package__)
    except ModuleNotFoundError as error:
        if not (error.name or "").endswith("encoders"):
            raise
        return None
    return encoders.encoder_for("static")
