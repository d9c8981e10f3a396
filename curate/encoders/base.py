"""What an encoder is: texts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ...schemas.files import cache_root

if TYPE_CHECKING:
    import numpy as np

STATIC = "static"


class Encoder(Protocol):
    """Turns texts into vectors whose products say how near two texts are in meaning.

    Attributes:
        name: What the user calls it.
        dim: Values a vector.
        identity: Changes with the model's weights and with the arithmetic: a key for caches.
        languages: ISO 639-1 codes of the languages it knows; None where its makers claim no limit. Vectors of
            texts in other languages mean little, and the caller should say so.
    """

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def identity(self) -> str: ...

    @property
    def languages(self) -> frozenset[str] | None: ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """One unit row a text, shape (n_texts, dim), float32; zeros for a text without a known word."""
        ...


def vector_cache() -> Path:
    """Where vectors of slow models are kept: `$TUNESET_CACHE/vectors`, else `~/.cache/tuneset/vectors`."""
    return cache_root() / "vectors"


def encoder_for(name: str, *, cache: Path | None = None) -> Encoder:
    """The encoder called `name`.

    Args:
        name: `static`, the one that ships with the package, or a sentence-transformers model: a folder, or a
            name on the hub.
        cache: Folder that keeps the vectors of a slow model; None keeps none. The static encoder is faster
            than a cache and has none.

    Raises:
        MissingExtraError: A transformer was named and sentence-transformers is not installed.
        ModelError: The model cannot be found or loaded.
    """
    if name == STATIC:
        from .static import static_encoder

        return static_encoder()
    from .transformer import TransformerEncoder

    encoder = TransformerEncoder(name)
    if cache is None:
        return encoder
    from .cache import CachedEncoder

    return CachedEncoder(encoder, cache)
