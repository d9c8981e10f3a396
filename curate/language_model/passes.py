"""Which token sequences must go through the model, and which of their tokens are asked for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from .chat_text import Span


@dataclass
class Pass:
    """One sequence of tokens.

    Args:
        ids: The tokens.
        spans: First and last (exclusive) token of each answer that is scored; the first is never 0.
    """

    ids: list[int]
    spans: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """Where the two numbers of an answer come from.

    Args:
        turn: The assistant turn.
        tokens: Tokens of the answer.
        cut: Tokens of the prompt that are left out.
        conditioned: Pass and span after the prompt; None where the answer is empty or too long.
        alone: Pass and span after nothing.
    """

    turn: int
    tokens: int
    cut: int = 0
    conditioned: tuple[int, int] | None = None
    alone: tuple[int, int] | None = None


def plan_text(
    ids: Sequence[int],
    offsets: Sequence[tuple[int, int]],
    answers: Sequence[Span],
    passes: list[Pass],
    *,
    opening: Sequence[int],
    limit: int,
) -> list[Plan]:
    """Add the passes of one text, and say where each answer's numbers come from.

    There is one pass for all answers that end within the limit, one for each answer after it, and one for
    each answer alone.

    Args:
        ids: Tokens of the text.
        offsets: Where each token begins and ends in the text; neither falls. A token that reaches into an
            answer is one of the answer's.
        answers: Answers in the text, in order.
        passes: Every pass so far; grows.
        opening: Tokens that stand before an answer that has nothing before it; at least one.
        limit: Tokens of a pass at most. An answer further back loses the left of its prompt.
    """
    starts, ends = [start for start, _ in offsets], [end for _, end in offsets]
    places = [(turn, bisect_right(ends, begin), bisect_left(starts, end)) for turn, begin, end in answers]
    if places and places[0][1] == 0:
        ids = [*opening, *ids]
        places = [(turn, first + len(opening), last + len(opening)) for turn, first, last in places]
    plans: list[Plan] = []
    shared: int | None = None
    for turn, first, last in places:
        size = last - first
        if size == 0 or size + len(opening) > limit:
            plans.append(Plan(turn, size))
            continue
        cut = max(last - limit, 0)
        if cut or shared is None:
            passes.append(Pass(list(ids[cut:last])))
            place = len(passes) - 1
            shared = shared if cut else place
        else:
            place = shared
            passes[place].ids = list(ids[:last])
        passes[place].spans.append((first - cut, last - cut))
        passes.append(Pass([*opening, *ids[first:last]], [(len(opening), len(opening) + size)]))
        conditioned = (place, len(passes[place].spans) - 1)
        plans.append(Plan(turn, size, cut, conditioned, (len(passes) - 1, 0)))
    return plans
