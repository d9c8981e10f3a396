"""How many tokens a row has: counted with the target's tokenizer where it is at hand, else estimated.

Nothing is downloaded. The overhead of a chat is the one that OpenAI's cookbook counts with: three tokens a
message, one a name, three a row (openai-cookbook, Chat_finetuning_data_prep.ipynb, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, Protocol

from ...schemas.errors import RecipeError, did_you_mean
from .row_parts import Row, row_parts
from .tokenizers_at_hand import AtHand, Encode, TemplateEncode, hugging_face, mistral, tiktoken

MESSAGE_TOKENS = 3
NAME_TOKENS = 1
ROW_TOKENS = 3
TEMPLATE_TOKENS = 8
"""At most, a message, where the chat template is not known: Llama 3 and ChatML write five."""
BYTES_PER_TOKEN = 4
"""OpenAI's rule of thumb for English; measured in docs/LOG.md."""


class Count(NamedTuple):
    """Tokens of one row.

    Args:
        likely: The count, or what it most likely is.
        most: The count, or what it cannot exceed.
        unpublished: Whether the row has tools or images, whose tokens services count in unpublished ways.
    """

    likely: int
    most: int
    unpublished: bool = False


class Counter(Protocol):
    """Counts rows.

    Attributes:
        name: What counts.
        exact: Whether texts are counted, and not estimated.
        says: One sentence on how.
    """

    @property
    def name(self) -> str: ...
    @property
    def exact(self) -> bool: ...
    @property
    def says(self) -> str: ...
    def count(self, rows: Sequence[Row]) -> list[Count]:
        """The tokens of each row."""
        ...


