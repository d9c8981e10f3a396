"""Whether what differs between two nearly equal texts makes them say something else.

A guard knows that a changed number, operator, negation, antonym or name makes another text, while typing
errors, dropped words and courtesy do not.
"""

from __future__ import annotations

from .differences import Differences

SURPRISING_NUMBERS = 3
SURPRISING_NEGATIONS = 12


def veto(found: Differences) -> str | None:
    """Why two nearly equal texts are not the same after all; None when nothing speaks against it.

    Shares are of all differing words, so that one accident among many typing errors is no veto.
    """
    if found.exchanged:
        return "order"
    total = max(found.total, 1)
    if found.numbers and (found.numbers >= 0.2 * total or surprising(found.numbers, found.of_numbers, found)):
        return "number"
    if found.lost_numbers and found.lost_numbers >= 0.5 * total:
        return "number"
    if found.operators and found.operators >= 0.4 * total:
        return "operator"
    if found.code > 0.5 * found.typos:
        return "code"
    if found.negations and (
        found.negations >= 0.4 * total
        or surprising(found.negations, found.of_negations, found, times=SURPRISING_NEGATIONS)
    ):
        return "negation"
    return "word" if _other_words(found, total) else None


def surprising(changed: int, of: int, found: Differences, *, times: int = SURPRISING_NUMBERS) -> bool:
    """Whether more of some words differ than would if they fared like the words that carry little.

    Args:
        changed: How many of them differ.
        of: How many there are.
        found: What else differs.
        times: How many times as many as expected are a surprise.
    """
    little = found.typos + found.dropped + found.small
    return changed > times * of * little / max(found.size, 1)


def _other_words(found: Differences, total: int) -> bool:
    """Whether real words were put in place of others."""
    if found.swaps and found.swaps >= 0.05 * total:
        return True
    if found.odd and found.swaps + found.odd >= 0.15 * total:
        return True
    return found.doubtful > 0.5 * (found.typos + found.doubtful + found.dropped)
