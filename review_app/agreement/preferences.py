"""Agreement of comparisons, and whether the side that an answer stood on decided."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from .alpha import krippendorff_alpha
from .chance import gwet_ac, observed_agreement
from .figure import Figure
from .ratings import Ratings
from .resample import RESAMPLES, SEED
from .share import Share, sign_test

OUTCOMES = ("a", "b", "tie", "both_bad")
ALPHA = 0.05


@dataclass(frozen=True)
class SideBias:
    """How often the answer on the left won, among comparisons with a winner.

    Args:
        actor: Who; None is everyone.
        left: Share of wins of the left side; one half without bias, for sides are shuffled.
        p: Two-sided exact p value that it is one half; None where nothing was compared.
        words: In plain words.
    """

    actor: str | None
    left: Share
    p: float | None
    words: str


@dataclass(frozen=True)
class PreferenceAgreement:
    """Agreement of the outcomes that people gave to the same pairs.

    Args:
        observed: Share of pairs of outcomes that are the same.
        alpha: Krippendorff's alpha, nominal.
        gwet: Gwet's AC1.
        bias: Side bias of everyone.
        people: Side bias of each person, by name.
        outcomes: How often each outcome was given.
    """

    observed: Figure
    alpha: Figure
    gwet: Figure
    bias: SideBias
    people: tuple[SideBias, ...]
    outcomes: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def preference_agreement(
    preferences: pa.Table, *, seed: int = SEED, resamples: int = RESAMPLES
) -> PreferenceAgreement:
    """Agreement and side bias of standing comparisons.

    Args:
        preferences: `PREFERENCES` of schemas/review.py, one line a person and pair.
        seed: Seed of the bootstrap.
        resamples: Its resamples.
    """
    items, actors, outcomes, left = (
        preferences[name].to_pylist() for name in ("item_id", "actor", "outcome", "left")
    )
    ratings = Ratings.from_votes(items, actors, outcomes, labels=OUTCOMES)
    sides = [
        (who, outcome == side)
        for who, outcome, side in zip(actors, outcomes, left, strict=True)
        if outcome in ("a", "b") and side in ("a", "b")
    ]
    people = sorted(set(actors))
    return PreferenceAgreement(
        observed=observed_agreement(ratings, seed=seed, resamples=resamples),
        alpha=krippendorff_alpha(ratings, seed=seed, resamples=resamples),
        gwet=gwet_ac(ratings, seed=seed, resamples=resamples),
        bias=_bias(None, [won for _, won in sides]),
        people=tuple(_bias(name, [won for who, won in sides if who == name]) for name in people),
        outcomes={outcome: outcomes.count(outcome) for outcome in OUTCOMES},
    )


def _bias(actor: str | None, wins: list[bool]) -> SideBias:
    share = Share.count_of(sum(wins), len(wins))
    p = sign_test(share.count, share.of)
    if share.value is None or p is None:
        return SideBias(actor, share, None, "undefined: no comparison had a winner")
    if p >= ALPHA:
        return SideBias(actor, share, p, "no sign of a side bias")
    side, rate = ("left", share.value) if share.value > 0.5 else ("right", 1 - share.value)
    return SideBias(actor, share, p, f"prefers the {side} side: {rate:.0%} of the wins")
