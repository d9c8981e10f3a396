"""What differs between two nearly equal texts, and whether it makes them say something else.

A guard knows that a changed number, operator, negation, antonym or name makes another text, while typing
errors, dropped words and courtesy do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein, Levenshtein

from .words import NEGATIONS, SMALL, is_number, is_operator

Known = Callable[[str], bool]
SIMILAR = 0.5
LONG_WORD = 8
MAX_CHANGED_RATIO = 0.45
_PREFIXES = (
    "dis",
    "un",
    "in",
    "im",
    "ir",
    "il",
    "non",
    "de",
    "mis",
    "anti",
    "counter",
    "over",
    "under",
    "out",
)
_OPPOSITES = (
    ("en", "de"),
    ("in", "de"),
    ("in", "ex"),
    ("im", "ex"),
    ("as", "des"),
    ("syn", "ant"),
    ("pre", "post"),
)
_OPPOSITES += (("max", "min"), ("macro", "micro"), ("hyper", "hypo"), ("inter", "intra"), ("intro", "extra"))
_OPPOSITES += (
    ("intro", "extro"),
    ("homo", "hetero"),
    ("mono", "poly"),
    ("up", "down"),
    ("for", "back"),
    ("pro", "anti"),
)
_OPPOSITES += (
    ("con", "di"),
    ("con", "de"),
    ("a", "de"),
    ("ac", "de"),
    ("e", "im"),
    ("over", "under"),
    ("out", "in"),
)
_ENDINGS = frozenset(
    ("", "s", "es", "d", "ed", "ing", "ly", "'s", "er", "n", "r", "e", "al", "ally", "'", "y", "ies", "ment")
)
_SPELLINGS = (("our", "or"), ("ise", "ize"), ("isa", "iza"), ("isi", "izi"), ("yse", "yze"), ("tre", "ter"))
_SPELLINGS += (("ogue", "og"), ("ence", "ense"), ("ll", "l"), ("ae", "e"), ("oe", "e"), ("grey", "gray"))


@dataclass
class Differences:
    """How the words of two texts differ, as multisets.

    Args:
        numbers: Numbers of one text that the other has not, where both have such.
        lost_numbers: Numbers that only one text has.
        operators: Operators that only one text has.
        code: Pieces of code of one text that the other has not, where both have such.
        negations: Negations that only one text has.
        swaps: Pairs of different real words, one from each text.
        odd: Pairs of different words of which one is no known word.
        doubtful: Pairs of alike words that are both real words, such as "cat" and "car".
        typos: Pairs of alike words of which one is no known word.
        dropped: Words that only one text has and that nothing in the other answers to.
        size: Words of the longer text.
    """

    numbers: int = 0
    lost_numbers: int = 0
    operators: int = 0
    code: int = 0
    negations: int = 0
    swaps: int = 0
    odd: int = 0
    doubtful: int = 0
    typos: int = 0
    dropped: int = 0
    small: int = 0
    size: int = 0

    @property
    def total(self) -> int:
        """Everything that differs."""
        changed = self.numbers + self.lost_numbers + self.operators + self.code + self.negations
        return changed + self.swaps + self.odd + self.doubtful + self.typos + self.dropped + self.small

    def __add__(self, other: Differences) -> Differences:
        names = self.__dataclass_fields__
        return Differences(**{n: getattr(self, n) + getattr(other, n) for n in names})


def differences(a: Sequence[str], b: Sequence[str], known: Known) -> Differences:
    """Compare two texts as multisets of tokens, so that reordered sentences do not differ.

    Args:
        a: Tokens of one text.
        b: Tokens of the other.
        known: Whether a word is a real word of the data.
    """
    only_a, only_b = Counter(a), Counter(b)
    only_a, only_b = only_a - only_b, only_b - only_a
    found = Differences(size=max(len(a), len(b)))
    left, right = _sorted_out(only_a, found), _sorted_out(only_b, found)
    numbers_a, numbers_b = (sum(n for t, n in c.items() if is_number(t)) for c in (only_a, only_b))
    found.numbers = min(numbers_a, numbers_b)
    found.lost_numbers = max(numbers_a, numbers_b) - found.numbers
    _pair_words(left, right, known, found)
    return found


def code_differences(a: Sequence[str], b: Sequence[str]) -> Differences:
    """Pieces of code that one text has instead of another's; what only one text has is no difference."""
    only_a, only_b = Counter(a) - Counter(b), Counter(b) - Counter(a)
    return Differences(code=min(only_a.total(), only_b.total()))


