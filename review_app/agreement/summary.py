"""Every agreement figure of one table of votes, ready for a page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from .alpha import krippendorff_alpha
from .chance import fleiss_kappa, gwet_ac, observed_agreement
from .cohen import cohen_kappa
from .figure import Figure
from .ratings import Ratings
from .resample import RESAMPLES, SEED
from .share import Share


@dataclass(frozen=True)
class PairAgreement:
    """Two raters on the units that both labelled.

    Args:
        a: One rater.
        b: The other.
        same: Units to which both gave the same label.
        kappa: Cohen's kappa, weighted where labels are ordered.
    """

    a: str
    b: str
    same: Share
    kappa: Figure


@dataclass(frozen=True)
class PersonAgreement:
    """One rater against the majority of the others on the same units.

    Args:
        actor: The rater.
        with_others: Units on which the label is the one that most others gave; units where the others
            tie are left out.
        votes: Labels the rater gave.
        shared: Those on units that others labelled too.
    """

    actor: str
    with_others: Share
    votes: int
    shared: int


@dataclass(frozen=True)
class Agreement:
    """How far raters agree.

    Args:
        observed: Share of pairs of votes that agree.
        fleiss: Fleiss' kappa.
        alpha: Krippendorff's alpha.
        gwet: Gwet's AC1, or AC2 where labels are ordered.
        pairs: Every two raters who share a unit.
        people: Every rater.
        units: Units with a vote.
        shared: Units with the votes of two or more raters.
        votes: How often each label was given.
    """

    observed: Figure
    fleiss: Figure
    alpha: Figure
    gwet: Figure
    pairs: tuple[PairAgreement, ...]
    people: tuple[PersonAgreement, ...]
    units: int
    shared: int
    votes: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def text(self) -> str:
        """One line for a person."""
        if self.observed.value is None:
            return f"undefined: {self.observed.undefined}"
        shared = f"{self.shared:,} row{'s' if self.shared != 1 else ''} of {self.observed.raters} people"
        told = f"{self.observed.value:.0%} observed on {shared}; Krippendorff's alpha {self.alpha.text()}"
        return f"{told}; {self.gwet.name} {self.gwet.text()}"


def agreement(ratings: Ratings, *, seed: int = SEED, resamples: int = RESAMPLES) -> Agreement:
    """Every figure of a table of votes.

    Args:
        ratings: The votes.
        seed: Seed of the bootstraps.
        resamples: Their resamples.
    """
    return Agreement(
        observed=observed_agreement(ratings, seed=seed, resamples=resamples),
        fleiss=fleiss_kappa(ratings, seed=seed, resamples=resamples),
        alpha=krippendorff_alpha(ratings, seed=seed, resamples=resamples),
        gwet=gwet_ac(ratings, seed=seed, resamples=resamples),
        pairs=_pairs(ratings, seed, resamples),
        people=_people(ratings),
        units=int((ratings.votes_per_unit > 0).sum()),
        shared=ratings.shared,
        votes=dict(zip(map(str, ratings.labels), ratings.counts.sum(axis=0).tolist(), strict=True)),
    )


def _pairs(ratings: Ratings, seed: int, resamples: int) -> tuple[PairAgreement, ...]:
    found = []
    there = (ratings.codes >= 0).astype(np.float32)
    shared = there.T @ there
    for i, j in combinations(range(len(ratings.raters)), 2):
        if shared[i, j]:
            a, b = ratings.raters[i], ratings.raters[j]
            table = ratings.table(a, b)
            same = Share.count_of(int(np.trace(table)), int(table.sum()))
            kappa = cohen_kappa(ratings, a, b, seed=seed, resamples=resamples)
            found.append(PairAgreement(a, b, same, kappa))
    return tuple(found)


def _people(ratings: Ratings) -> tuple[PersonAgreement, ...]:
    found = []
    for column, name in enumerate(ratings.raters):
        codes = ratings.codes[:, column]
        gave = np.flatnonzero(codes >= 0)
        others = ratings.counts[gave].copy()
        others[np.arange(len(gave)), codes[gave]] -= 1
        shared = others.sum(axis=1) > 0
        most = others.max(axis=1, initial=0)
        clear = shared & ((others == most[:, None]).sum(axis=1) == 1)
        same = clear & (others[np.arange(len(gave)), codes[gave]] == most)
        share = Share.count_of(int(same.sum()), int(clear.sum()))
        found.append(PersonAgreement(name, share, len(gave), int(shared.sum())))
    return tuple(found)
