"""Who is meant and who speaks: groups named before, quotation, counter-speech, report, reclaimed words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .tokens import Token

ADDRESSED = re.compile(r"Y[DBE]{0,3}[Gg]|G[oiPD]?Y|Yc[DBoi]{0,3}[Gg]")
MENTIONED, REPORTED, COUNTERED, RECLAIMED, OTHERS = 0.4, 0.45, 0.35, 0.35, 0.5
"""What is left of the belief where a sentence quotes, reports, condemns, reclaims, or tells of others."""


class Antecedents:
    """Groups that `they` and `you` may stand for, as a text goes on."""

    def __init__(self) -> None:
        self.group = 0
        self.addressed = False

    def resolved(self, tags: str, *, about: bool) -> str:
        """The letters of the next sentence with pronouns made groups where they stand for one.

        Args:
            tags: The letters.
            about: Whether the sentence after it tells which group it was about.
        """
        if re.search("Tc[DB]{0,3}[Gg]", tags):
            tags = tags.replace("T", "G").replace("k", "o")
        if about and not re.search("[Gg]", tags):
            return re.sub("[TYZ]", "G", tags)
        found = re.search("[Gg]", tags)
        self.addressed = self.addressed or ADDRESSED.search(tags) is not None
        first = found.start() if found else len(tags)
        known = self.group > 0
        self.group = 2 if found else self.group - 1
        changed = tags.replace("T", "G") if known else tags[:first] + tags[first:].replace("T", "G")
        if self.addressed:
            after = 0 if known else first
            changed = changed[:after] + changed[after:].replace("Y", "G")
        return changed


IDENTIFIED = re.compile(r"(?:[TYZ]c|f)[DBPo]{0,3}G")
"""A sentence that tells whom the one before was about: `they are just women`, `it came from a Muslim`."""


def factor(tokens: Sequence[Token], tags: str, at: int, *, countered: bool) -> float:
    """What is left of the belief in a telling word, a ratio in [0, 1].

    Args:
        tokens: The sentence.
        tags: Its letters, pronouns resolved.
        at: The telling word.
        countered: Whether the sentence or, for a quoted word, one beside it condemns.
    """
    left = MENTIONED if _is_mentioned(tokens, tags, at) else 1.0
    if countered:
        left = min(left, COUNTERED)
    if tags[at] in "Ssu" and (is_reclaimed(tags, at) or _has_homonym(tags)):
        left = min(left, RECLAIMED)
    if _is_reported(tags, at):
        left = min(left, REPORTED)
    if tags[at] in "HV" and re.search(r"Z[^kI]{0,3}$", tags[:at]):
        left = min(left, OTHERS)
    return left


def _is_mentioned(tokens: Sequence[Token], tags: str, at: int) -> bool:
    """Whether the telling word, or every group that the sentence names, stands in quotation marks."""
    if sum(not t.quoted and t.word.tag != "k" for t in tokens) < 2:
        return False
    groups = [t.quoted for t, tag in zip(tokens, tags, strict=True) if tag in "Gg"]
    return tokens[at].quoted or (bool(groups) and all(groups))


def _has_homonym(tags: str) -> bool:
    """Whether a sentence about gearboxes, dogs or food uses a slur in its other sense."""
    return "h" in tags and not re.search("[YT]c[^k]{0,4}s|[GgHQ]", tags)


def _is_reported(tags: str, at: int) -> bool:
    before = tags[:at].rfind("R")
    return before >= 0 and "I" not in tags[max(0, before - 3) : before]


def is_reclaimed(tags: str, at: int) -> bool:
    """Whether speakers use a slur of themselves or of their friends."""
    near = tags[max(0, at - 5) : at]
    like_me = re.match(r"[so]?P?PI", tags[at + 1 :]) is not None
    being_one = "Y" not in tags and re.search(r"^c?[^YTN]{0,9}cD?$", tags[:at]) is not None
    if like_me or being_one:
        return not re.search("[YTGgH]", tags[:at])
    own = "I" in near and not re.search(r"[YTNHVGg]", near[near.rfind("I") :])
    return own or ("P" in tags[:at] and "N" not in tags and "Y" not in tags[:at])