@dataclass(frozen=True)
class Estimate:
    """An upper bound and a likely figure from the bytes of the texts.

    A byte-level tokenizer never makes more tokens than a text has bytes.

    Args:
        why: Why nothing better is at hand.
        known: Whether the overhead is the cookbook's; otherwise a template's is allowed for.
    """

    why: str
    known: bool = True
    name: str = "estimate"
    exact: bool = False

    @property
    def says(self) -> str:
        return f"{self.why}; estimated at {BYTES_PER_TOKEN} bytes a token, at most one token a byte"

    def count(self, rows: Sequence[Row]) -> list[Count]:
        return [self._row(row) for row in rows]

    def _row(self, row: Row) -> Count:
        texts, messages, names, unpublished = row_parts(row)
        joined = "".join(texts)
        size = len(joined) if joined.isascii() else len(joined.encode("utf-8", "surrogatepass"))
        over = _overhead(messages, names)
        likely = (size + BYTES_PER_TOKEN // 2 * len(texts)) // BYTES_PER_TOKEN + over
        if self.known:
            return Count(min(likely, size + over), size + over, unpublished)
        return Count(likely, size + len(texts) + TEMPLATE_TOKENS * (messages + 1), unpublished)


def _overhead(messages: int, names: int) -> int:
    return MESSAGE_TOKENS * messages + NAME_TOKENS * names + (ROW_TOKENS if messages else 0)


@dataclass(frozen=True)
class Texts:
    """Counts the texts of rows with a tokenizer, and adds the cookbook's overhead.

    Args:
        name: The tokenizer.
        encode: How many tokens each text has.
        template: Tokens of a row by the model's own chat template; None where it cannot say.
    """

    name: str
    encode: Encode
    template: TemplateEncode | None = None
    exact: bool = True

    @property
    def says(self) -> str:
        how = "the model's chat template" if self.template else "3 tokens a message and 3 a row"
        return f"counted with {self.name} and {how}"

    def count(self, rows: Sequence[Row]) -> list[Count]:
        counted: list[Count | None] = [None] * len(rows)
        if self.template is not None:
            for i, row in enumerate(rows):
                tokens = self.template(row)
                counted[i] = None if tokens is None else Count(tokens, tokens)
        left = [i for i, count in enumerate(counted) if count is None]
        for i, count in zip(left, self._by_texts([rows[i] for i in left]), strict=True):
            counted[i] = count
        return [count for count in counted if count is not None]

    def _by_texts(self, rows: Sequence[Row]) -> list[Count]:
        parts = [row_parts(row) for row in rows]
        lengths = iter(self.encode([text for part in parts for text in part.texts]))
        counts: list[Count] = []
        for texts, messages, names, unpublished in parts:
            count = sum(islice(lengths, len(texts))) + _overhead(messages, names)
            counts.append(Count(count, count, unpublished))
        return counts


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer with a name.

    Args:
        says: Whose it is.
        load: The tokenizer, or a sentence that says why it is not at hand.
    """

    says: str
    load: Callable[[], AtHand | str]


TOKENIZERS: dict[str, Tokenizer] = {
    "o200k_base": Tokenizer("OpenAI's, from gpt-4o on", lambda: tiktoken("o200k_base")),
    "cl100k_base": Tokenizer("OpenAI's, of gpt-4 and gpt-3.5-turbo", lambda: tiktoken("cl100k_base")),
    "mistral-v3": Tokenizer("Mistral's, SentencePiece", lambda: mistral("v3")),
    "mistral-tekken": Tokenizer("Mistral's, Tekken, from Nemo on", lambda: mistral("tekken")),
}
"""What a target's `tokenizer` names, and what --tokenizer takes beside files, folders and models."""
ESTIMATE = "estimate"
_OF_MODELS = (
    ("gpt-4o", "o200k_base"),
    ("gpt-4.1", "o200k_base"),
    ("gpt-4.5", "o200k_base"),
    ("gpt-5", "o200k_base"),
    ("o1", "o200k_base"),
    ("o3", "o200k_base"),
    ("o4", "o200k_base"),
    ("gpt-4", "cl100k_base"),
    ("gpt-3.5-turbo", "cl100k_base"),
    ("gpt-35-turbo", "cl100k_base"),
)
"""Beginnings of OpenAI's model names; source: tiktoken 0.14.0, model.py."""


def find_counter(named: str | None = None, *, model: str | None = None, wanted: str | None = None) -> Counter:
    """What counts tokens.

    Args:
        named: What the target names, one of `TOKENIZERS`; None is the base model's own.
        model: The base model to be tuned: its name, a hub id or a folder.
        wanted: What the user names: one of `TOKENIZERS`, `estimate`, a tokenizer.json, a folder or a model.

    Raises:
        RecipeError: A tokenizer that the user names is not at hand.
    """
    if wanted == ESTIMATE:
        return Estimate("as asked for", known=named is not None)
    if wanted is not None:
        return _wanted(wanted)
    own = next((name for start, name in _OF_MODELS if model and model.startswith(start)), None)
    if model is not None and own is None:
        found = hugging_face(model)
        if found is not None:
            return Texts(model, found.encode, found.template)
    name = own or named
    if name is None:
        return Estimate(f"the tokenizer of {model or 'the base model'} is not at hand", known=False)
    loaded = TOKENIZERS[name].load()
    return Estimate(loaded) if isinstance(loaded, str) else Texts(name, loaded.encode, loaded.template)


def _wanted(wanted: str) -> Counter:
    if wanted in TOKENIZERS:
        loaded = TOKENIZERS[wanted].load()
        if isinstance(loaded, str):
            raise RecipeError(loaded, where="--tokenizer", fix="install it, or leave --tokenizer out")
        return Texts(wanted, loaded.encode, loaded.template)
    found = hugging_face(wanted)
    if found is None:
        raise RecipeError(
            f"no tokenizer {wanted!r} on this machine",
            where="--tokenizer",
            fix="name a tokenizer.json, a folder or a cached model (tuneset models list); "
            + did_you_mean(wanted, [*TOKENIZERS, ESTIMATE]),
        )
    return Texts(wanted, found.encode, found.template)
