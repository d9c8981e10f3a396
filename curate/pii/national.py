"""National numbers of people: what they look like, their check digits, and the words that stand beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ..literals import Literals
from .checksums import digits_of, luhn, mod11_10, plausible_day, verhoeff, weighted
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


def us_ssn(n: str) -> bool:
    """Source: SSA, randomisation since 2011: never 000, 666 or 9xx, group 00 or serial 0000."""
    published = n in {"123456789", "078051120", "219099999", "111223333", "987654321", "012345678"}
    same = len(set(n)) == 1
    return not (
        published or same or n[:3] in ("000", "666") or n[0] == "9" or n[3:5] == "00" or n[5:] == "0000"
    )


def uk_nino(n: str) -> bool:
    """Source: HMRC NIM39110."""
    return n[:2] not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}


def uk_nhs(n: str) -> bool:
    check = 11 - weighted(n, range(10, 1, -1)) % 11
    return check != 10 and check % 11 == int(n[9])


def de_tax(n: str) -> bool:
    """One digit of the first ten comes twice or three times; ISO 7064 MOD 11,10."""
    return n[0] != "0" and len(set(n[:10])) in (8, 9) and mod11_10(n)


def de_pension(n: str) -> bool:
    """12 characters; the letter counts as two digits, digit sums of the products with these weights."""
    digits = n[:8] + f"{ord(n[8]) - 64:02d}" + n[9:]
    products = (int(d) * w for d, w in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=False))
    return sum(p // 10 + p % 10 for p in products) % 10 == int(n[-1])


def fr_nir(n: str) -> bool:
    """Source: INSEE; Corsica's 2A and 2B count as 19 and 18."""
    number = n[:13].replace("2A", "19").replace("2B", "18")
    month = int(number[3:5])
    return (1 <= month <= 12 or 20 <= month <= 42) and 97 - int(number) % 97 == int(n[13:])


def es_id(n: str) -> bool:
    """DNI and NIE: the number modulo 23 gives the letter."""
    number = {"X": "0", "Y": "1", "Z": "2"}.get(n[0], n[0]) + n[1:-1]
    return number != "12345678" and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == n[-1]


_ODD = dict(
    zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [1, 0, 5, 7, 9, 13, 15, 17, 19, 21] * 2 + [2, 4, 18, 20, 11, 3]
        + [6, 8, 12, 14, 16, 10, 22, 25, 24, 23], strict=True)
)  # fmt: skip


def it_fiscal(n: str) -> bool:
    """Source: D.M. 23/12/1976; odd places by a table, even ones by value."""
    total = sum(_ODD[c] for c in n[0:15:2]) + sum(int(c, 36) - (0 if c.isdigit() else 10) for c in n[1:15:2])
    return chr(65 + total % 26) == n[15]


def nl_bsn(n: str) -> bool:
    return len(set(n)) > 1 and (weighted(n, range(9, 1, -1)) - int(n[8])) % 11 == 0


def be_national(n: str) -> bool:
    number, check = n[:9], int(n[9:])
    return check in (97 - int(number) % 97, 97 - int(f"2{number}") % 97)


