"""How far reviewers agree: the statistics of the field, with intervals.

Pure functions over tables of votes, edits and comparisons; nothing is read and nothing is written.
"""

from __future__ import annotations

from .alpha import krippendorff_alpha
from .chance import fleiss_kappa, gwet_ac, observed_agreement
from .cohen import cohen_kappa
from .edits import EditAgreement, edit_agreement
from .figure import Figure
from .preferences import PreferenceAgreement, preference_agreement
from .ratings import Ratings
from .repeats import Repeats, repeats
from .share import Share
from .summary import Agreement, agreement
from .votes import decision_ratings, label_ratings, scale_ratings

__all__ = [
    "Agreement",
    "EditAgreement",
    "Figure",
    "PreferenceAgreement",
    "Ratings",
    "Repeats",
    "Share",
    "agreement",
    "cohen_kappa",
    "decision_ratings",
    "edit_agreement",
    "fleiss_kappa",
    "gwet_ac",
    "krippendorff_alpha",
    "label_ratings",
    "observed_agreement",
    "preference_agreement",
    "repeats",
    "scale_ratings",
]
