"""What a sentence says of whom: patterns over the parts of its words, one letter a word."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .tokens import Token


class Pattern(NamedTuple):
    """One way to say something against a group.

    Attributes:
        name: What it is.
        weight: Belief that the sentence is hateful where it matches and nothing takes it back, in [0, 1].
        regex: Over the letters of one clause; the group `e` is the telling word.
        negated: Whether a negation is part of the pattern; else one before the telling word takes it back.
    """

    name: str
    weight: float
    regex: re.Pattern[str]
    negated: bool = False


class Hit(NamedTuple):
    """A pattern in a clause: the pattern and the index of the telling word in the sentence."""

    pattern: Pattern
    at: int


def _pattern(name: str, weight: float, regex: str, *, negated: bool = False) -> Pattern:
    return Pattern(name, weight, re.compile(regex), negated)


_START = r"^[BDMZo]?[BDM]{0,3}"
PATTERNS = (
    _pattern("are", 0.95, r"[Gg][^GgYTE]{0,7}?c[^GgYTkv]{0,6}?(?P<e>[EC])"),
    _pattern("were", 0.57, r"[Gg][^GgYTEk]{0,3}d[^GgYTkvi]{0,2}?(?P<e>E)"),
    _pattern("the fool was one", 0.85, r"(?P<e>E)[cd]D{0,3}[Gg](?![^k]{0,3}[PE])"),
    _pattern("are such", 0.95, r"^c[^GgYk]{0,5}?(?P<e>[EC])"),
    _pattern("why are they", 0.9, r"^[^GgIYTk]{0,2}c[DBoi]{0,3}[Gg][^cGkZ]{0,4}?(?P<e>[EC])"),
    _pattern("attribute", 0.9, r"(?P<e>[EB])B?G", negated=True),
    _pattern("noun", 0.9, r"[Gg]B?(?P<e>E)"),
    _pattern("curse", 0.95, r"(?P<e>[QF])[DBYoi]{0,3}[Gg]"),
    _pattern("worse than", 0.9, r"(?P<e>[EPC])t[DBYoi]{0,4}[Gg]", negated=True),
    _pattern("rather than", 0.85, r"(?P<e>E)[^kGg]{0,4}ti?[DB]{0,2}[Gg]", negated=True),
    _pattern("nothing less", 0.85, r"N[^kGg]{0,8}(?P<e>P)[^kGg]{0,2}tD{0,2}[Gg]", negated=True),
    _pattern("as bad as", 0.85, r"D(?P<e>E)D{1,3}[Gg]", negated=True),
    _pattern("comes from", 0.9, r"f[DBoi]{0,3}G[^G]{0,6}?(?P<e>E)|(?P<f>E)[^G]{0,4}f[DBoi]{0,3}G"),
    _pattern("hate", 0.98, rf"(?:[IM][^k]{{0,8}}?|{_START})(?P<e>H)[^GgkV]{{0,8}}[Gg]"),
    _pattern("I feel", 0.95, r"(?P<e>H)[^k]{0,2}I[^kN]{0,4}[Gg]"),
    _pattern("whom I hate", 0.85, r"[Gg][^kG]{0,7}I[^kNG]{0,3}(?P<e>H)(?![^k]{0,3}G)"),
    _pattern("hated", 0.95, r"[Gg][^k]{0,5}M[^k]{0,4}(?P<e>H)"),
    _pattern("repel", 0.95, r"[Gg][^k]{0,8}?(?P<e>J)|(?P<f>J)[^k]{0,6}[Gg]"),
    _pattern("enrage", 0.95, r"[Gg][^k]{0,9}?j[^k]{0,3}?(?P<e>[AEH])"),
    _pattern("angry at", 0.8, r"I[^k]{0,5}(?P<e>[AE])i[DB]{0,2}[Gg]"),
    _pattern("do it", 0.98, r"(?:I[^k]{0,4}m|M)[^kGg]{0,7}?(?P<e>[VX])[^kGg]{0,6}[Gg]"),
    _pattern("make them", 0.98, r"I[^k]{0,3}[mMP][^kGg]{0,4}[Gg][^kGgN]{0,4}(?P<e>V)"),
    _pattern("command", 0.95, rf"{_START}(?P<e>[VX])[^Ggkc]{{0,4}}[Gg]"),
    _pattern("done to", 0.95, r"[Gg][^k]{0,6}M[^k]{0,6}?(?P<e>[VX])"),
    _pattern("will be done to", 0.7, r"[Gg][^k]{0,5}m[^kIYGN]{0,6}?(?P<e>V)"),
    _pattern("wish", 0.98, r"M[^kGg]{0,5}[Gg][^kc]{0,8}?c?[^kG]?(?P<e>V)"),
    _pattern("solution", 0.9, r"(?P<e>V)[^kG]{0,3}c[^kG]{0,3}M[^kG]{0,3}[Gg]"),
    _pattern("is fine", 0.9, r"^[^kIYT]{0,2}(?P<e>[VX])[^kGg]{0,3}[Gg][^kN]{0,3}c[^kN]{0,3}P"),
    _pattern("act", 0.9, r"[Gg][^kGg]{0,6}?(?P<e>W)"),
    _pattern("out", 0.9, r"[Gg][^kGg]{0,6}?(?P<e>x)(?![^k]{0,2}E)|(?P<f>x)[^kGg]{0,6}[Gg]"),
    _pattern(
        "unworthy", 0.9, r"[Gg][^kGg]{0,6}?(?P<e>y)(?![^k]{0,6}[VXHE])|^(?P<f>N)[DBoi]{0,2}G[^k]{0,2}MP"
    ),
    _pattern("not allowed", 0.95, r"(?P<e>l)[DB]{0,3}G(?![^k]{0,5}[VXHE])"),
    _pattern("no mercy", 0.8, r"I[^kd]{0,4}N[^kEVXH]{0,2}?(?P<e>P)[DBYiP]{0,4}[Gg]", negated=True),
    _pattern("must not", 0.9, r"[Gg][^kGgd]{0,3}M[^kGgd]{0,1}N[^kGgd]{0,2}?(?P<e>z)", negated=True),
    _pattern("not good", 0.8, r"[Gg][^kGgd]{0,6}?N[^kGgEVXH]{0,4}?(?P<e>P)", negated=True),
    _pattern("none is good", 0.85, r"N[Doi]{0,2}[Gg][^kGgd]{0,5}?(?P<e>P)", negated=True),
    _pattern("do not like", 0.8, r"(?:I[^kd]{0,4}|^|M)N[^kEVXH]{0,4}?(?P<e>P)[DBY]{0,3}[Gg]", negated=True),
)
VERB_LAST = _pattern("verb last", 0.95, r"M[^kGg]{0,5}[Gg][^kG]{0,3}(?P<e>[VX])")
SLUR = _pattern("slur", 0.95, r"(?P<e>S)|(?:[DYITcBEgGHQVX][BED]?|^)(?P<f>s)|[DYcEQ](?P<g>u)(?!oo)")
SELF_HARM = _pattern("self-harm", 0.95, r"(?P<e>L)")


SCOPE = 9
"""Words that a negation reaches."""
_CLAUSE = re.compile("[^k]+")
_TARGET = re.compile("[GgSsuL]")
_TELLING_WORD = re.compile(r"\(\?P<\w>\[?([A-Za-z]+)")
_GROUPLESS = frozenset(("are such", "slur", "self-harm"))
"""Patterns that match a clause without a group; every other needs one."""
_JOINED_A, _BEFORE_END = re.compile("a(?=[ITYZ])"), re.compile("k(?=[TG]o?$)")
_RELATIVE = re.compile("k(?=Z[^k]{0,3}[cMmHV])")


def letters(tokens: Sequence[Token]) -> str:
    """The parts of a sentence, one letter a token."""
    tags = "".join(t.word.tag for t in tokens).replace("b", "o").replace("p", "o")
    if "a" in tags:
        tags = _JOINED_A.sub("k", tags).replace("a", "D")
    return _RELATIVE.sub("o", _BEFORE_END.sub("o", tags)) if "k" in tags else tags


def clauses(tags: str) -> Iterator[tuple[int, str]]:
    """The clauses of a sentence, each with its start."""
    for match in _CLAUSE.finditer(tags):
        yield match.start(), match[0]


@functools.lru_cache(maxsize=1 << 14)
def _possible(parts: frozenset[str], wide: bool) -> tuple[Pattern, ...]:
    """The patterns that a clause may match: it has a telling word, and a group where one is needed."""
    named = not parts.isdisjoint("Gg")
    patterns = (*PATTERNS, SLUR, SELF_HARM, VERB_LAST) if wide else (*PATTERNS, SLUR, SELF_HARM)
    fitting = (p for p in patterns if named or p.name in _GROUPLESS)
    return tuple(p for p in fitting if not parts.isdisjoint(_telling(p)))


@functools.cache
def _telling(pattern: Pattern) -> frozenset[str]:
    """The letters of the telling words of a pattern."""
    return frozenset("".join(_TELLING_WORD.findall(pattern.regex.pattern)))


def hits(tags: str, *, wide: bool = False) -> Iterator[Hit]:
    """Every pattern in every clause, unless a negation takes it back.

    Args:
        tags: The letters of a sentence, pronouns resolved.
        wide: Whether a negation anywhere in the clause counts, as where it follows the verb.
    """
    if _TARGET.search(tags) is None:
        return
    for start, clause in clauses(tags):
        for pattern in _possible(frozenset(clause), wide):
            for match in pattern.regex.finditer(clause):
                at = match.start(match.lastgroup or 0)
                if pattern is SLUR and at == 0 < start and clause[0] == "s":
                    continue
                if pattern is SLUR or pattern.negated or not is_negated(clause, at, wide=wide):
                    yield Hit(pattern, start + at)


def is_negated(clause: str, at: int, *, wide: bool = False) -> bool:
    """Whether an odd number of negations stands before a word of a clause, or anywhere in it."""
    scope = clause if wide else clause[max(0, at - SCOPE) : at]
    return len(re.findall("[Nl]", scope)) % 2 == 1