def br_cpf(n: str) -> bool:
    first = weighted(n, range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(n, range(11, 1, -1)) * 10 % 11 % 10
    return len(set(n)) > 1 and n != "12345678909" and f"{first}{second}" == n[9:]


def in_aadhaar(n: str) -> bool:
    return n[0] not in "01" and verhoeff(n)


def pl_pesel(n: str) -> bool:
    check = -weighted(n, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10
    return int(n[2:4]) % 20 in range(1, 13) and check == int(n[10])


def se_personal(n: str) -> bool:
    short = n[-10:]
    return plausible_day(0, int(short[2:4]), int(short[4:6])) and luhn(short)


def dk_cpr(n: str) -> bool:
    return plausible_day(0, int(n[2:4]), int(n[:2]))


def fi_hetu(n: str) -> bool:
    number = digits_of(n[:-1])
    return dk_cpr(number) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(number) % 31] == n[-1]


def no_birth(n: str) -> bool:
    first = weighted(n, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1))
    second = weighted(n, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
    return dk_cpr(n) and first % 11 == 0 and second % 11 == 0


def ch_ahv(n: str) -> bool:
    """An EAN-13 that begins with Switzerland's 756."""
    return -weighted(n, (1, 3) * 6) % 10 == int(n[12])


def cn_id(n: str) -> bool:
    """Source: GB 11643-1999, ISO 7064 MOD 11-2."""
    weights = [2**i % 11 for i in range(17, 0, -1)]
    day = plausible_day(int(n[6:10]), int(n[10:12]), int(n[12:14]))
    return day and "10X98765432"[weighted(n, weights) % 11] == n[17]


def kr_rrn(n: str) -> bool:
    return plausible_day(0, int(n[2:4]), int(n[4:6])) and n[6] in "12345678"


def tw_id(n: str) -> bool:
    area = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(n[0]) + 10
    return (area // 10 + area % 10 * 9 + weighted(n[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def sg_nric(n: str) -> bool:
    total = weighted(n[1:8], (2, 7, 6, 5, 4, 3, 2)) + (4 if n[0] in "TG" else 0)
    return ("JZIHGFEDCBA" if n[0] in "ST" else "XWUTRQPNMLK")[total % 11] == n[8]


def tr_kimlik(n: str) -> bool:
    odd, even = sum(map(int, n[0:9:2])), sum(map(int, n[1:8:2]))
    return n[0] != "0" and (odd * 7 - even) % 10 == int(n[9]) and sum(map(int, n[:10])) % 10 == int(n[10])


def za_id(n: str) -> bool:
    return plausible_day(0, int(n[2:4]), int(n[4:6])) and n[10] in "01" and luhn(n)


def cl_rut(n: str) -> bool:
    total = sum(int(d) * (2 + i % 6) for i, d in enumerate(reversed(n[:-1])))
    return n[:-1] not in ("12345678", "11111111") and "0K987654321"[total % 11] == n[-1]


def mx_curp(n: str) -> bool:
    letters = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    total = sum(letters.index(c) * (18 - i) for i, c in enumerate(n[:17]))
    return plausible_day(0, int(n[6:8]), int(n[8:10])) and str(-total % 10) == n[17]


def cz_birth(n: str) -> bool:
    return int(n[2:4]) % 50 % 20 in range(1, 13) and 1 <= int(n[4:6]) <= 31 and int(n) % 11 == 0


def ro_cnp(n: str) -> bool:
    check = weighted(n, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (
        n[0] != "0"
        and plausible_day(0, int(n[3:5]), int(n[5:7]))
        and (1 if check == 10 else check) == int(n[12])
    )


def ie_pps(n: str) -> bool:
    total = weighted(n, range(8, 1, -1)) + (9 * (ord(n[8]) - 64) if len(n) == 9 else 0)
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == n[7]


def pt_nif(n: str) -> bool:
    check = 11 - weighted(n, range(9, 1, -1)) % 11
    return (0 if check > 9 else check) == int(n[8])


def au_tfn(n: str) -> bool:
    return len(n) == 9 and weighted(n, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def at_svnr(n: str) -> bool:
    return weighted(n, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == int(n[3])


def jp_my_number(n: str) -> bool:
    rest = weighted(n, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(n[11])


def _id(kind: str, pattern: str, valid: Callable[[str], bool] = _any, words: str | None = None) -> NationalId:
    shape = re.compile(rf"(?<![A-Za-z0-9_.+/=-])(?:{pattern})(?![A-Za-z0-9_/=]|-\w|\.\d)")
    return NationalId(kind, shape, valid, re.compile(words, re.IGNORECASE) if words else None)


_SSN_WORDS = r"\bssn\b|social security"
_TAX_WORDS = r"tax|steuer|\bidnr|fiscal|\bnif\b|\btfn\b|\bsteuer-?id"
IDS: tuple[NationalId, ...] = (
    _id("us_ssn", r"\d{3}-\d{2}-\d{4}", us_ssn),
    _id("us_ssn", r"\d{3}[ .]?\d{2}[ .]?\d{4}", us_ssn, _SSN_WORDS),
    _id("tax_id", r"9\d{2}-[5-9]\d-\d{4}", _any, r"\bitin\b|taxpayer"),
    _id("tax_id", r"\d{2}-\d{7}", _any, r"\bein\b|employer identification"),
    _id("national_id", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] \d{2} ?\d{2} ?\d{2} ?[A-D]", uk_nino),
    _id("national_id", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]-?\d{2}-?\d{2}-?\d{2}-?[A-D]", uk_nino,
        r"national insurance|\bnino\b|\bni (?:number|no)|insurance n"),
    _id("health_id", r"\d{3}[ -]?\d{3}[ -]?\d{4}", uk_nhs, r"\bnhs\b"),
    _id("tax_id", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", de_tax, _TAX_WORDS + r"|identifikationsnummer"),
    _id("national_id", r"\d{2} ?\d{6} ?[A-Z] ?\d{3}", de_pension),
    _id("national_id", r"[12] ?\d{2} ?\d{2} ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}", fr_nir),
    _id("national_id", r"\d{8}[ -]?[A-Z]|\d{2}\.\d{3}\.\d{3}-?[A-Z]|[XYZ]-?\d{7}-?[A-Z]", es_id),
    _id("national_id", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", it_fiscal),
    _id("national_id", r"\d{9}|\d{4}[. ]\d{2}[. ]\d{3}", nl_bsn, r"\bbsn\b|burgerservice|sofi"),
    _id("national_id", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", be_national),
    _id("national_id", r"\d{3}\.\d{3}\.\d{3}-\d{2}", br_cpf),
    _id("national_id", r"\d{11}", br_cpf, r"\bcpf\b"),
    _id("national_id", r"\d{4}[ -]?\d{4}[ -]?\d{4}", in_aadhaar, r"aadh?aa?r|\buid(?:ai)?\b|आधार"),
    _id("tax_id", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", _any, r"\bpan\b|permanent account|income tax"),
    _id("national_id", r"\d{3}[ -]\d{3}[ -]\d{3}|\d{9}", luhn, r"\bsin\b|social insurance"),
    _id("tax_id", r"\d{3} ?\d{3} ?\d{2,3}", au_tfn, r"\btfn\b|tax file"),
    _id("health_id", r"[2-6]\d{3} ?\d{5} ?\d", _any, r"medicare"),
    _id("national_id", r"\d{11}", pl_pesel, r"pesel"),
    _id("national_id", r"(?:19|20)?\d{6}[-+]\d{4}", se_personal),
    _id("national_id", r"\d{6}-?\d{4}", dk_cpr, r"\bcpr\b|personnummer"),
    _id("national_id", r"\d{6}[-+A]\d{3}[0-9A-Y]", fi_hetu),
    _id("national_id", r"\d{6} ?\d{5}", no_birth),
    _id("national_id", r"756\.?\d{4}\.?\d{4}\.?\d{2}", ch_ahv),
    _id("national_id", r"\d{4} ?\d{6}", at_svnr, r"\bsv-?n|svnr|sozialversicherung"),
    _id("national_id", r"[1-9]\d{16}[\dX]", cn_id),
    _id("national_id", r"\d{6}-[1-8]\d{6}", kr_rrn),
    _id("national_id", r"\d{4}[ -]?\d{4}[ -]?\d{4}", jp_my_number, r"my ?number|マイナンバー|個人番号"),
    _id("national_id", r"[A-Z][12]\d{8}", tw_id),
    _id("national_id", r"[STFG]\d{7}[A-Z]", sg_nric),
    _id("national_id", r"[A-Z]{1,2}\d{6}\(?[\dA]\)?", _any, r"\bhkid\b|hong kong id"),
    _id("national_id", r"\d{11}", tr_kimlik, r"kimlik|\btckn?\b"),
    _id("national_id", r"\d{13}", za_id),
    _id("national_id", r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", cl_rut),
    _id("national_id", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d", mx_curp),
    _id("national_id", r"\d{2}\.?\d{3}\.?\d{3}", _any, r"\bdni\b|\bcédula|\bcedula"),
    _id("national_id", r"\d{6}/\d{4}", cz_birth),
    _id("national_id", r"[1-8]\d{12}", ro_cnp),
    _id("national_id", r"\d{7}[A-W][A-IW]?", ie_pps, r"\bpps"),
    _id("tax_id", r"\d{3} ?\d{3} ?\d{3}", pt_nif, r"\bnif\b|contribuinte"),
    _id("national_id", r"\d{11}", mod11_10, r"\boib\b"),
    _id("national_id", r"[1-6]\d{10}", _any, r"isikukood|asmens kodas"),
)  # fmt: skip
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
