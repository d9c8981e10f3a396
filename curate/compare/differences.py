"""What differs between two nearly equal texts, counted by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

from rapidfuzz.distance import DamerauLevenshtein

from .word_forms import opposite_prefix, same_word
from .words import NEGATIONS, SMALL, is_number, is_operator

Known = Callable[[str], bool]
SIMILAR = 0.5
LONG_WORD = 8
MAX_CHANGED_RATIO = 0.45
MAX_EXCHANGED = 4
MAX_JOINED = 20
MIN_JOINED_LENGTH = 3
MAX_JOINED_LENGTH = 40


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
        small: Small words and forms of the same word that only one text has.
        exchanged: Words that changed places.
        of_numbers: Numbers in the text that has more of them.
        of_negations: Negations in the text that has more of them.
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
    exchanged: int = 0
    of_numbers: int = 0
    of_negations: int = 0
    size: int = 0

    @property
    def total(self) -> int:
        """Everything that differs."""
        changed = self.numbers + self.lost_numbers + self.operators + self.code + self.negations
        return changed + self.swaps + self.odd + self.doubtful + self.typos + self.dropped + self.small

    def __add__(self, other: Differences) -> Differences:
        return Differences(*(a + b for a, b in zip(_COUNTS(self), _COUNTS(other), strict=True)))


_COUNTS = attrgetter(*(f.name for f in fields(Differences)))


def differences(a: Sequence[str], b: Sequence[str], known: Known) -> Differences:
    """Compare two texts as multisets of tokens, so that reordered sentences do not differ.

    Args:
        a: Tokens of one text.
        b: Tokens of the other.
        known: Whether a word is a real word of the data.
    """
    found = Differences(size=max(len(a), len(b)))
    middles = _middles(a, b)
    only_a, only_b = _only(*middles)
    found.exchanged = exchanged(*_without(only_a, only_b, *middles))
    if only_a and only_b:
        found.typos += _join_split_words(only_a, only_b) + _join_split_words(only_b, only_a)
    left, right = _sorted_out(only_a, found), _sorted_out(only_b, found)
    numbers_a, numbers_b = (sum(n for t, n in c.items() if is_number(t)) for c in (only_a, only_b))
    found.numbers = min(numbers_a, numbers_b)
    found.lost_numbers = max(numbers_a, numbers_b) - found.numbers
    if found.numbers:
        found.of_numbers = max(_count(a, is_number), _count(b, is_number))
    if found.negations:
        found.of_negations = max(_count(a, NEGATIONS.__contains__), _count(b, NEGATIONS.__contains__))
    _pair_words(left, right, known, found)
    return found


def _count(words: Iterable[str], kind: Callable[[str], bool]) -> int:
    return sum(map(kind, words))


def _without(
    only_a: Counter[str], only_b: Counter[str], a: Sequence[str], b: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """What two texts have in common, each in its own order, from the first to the last that differs."""
    if only_a or only_b:
        a, b = ([w for w in words if w not in only] for words, only in ((a, only_a), (b, only_b)))
    return _middles(a, b)


def _join_split_words(whole: Counter[str], pieces: Counter[str]) -> int:
    """Take out the words of one text that the other writes as two, and count them."""
    found = 0
    if len(pieces) < 2 or len(whole) > MAX_JOINED:
        return found
    for word in [w for w in whole if MIN_JOINED_LENGTH <= len(w) <= MAX_JOINED_LENGTH]:
        for head in [p for p in pieces if word.startswith(p)]:
            tail = word[len(head) :]
            if pieces[head] > 0 and pieces[tail] > (head == tail):
                pieces.subtract((head, tail))
                whole[word] -= 1
                found += 1
                break
    if found:
        for counter in (whole, pieces):
            for word in [w for w, n in counter.items() if n <= 0]:
                del counter[word]
    return found


def exchanged(a: Sequence[str], b: Sequence[str]) -> int:
    """Words that changed places around something that stayed: "Rome to Oslo" and "Oslo to Rome".

    Args:
        a: Tokens of one text, from the first to the last that differs.
        b: Tokens of the other.

    Returns:
        The number of words in the shorter of the two phrases; 0 where nothing was exchanged.
    """
    n = len(a)
    if n != len(b) or n < 3:
        return 0
    for left in range(1, min(MAX_EXCHANGED, n - 2) + 1):
        if a[:left] != b[n - left :]:
            continue
        for right in range(1, min(MAX_EXCHANGED, n - left - 1) + 1):
            if a[n - right :] == b[:right] and a[left : n - right] == b[right : n - left]:
                return min(left, right)
    return 0


def _middles(a: Sequence[str], b: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Two texts without the words that they begin and end with alike."""
    start, stop = 0, min(len(a), len(b))
    while start < stop and a[start] == b[start]:
        start += 1
    end = 0
    while end < stop - start and a[-1 - end] == b[-1 - end]:
        end += 1
    return a[start : len(a) - end], b[start : len(b) - end]


def _only(a: Iterable[str], b: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """What each of two multisets has more of than the other."""
    left, right = Counter(a), Counter(b)
    common = left & right
    return (left - common, right - common) if common else (left, right)


def code_differences(a: Sequence[str], b: Sequence[str]) -> Differences:
    """Pieces of code that one text has instead of another's; what only one text has is no difference."""
    if a == b:
        return Differences()
    only_a, only_b = _only(a, b)
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
    letters = [[w for w in words if len(w) == 1 and w.isascii() and w not in "st"] for words in (left, right)]
    if all(letters):  # option A is not option B
        found.odd += min(map(len, letters))
        left, right = ([w for w in words if len(w) > 1 or not w.isascii()] for words in (left, right))
    if min(len(left), len(right)) > MAX_CHANGED_RATIO * found.size + 2:
        found.swaps += min(len(left), len(right))
        found.dropped += abs(len(left) - len(right))
        return
    likely = ((likeness(x, y), i, j) for i, x in enumerate(left) for j, y in enumerate(right))
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


def likeness(x: str, y: str) -> float:
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
