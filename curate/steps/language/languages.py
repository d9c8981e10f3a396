"""The languages that are told apart: their codes, how widely they are written, and their scripts."""

from __future__ import annotations

import functools

import numpy as np

from ...langid import load_model

UNKNOWN = "und"

FOLDED = {
    "nb": "no",
    "nn": "no",
    "arz": "ar",
    "ary": "ar",
    "wuu": "zh",
    "yue": "zh",
    "zh-cn": "zh",
    "zh-tw": "zh",
    "hbo": "he",
    "grc": "el",
    "uzs": "uz",
    "sdh": "ku",
    "gug": "gn",
    "kik": "ki",
    "zxx": UNKNOWN,
}
"""Codes of detectors and the code that the step gives: Bokmål and Nynorsk are `no`, Egyptian and Moroccan
Arabic `ar`, Wu and Cantonese `zh`, both Norwegian and Chinese standards one code each. Bosnian, Croatian and
Serbian stay apart, as do Indonesian and Malay. A language without an ISO 639-1 code keeps its 639-3 code."""

WIDELY_WRITTEN = frozenset(
    "af ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id is it ja ko lt lv mr nl no pl pt ro ru sk sl"
    " sr sv sw ta te th tr uk ur vi zh".split()
)
"""Languages of which the open web holds much text."""

SELDOM_WRITTEN = frozenset("an eo la oc sa vo wa se fo".split())
"""Dead, made and small languages that have an ISO 639-1 code."""

WRITTEN = 5.0
SELDOM = 9.0
"""Nats by which a language is less likely than a widely written one before anything is read: e^-5 is a
hundredth, e^-9 a ten-thousandth. Source: orders of magnitude of the languages' shares in Common Crawl."""

SCRIPTS: dict[str, frozenset[str]] = {
    "cyrillic": frozenset("ba be bg kk ky mk mn ru sr tg tt uk".split()),
    "arabic": frozenset("ar fa ku ps ug ur".split()),
    "devanagari": frozenset("gom hi mr ne sa".split()),
    "bengali": frozenset("as bn".split()),
}
"""Scripts of several languages, and scripts whose language the model knows, with these languages."""

ALSO_LATIN = frozenset("ku sr tk tt".split())
"""Languages above that are written in Latin letters as well."""

ONLY: dict[str, str] = {
    "hangul": "ko",
    "thai": "th",
    "lao": "lo",
    "khmer": "km",
    "myanmar": "my",
    "georgian": "ka",
    "armenian": "hy",
    "hebrew": "he",
    "greek": "el",
    "ethiopic": "am",
    "gurmukhi": "pa",
    "gujarati": "gu",
    "oriya": "or",
    "tamil": "ta",
    "telugu": "te",
    "kannada": "kn",
    "malayalam": "ml",
    "sinhala": "si",
    "tibetan": "bo",
    "thaana": "dv",
    "yi": "ii",
    "syllabics": "iu",
    "cherokee": "chr",
    "vai": "vai",
    "nko": "nqo",
    "ol_chiki": "sat",
    "mongolian": "mn",
}
"""Scripts that (nearly) one language uses, which decide by themselves."""

KNOWN_SCRIPTS = frozenset({"latin", "cjk", *SCRIPTS, *ONLY})
"""Scripts whose languages are known."""


def scripts_of(code: str) -> frozenset[str]:
    """The scripts that a language is told apart in."""
    own = {script for script, codes in SCRIPTS.items() if code in codes}
    own |= {script for script, only in ONLY.items() if only == code}
    if code in ("ja", "zh"):
        own.add("cjk")
    return frozenset(own | {"latin"} if not own or code in ALSO_LATIN else own)


class Tongues:
    """The languages as columns of a score matrix.

    Args:
        codes: Codes that the step gives, one a column.

    Members: `column` (code to column), `prior` (nats, shape (n_codes,)), `mask` (script to columns that it
    forbids, boolean, shape (n_codes,)).
    """

    def __init__(self, codes: list[str]) -> None:
        self.codes = codes
        self.column = {code: i for i, code in enumerate(codes)}
        self.prior = np.array([-_rarity(code) for code in codes], np.float32)
        foreign = frozenset().union(*SCRIPTS.values(), ONLY.values(), ("ja", "zh")) - ALSO_LATIN
        self.mask = {"latin": np.array([code in foreign for code in codes])}
        for script, languages in SCRIPTS.items():
            self.mask[script] = np.array([code not in languages and code != UNKNOWN for code in codes])


def _rarity(code: str) -> float:
    if code in WIDELY_WRITTEN:
        return 0.0
    return SELDOM if len(code) > 2 or code in SELDOM_WRITTEN else WRITTEN


@functools.cache
def tongues() -> Tongues:
    """The languages of py3langid's model, folded, those that a script tells, and `und` for another one."""
    folded = (FOLDED.get(code, code) for code in (*load_model().languages, *ONLY.values()))
    return Tongues(list(dict.fromkeys([*folded, UNKNOWN])))


@functools.cache
def folding() -> list[tuple[int, int]]:
    """Columns of the model's scores and the columns of `tongues()` that they belong to."""
    known = tongues().column
    pairs = ((i, FOLDED.get(code, code)) for i, code in enumerate(load_model().languages))
    return [(i, known[code]) for i, code in pairs if code != UNKNOWN]
