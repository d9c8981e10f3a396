"""Hateful and abusive text: an explainable lexicon with a grammar, and any transformers classifier."""

from __future__ import annotations

from collections.abc import Sequence

from .judge import judge, judge_all
from .judgement import HARMLESS, THRESHOLD, Judgement

__all__ = ["BUILTIN", "HARMLESS", "THRESHOLD", "Judgement", "judge", "judges"]

BUILTIN = "builtin"


def judges(texts: Sequence[str], *, model: str = BUILTIN) -> list[Judgement]:
    """Judge texts.

    Args:
        texts: As they are written.
        model: `builtin`, or a transformers text classifier: a folder, or a name on the hub.

    Raises:
        MissingExtraError: A classifier was named and transformers is not installed.
        ModelError: The classifier cannot be loaded, or has no label that means toxic.
    """
    if model == BUILTIN:
        return judge_all(texts)
    from .classifier import classifier

    return classifier(model).judges(texts)
