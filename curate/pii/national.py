"""National numbers of people: what they look like, and the words that stand beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ..literals import Literals
from . import checksums as sums
from . import national_checks as checks
from .spans import Span
from .windows import Window, names_a_thing

_CONTEXT_CHARS = 60


class NationalId(NamedTuple):
    """One country's number.

    Attributes:
        kind: The span's kind.
        pattern: What it looks like.
        valid: Whether the letters and digits, upper-cased and without separators, can be one.
        words: Where given, one of these must stand shortly before it.
    """

    kind: str
    pattern: re.Pattern[str]
    valid: Callable[[str], bool]
    words: re.Pattern[str] | None = None


def _any(_: str) -> bool:
    return True


def _id(kind: str, pattern: str, valid: Callable[[str], bool] = _any, words: str | None = None) -> NationalId:
    shape = re.compile(rf"(?<![A-Za-z0-9_.+/=-])(?:{pattern})(?![A-Za-z0-9_/=]|-\w|\.\d)")
    return NationalId(kind, shape, valid, re.compile(words, re.IGNORECASE) if words else None)


_SSN_WORDS = r"\bssn\b|social security"
_TAX_WORDS = r"tax|steuer|\bidnr|fiscal|\bnif\b|\btfn\b|\bsteuer-?id"
IDS: tuple[NationalId, ...] = (
    _id("us_ssn", r"\d{3}-\d{2}-\d{4}", checks.us_ssn),
    _id("us_ssn", r"\d{3}[ .]?\d{2}[ .]?\d{4}", checks.us_ssn, _SSN_WORDS),
    _id("tax_id", r"9\d{2}-[5-9]\d-\d{4}", _any, r"\bitin\b|taxpayer"),
    _id("tax_id", r"\d{2}-\d{7}", _any, r"\bein\b|employer identification"),
    _id("national_id", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] \d{2} ?\d{2} ?\d{2} ?[A-D]", checks.uk_nino),
    _id(
        "national_id",
        r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]-?\d{2}-?\d{2}-?\d{2}-?[A-D]",
        checks.uk_nino,
        r"national insurance|\bnino\b|\bni (?:number|no)|insurance n",
    ),
    _id("health_id", r"\d{3}[ -]?\d{3}[ -]?\d{4}", checks.uk_nhs, r"\bnhs\b"),
    _id("tax_id", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", checks.de_tax, _TAX_WORDS + r"|identifikationsnummer"),
    _id("national_id", r"\d{2} ?\d{6} ?[A-Z] ?\d{3}", checks.de_pension),
    _id("national_id", r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", checks.fr_nir),
    _id("national_id", r"\d{8}[ -]?[A-Z]|\d{2}\.\d{3}\.\d{3}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]", checks.es_id),
    _id("national_id", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", checks.it_fiscal),
    _id("national_id", r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}", checks.nl_bsn, r"\bbsn\b|burgerservice|sofi"),
    _id("national_id", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", checks.be_national),
    _id("national_id", r"\d{3}\.\d{3}\.\d{3}-\d{2}", checks.br_cpf),
    _id("national_id", r"\d{11}", checks.br_cpf, r"\bcpf\b"),
    _id("national_id", r"\d{4}[ -]?\d{4}[ -]?\d{4}", checks.in_aadhaar, r"aadh?aa?r|\buid(?:ai)?\b|आधार"),
    _id("tax_id", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", _any, r"\bpan\b|permanent account|income tax"),
    _id("national_id", r"\d{3}[ -]\d{3}[ -]\d{3}|\d{9}", sums.luhn, r"\bsin\b|social insurance"),
    _id("tax_id", r"\d{3} ?\d{3} ?\d{2,3}", checks.au_tfn, r"\btfn\b|tax file"),
    _id("health_id", r"[2-6]\d{3} ?\d{5} ?\d", _any, r"medicare"),
    _id("national_id", r"\d{11}", checks.pl_pesel, r"pesel"),
    _id("national_id", r"(?:19|20)?\d{6}[-+]\d{4}", checks.se_personal),
    _id("national_id", r"\d{6}-?\d{4}", checks.dk_cpr, r"\bcpr\b|personnummer"),
    _id("national_id", r"\d{6}[-+A]\d{3}[0-9A-Y]", checks.fi_hetu),
    _id("national_id", r"\d{6} ?\d{5}", checks.no_birth),
    _id("national_id", r"756\.?\d{4}\.?\d{4}\.?\d{2}", checks.ch_ahv),
    _id("national_id", r"\d{4} ?\d{6}", checks.at_svnr, r"\bsv-?n|svnr|sozialversicherung"),
    _id("national_id", r"[1-9]\d{16}[\dX]", checks.cn_id),
    _id("national_id", r"\d{6}-[1-8]\d{6}", checks.kr_rrn),
    _id(
        "national_id", r"\d{4}[ -]?\d{4}[ -]?\d{4}", checks.jp_my_number, r"my ?number|マイナンバー|個人番号"
    ),
    _id("national_id", r"[A-Z][12]\d{8}", checks.tw_id),
    _id("national_id", r"[STFG]\d{7}[A-Z]", checks.sg_nric),
    _id("national_id", r"[A-Z]{1,2}\d{6}\(?[\dA]\)?", _any, r"\bhkid\b|hong kong id"),
    _id("national_id", r"\d{11}", checks.tr_kimlik, r"kimlik|\btckn?\b"),
    _id("national_id", r"\d{13}", checks.za_id),
    _id("national_id", r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", checks.cl_rut),
    _id("national_id", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d", checks.mx_curp),
    _id("national_id", r"\d{2}\.?\d{3}\.?\d{3}", _any, r"\bdni\b|\bcédula|\bcedula"),
    _id("national_id", r"\d{6}/\d{4}", checks.cz_birth),
    _id("national_id", r"[1-8]\d{12}", checks.ro_cnp),
    _id("national_id", r"\d{7}[A-W][A-IW]?", checks.ie_pps, r"\bpps"),
    _id("tax_id", r"\d{3} ?\d{3} ?\d{3}", checks.pt_nif, r"\bnif\b|contribuinte"),
    _id("national_id", r"\d{11}", sums.mod11_10, r"\boib\b"),
    _id("national_id", r"[1-6]\d{10}", _any, r"isikukood|asmens kodas"),
)
"""In order: a number with its own check digits needs no words; a bare one does."""

_PLAIN = tuple(number for number in IDS if number.words is None)
_WORDS = Literals(
    {
        "words": (
            *(
                "ssn",
                "social",
                "itin",
                "taxpayer",
                "ein",
                "employer id",
                "insurance",
                "nino",
                "ni n",
                "nhs",
                "tax",
                "steuer",
                "idnr",
            ),
            *(
                "fiscal",
                "nif",
                "tfn",
                "identifikationsnummer",
                "bsn",
                "burgerservice",
                "sofi",
                "cpf",
                "aadh",
                "uid",
                "आधार",
                "pan",
            ),
            *(
                "permanent acc",
                "sin ",
                "sin:",
                "medicare",
                "pesel",
                "cpr",
                "personnummer",
                "sv-",
                "svnr",
                "sozialvers",
                "my number",
            ),
            *(
                "mynumber",
                "マイナンバー",
                "個人番号",
                "hkid",
                "hong kong id",
                "kimlik",
                "tck",
                "dni",
                "cédula",
                "cedula",
                "pps",
            ),
            *("contribuinte", "oib", "isikukood", "asmens kodas"),
        )
    }
)
"""What stands in every text that has the words of a number."""


def national_ids(text: str, windows: Sequence[Window]) -> Iterator[Span]:
    """National numbers, with valid check digits where the country has them."""
    ids = IDS if _WORDS.found(text.lower()) else _PLAIN
    for low, high in windows:
        for number in ids:
            for found in number.pattern.finditer(text, low, high):
                if not _spoken_for(text, found.start(), number.words):
                    continue
                if number.valid("".join(c for c in found[0] if c.isalnum()).upper()):
                    yield Span(*found.span(), number.kind)


def _spoken_for(text: str, start: int, words: re.Pattern[str] | None) -> bool:
    if words is None:
        return not names_a_thing(text, start)
    return words.search(text, max(0, start - _CONTEXT_CHARS), start) is not None
