"""Words in disguise: `h4te`, `f*ck`, `h a t e`, `haaate`, `haet`, `ihate`."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from .lexicon import Word, lexicon

LEET = str.maketrans("013457@$!|+", "oieastasiit")
_LEET_L = {**LEET, ord("1"): "l"}
SENSITIVE = frozenset("GgSsuECHJVWXBFLPQAx")
MIN_TYPO, MIN_PART, MIN_SLUR_SLIP = 4, 3, 5
MAX_GLUED = 40
STRONG = 0.29
SHORT = frozenset("i a so my to of all you we the in at be is are by us it on no".split())
_STARRED = re.compile(r"[a-z]+[*#_.%-]+[a-z]*")
_STRETCHED = re.compile(r"(.)\1{2,}")
_SPACED = re.compile(r"(?<![\w'])\w(?:[ .\-_*]{1,2}\w){2,}(?![\w'])")


@functools.cache
def ordinary() -> frozenset[str]:
    """Words of everyday English, which are never taken for a slip: the vocabulary of the static encoder."""
    import numpy as np

    from ..encoders.static import FILE

    with np.load(FILE, allow_pickle=False) as arrays:
        return frozenset(arrays["pieces"].tobytes().decode().split("\n"))


@functools.cache
def slips() -> Mapping[str, str]:
    """Slips of the pen of sensitive words, to the words: two letters swapped, or one left out."""
    known, found = lexicon("en").words, {}
    usual = ordinary()
    for word, entry in known.items():
        if entry.tag in SENSITIVE and len(word) >= MIN_TYPO:
            for slip in _slips_of(word, MIN_SLUR_SLIP if entry.tag in "Ssu" else MIN_TYPO - 1):
                if slip not in known and not usual.intersection((slip, slip.removesuffix("s"))):
                    found.setdefault(slip, word)
    return found


def _slips_of(word: str, shortest: int = MIN_TYPO - 1) -> list[str]:
    swapped = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]
    dropped = [word[:i] + word[i + 1 :] for i in range(1, len(word))]
    return [slip for slip in (*swapped, *dropped) if len(slip) >= shortest]


@functools.lru_cache(maxsize=1 << 15)
def revealed(token: str, language: str) -> tuple[str, ...]:
    """The words that a token stands for; the token itself where it hides none.

    Args:
        token: A word in lower case that no lexicon has.
        language: Of the text.
    """
    known = lexicon(language).words
    for form in _plainer(token):
        word = known.get(form)
        if word is not None and word.tag in SENSITIVE:
            return (form,)
    if language != "en":
        return (token,)
    plain = token.translate(LEET)
    if plain in slips():
        return (slips()[plain],)
    if not plain.isalpha() or plain in ordinary() or len(plain) > MAX_GLUED:
        return (token,)
    parts = _parts(plain, known)
    return (token,) if not parts or (parts[0] == "a" and len(parts) == 2) else parts


@functools.cache
def short_slips() -> Mapping[str, str]:
    """Slips of adjectives of groups, to the words; they count before a person alone."""
    known = lexicon("en").words
    return {s: w for w, e in known.items() if e.tag in "gb" for s in _slips_of(w, 2) if s not in known}


def _plainer(token: str) -> list[str]:
    """Spellings that a disguised token may stand for."""
    base = token.translate(LEET)
    if _STRETCHED.search(base) is None:
        return [base, token.translate(_LEET_L)]
    return [base, token.translate(_LEET_L), _STRETCHED.sub(r"\1", base), _STRETCHED.sub(r"\1\1", base)]


@functools.cache
def _telling() -> frozenset[str]:
    """Sensitive words that may be parts of a glued token."""
    return frozenset(w for w, e in lexicon("en").words.items() if e.tag in SENSITIVE and len(w) >= MIN_PART)


def _parts(glued: str, known: Mapping[str, Word]) -> tuple[str, ...]:
    """A glued token as two or three words of which one is sensitive; empty where it is none."""
    telling = _telling()
    for i in range(1, len(glued)):
        head, tail = glued[:i], glued[i:]
        pairs = [(head, tail)]
        if _is_part(head, known):
            pairs += [(head, tail[:j], tail[j:]) for j in range(2, len(tail) - 1)]
        for parts in pairs:
            if not telling.isdisjoint(parts) and _is_sentence(parts, known):
                return parts
    return ()


def _is_part(word: str, known: Mapping[str, Word]) -> bool:
    return word in SHORT or (len(word) >= MIN_PART and word in known)


def _is_sentence(parts: tuple[str, ...], known: Mapping[str, Word]) -> bool:
    """Whether parts, one of them telling, are words of the lexicon, or a strong and an ordinary word."""
    telling = [p for p in parts if p in _telling()]
    if all(_is_part(p, known) for p in parts):
        return len(max(telling, key=len)) >= MIN_TYPO or any(p in SHORT for p in parts) or len(parts) > 2
    word = known[telling[-1]]
    enough = STRONG if telling[-1] == parts[0] else STRONG / 3
    strong = len(parts) == 2 and (word.plain >= enough or word.tag == "H")
    return strong and all(_is_part(p, known) or (len(p) >= MIN_TYPO and p in ordinary()) for p in parts)


@functools.cache
def _by_shape() -> Mapping[tuple[str, int], list[str]]:
    """Sensitive words by first letter and length."""
    shapes: dict[tuple[str, int], list[str]] = {}
    for word, entry in lexicon("en").words.items():
        if entry.tag in SENSITIVE and (entry.plain >= 0.1 or entry.tag in "HV") and len(word) > 2:
            shapes.setdefault((word[0], len(word)), []).append(word)
    return shapes


def unstarred(text: str) -> str:
    """A text with `f*ck` and `f***` written out where a known word fits; a star is any one letter."""
    if not ("*" in text or "#" in text or "%" in text):
        return text
    return _STARRED.sub(lambda match: _filled(match[0]), text)


@functools.lru_cache(maxsize=1 << 12)
def _filled(shown: str) -> str:
    if not any(c in shown for c in "*#%"):
        return shown
    fitting = (w for w in _by_shape().get((shown[0], len(shown)), ()) if _fits(shown, w))
    return next(fitting, shown)


def _fits(shown: str, word: str) -> bool:
    """Whether a word has the letters shown, and letters where there are stars."""
    return all(a == b if "a" <= a <= "z" else "a" <= b <= "z" for a, b in zip(shown, word, strict=True))


def unspaced(text: str) -> str:
    """A text with `h a t e` written together; single letters that form no sensitive word stay apart."""
    return _SPACED.sub(_joined, text)


def _joined(match: re.Match[str]) -> str:
    known = lexicon("en").words
    word = re.sub(r"[\W_]", "", match[0]).translate(LEET)
    if word in known and known[word].tag in SENSITIVE:
        return word
    if word in slips():
        return slips()[word]
    parts = _parts(word, known)
    return " ".join(parts) if parts else match[0]
