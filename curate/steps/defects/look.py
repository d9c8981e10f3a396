"""All signals that look at one pair, and which of them a pair's words call for."""

from __future__ import annotations

from collections.abc import Callable

from ...literals import Literals
from .base import PROMPT_GROUPS, Pair, Signal
from .boilerplate import SIGNALS as BOILERPLATE
from .formats import SIGNALS as FORMATS
from .garbling import SIGNALS as GARBLING
from .inputs import SIGNALS as INPUTS
from .links import SIGNALS as LINKS
from .lists import SIGNALS as LISTS
from .markup import SIGNALS as MARKUP
from .media import SIGNALS as MEDIA
from .placeholders import SIGNALS as PLACEHOLDERS
from .refusals import SIGNALS as REFUSALS
from .repetition import SIGNALS as REPETITION
from .residue import SIGNALS as RESIDUE
from .truncation import SIGNALS as TRUNCATION

SIGNALS: tuple[Signal, ...] = (
    *(
        *PLACEHOLDERS,
        *LINKS,
        *REPETITION,
        *GARBLING,
        *MARKUP,
        *RESIDUE,
        *REFUSALS,
        *BOILERPLATE,
        *INPUTS,
        *MEDIA,
    ),
    *(*FORMATS, *LISTS, *TRUNCATION),
)
_FIND: dict[str, Callable[[Pair], str | None]] = {s.code: s.find for s in SIGNALS if s.find is not None}
_ALWAYS = tuple((s.code, _FIND[s.code]) for s in SIGNALS if not s.triggers and not s.prompt_triggers)
_ANSWER = Literals({s.code: s.triggers for s in SIGNALS if s.triggers})
_PROMPT = Literals({**{s.code: s.prompt_triggers for s in SIGNALS if s.prompt_triggers}, **PROMPT_GROUPS})


def hits_of(pair: Pair) -> list[tuple[str, str]]:
    """Reason and detail of every defect of one pair."""
    called = pair.called = _ANSWER.found(pair.lower) | _PROMPT.found(pair.prompt_lower)
    found = [(code, detail) for code, find in _ALWAYS if (detail := find(pair)) is not None]
    for code in sorted(called.difference(PROMPT_GROUPS)) if called else ():
        detail = _FIND[code](pair)
        if detail is not None:
            found.append((code, detail))
    return found
