"""Faults of preference rows, which hold a turn that lost beside the one that won."""

from __future__ import annotations

from ...text import normalise
from .base import Pair, Signal, excerpt
from .refusals import refuses

SIGNALS = (
    Signal(
        "equal_pair",
        "Chosen and rejected answer are the same.",
        "own; RewardBench's checks of pairs",
        True,
        None,
    ),
    Signal(
        "refusal_chosen",
        "The chosen answer refuses, the rejected one helps.",
        "own; XSTest (Röttger et al. 2024) for what is a refusal",
        False,
        None,
    ),
    Signal(
        "pair_cut_short",
        "One answer of the pair is the beginning of the other: they differ in length alone.",
        "RewardBench issue 268 on length as a confounder",
        False,
        None,
    ),
)


def pair_faults(pair: Pair, rejected: str) -> list[tuple[str, str]]:
    """Reason and detail of each fault of a preference row."""
    chosen, lost = normalise(pair.response), normalise(rejected)
    if chosen == lost:
        return [("equal_pair", excerpt(pair.response))]
    found: list[tuple[str, str]] = []
    if refuses(pair.response, pair.prompt) and lost and not refuses(rejected, pair.prompt):
        found.append(("refusal_chosen", excerpt(pair.response)))
    if min(len(chosen), len(lost)) >= 20 and (chosen.startswith(lost) or lost.startswith(chosen)):
        found.append(("pair_cut_short", f"{len(chosen)} and {len(lost)} characters, the same beginning"))
    return found