def _sorted_out(only: Counter[str], found: Differences) -> list[str]:
    """The ordinary words of one side; the others are counted."""
    words: list[str] = []
    for token, n in only.items():
        if is_number(token):
            continue
        if is_operator(token):
            found.operators += n
        elif token in NEGATIONS:
            found.negations += n
        else:
            words += [token] * n
    return words


def _pair_words(left: list[str], right: list[str], known: Known, found: Differences) -> None:
    """Pair each word with the one it most resembles; what stays on both sides is a swap."""
    if min(len(left), len(right)) > MAX_CHANGED_RATIO * found.size + 2:
        found.swaps += min(len(left), len(right))
        found.dropped += abs(len(left) - len(right))
        return
    likely = ((_likeness(x, y), i, j) for i, x in enumerate(left) for j, y in enumerate(right))
    scored = sorted((s for s in likely if s[0] >= SIMILAR), key=lambda s: (-s[0], s[1], s[2]))
    free_a, free_b = set(range(len(left))), set(range(len(right)))
    for _, i, j in scored:
        if i in free_a and j in free_b:
            free_a.discard(i)
            free_b.discard(j)
            _count_pair(left[i], right[j], known, found)
    rest_a, rest_b = ([w[i] for i in sorted(f)] for w, f in ((left, free_a), (right, free_b)))
    content_a, content_b = ([w for w in rest if w not in SMALL] for rest in (rest_a, rest_b))
    pairs = min(len(content_a), len(content_b))
    swaps = min(sum(map(known, content_a)), sum(map(known, content_b)))
    found.swaps += swaps
    found.odd += pairs - swaps
    found.dropped += max(len(content_a), len(content_b)) - pairs
    found.small += len(rest_a) + len(rest_b) - len(content_a) - len(content_b)


def _likeness(x: str, y: str) -> float:
    """How alike two words look, a ratio in [0, 1]; a transposition counts as one slip."""
    return DamerauLevenshtein.normalized_similarity(x, y, score_cutoff=SIMILAR)


def _count_pair(x: str, y: str, known: Known, found: Differences) -> None:
    if x in SMALL or y in SMALL or same_word(x, y):
        found.small += 1
    elif opposite_prefix(x, y):
        found.swaps += 1
    elif known(x) and known(y):
        found.doubtful += 1
    elif known(x) or known(y) or min(len(x), len(y)) >= LONG_WORD:
        found.typos += 1
    else:
        found.doubtful += 1


def same_word(x: str, y: str) -> bool:
    """Whether two words are forms or spellings of one: plural, tense, British and American."""
    stem = 0
    while stem < min(len(x), len(y)) and x[stem] == y[stem]:
        stem += 1
    if stem >= 3 and x[stem:] in _ENDINGS and y[stem:] in _ENDINGS:
        return True
    return any(x.replace(a, b) == y.replace(a, b) for a, b in _SPELLINGS)


def opposite_prefix(x: str, y: str) -> bool:
    """Whether one word is the other with a prefix that turns it round, or both have different ones."""
    if any(p + x == y or p + y == x for p in _PREFIXES):
        return True
    return any(
        x.startswith(p) and y.startswith(q) and len(x) - len(p) >= 4 and x[len(p) :] == y[len(q) :]
        for a, b in _OPPOSITES
        for p, q in ((a, b), (b, a))
    )


def veto(found: Differences) -> str | None:
    """Why two nearly equal texts are not the same after all; None when nothing speaks against it.

    Shares are of all differing words, so that one accident among many typing errors is no veto.
    """
    total = max(found.total, 1)
    if found.numbers and found.numbers >= 0.2 * total:
        return "number"
    if found.lost_numbers and found.lost_numbers >= 0.5 * total:
        return "number"
    if found.operators and found.operators >= 0.4 * total:
        return "operator"
    if found.code > 0.5 * found.typos:
        return "code"
    if found.negations and found.negations >= 0.4 * total:
        return "negation"
    if (found.swaps >= 0.05 * total and found.swaps) or (
        found.swaps + found.odd >= 0.15 * total and found.odd
    ):
        return "word"
    if found.doubtful and found.doubtful > 0.5 * (found.typos + found.doubtful + found.dropped):
        return "word"
    return None


def edit_similarity(a: str, b: str, at_least: float) -> float:
    """Levenshtein similarity of two texts, a ratio in [0, 1]; 0 where it is below `at_least`."""
    return Levenshtein.normalized_similarity(a, b, score_cutoff=at_least)
