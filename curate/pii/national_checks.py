"""Check digits and other rules of national numbers: each takes letters and digits alone, in capitals."""

from __future__ import annotations

from .checksums import digits_of, luhn, mod11_10, plausible_day, verhoeff, weighted


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
    """Ten digits, MOD 11; NHS data dictionary."""
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
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21] * 2
        + [2, 4, 18, 20, 11, 3]
        + [6, 8, 12, 14, 16, 10, 22, 25, 24, 23],
        strict=True,
    )
)


def it_fiscal(n: str) -> bool:
    """Source: D.M. 23/12/1976; odd places by a table, even ones by value."""
    total = sum(_ODD[c] for c in n[0:15:2]) + sum(int(c, 36) - (0 if c.isdigit() else 10) for c in n[1:15:2])
    return chr(65 + total % 26) == n[15]


def nl_bsn(n: str) -> bool:
    """The eleven test, with a weight of -1 for the last digit; RvIG."""
    return len(set(n)) > 1 and (weighted(n, range(9, 1, -1)) - int(n[8])) % 11 == 0


def be_national(n: str) -> bool:
    """97 minus the number modulo 97; those born since 2000 count with a 2 before."""
    number, check = n[:9], int(n[9:])
    return check in (97 - int(number) % 97, 97 - int(f"2{number}") % 97)


def br_cpf(n: str) -> bool:
    """Two check digits, MOD 11; Receita Federal."""
    first = weighted(n, range(10, 1, -1)) * 10 % 11 % 10
    second = weighted(n, range(11, 1, -1)) * 10 % 11 % 10
    return len(set(n)) > 1 and n != "12345678909" and f"{first}{second}" == n[9:]


def in_aadhaar(n: str) -> bool:
    """Verhoeff; never begins with 0 or 1; UIDAI."""
    return n[0] not in "01" and verhoeff(n)


def pl_pesel(n: str) -> bool:
    """A month with the century in it, and weights 1, 3, 7, 9."""
    check = -weighted(n, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10
    return int(n[2:4]) % 20 in range(1, 13) and check == int(n[10])


def se_personal(n: str) -> bool:
    """A day and Luhn over the last ten digits; Skatteverket."""
    short = n[-10:]
    return plausible_day(0, int(short[2:4]), int(short[4:6])) and luhn(short)


def dk_cpr(n: str) -> bool:
    """A day; since 2007 the last digits need not fit MOD 11."""
    return plausible_day(0, int(n[2:4]), int(n[:2]))


def fi_hetu(n: str) -> bool:
    """A day, and the number modulo 31 as a letter."""
    number = digits_of(n[:-1])
    return dk_cpr(number) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(number) % 31] == n[-1]


def no_birth(n: str) -> bool:
    """A day and two check digits, MOD 11; Skatteetaten."""
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
    """A day and a digit for century and sex; since 2020 the rest is random."""
    return plausible_day(0, int(n[2:4]), int(n[4:6])) and n[6] in "12345678"


def tw_id(n: str) -> bool:
    """The letter counts as two digits, MOD 10."""
    area = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(n[0]) + 10
    return (area // 10 + area % 10 * 9 + weighted(n[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def sg_nric(n: str) -> bool:
    """Weights 2, 7, 6, 5, 4, 3, 2; the letter depends on the first one."""
    total = weighted(n[1:8], (2, 7, 6, 5, 4, 3, 2)) + (4 if n[0] in "TG" else 0)
    return ("JZIHGFEDCBA" if n[0] in "ST" else "XWUTRQPNMLK")[total % 11] == n[8]


def tr_kimlik(n: str) -> bool:
    """Two check digits from odd and even places."""
    odd, even = sum(map(int, n[0:9:2])), sum(map(int, n[1:8:2]))
    return n[0] != "0" and (odd * 7 - even) % 10 == int(n[9]) and sum(map(int, n[:10])) % 10 == int(n[10])


def za_id(n: str) -> bool:
    """A day, citizenship and Luhn."""
    return plausible_day(0, int(n[2:4]), int(n[4:6])) and n[10] in "01" and luhn(n)


def cl_rut(n: str) -> bool:
    """Weights 2 to 7 from the right, MOD 11, K for ten."""
    total = sum(int(d) * (2 + i % 6) for i, d in enumerate(reversed(n[:-1])))
    return n[:-1] not in ("12345678", "11111111") and "0K987654321"[total % 11] == n[-1]


def mx_curp(n: str) -> bool:
    """A day and weights 18 to 2, MOD 10; RENAPO."""
    letters = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    total = sum(letters.index(c) * (18 - i) for i, c in enumerate(n[:17]))
    return plausible_day(0, int(n[6:8]), int(n[8:10])) and str(-total % 10) == n[17]


def cz_birth(n: str) -> bool:
    """A day, women's months plus 50, divisible by 11; Czechia and Slovakia."""
    return int(n[2:4]) % 50 % 20 in range(1, 13) and 1 <= int(n[4:6]) <= 31 and int(n) % 11 == 0


def ro_cnp(n: str) -> bool:
    """A day and weights 279146358279, MOD 11."""
    check = weighted(n, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (
        n[0] != "0"
        and plausible_day(0, int(n[3:5]), int(n[5:7]))
        and (1 if check == 10 else check) == int(n[12])
    )


def ie_pps(n: str) -> bool:
    """Weights 8 to 2, MOD 23 as a letter; Revenue."""
    total = weighted(n, range(8, 1, -1)) + (9 * (ord(n[8]) - 64) if len(n) == 9 else 0)
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == n[7]


def pt_nif(n: str) -> bool:
    """Weights 9 to 2, MOD 11."""
    check = 11 - weighted(n, range(9, 1, -1)) % 11
    return (0 if check > 9 else check) == int(n[8])


def au_tfn(n: str) -> bool:
    """Weights 1, 4, 3, 7, 5, 8, 6, 9, 10, MOD 11."""
    return len(n) == 9 and weighted(n, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def at_svnr(n: str) -> bool:
    """Weights 3, 7, 9, 5, 8, 4, 2, 1, 6 around the check digit in place four, MOD 11."""
    return weighted(n, (3, 7, 9, 0, 5, 8, 4, 2, 1, 6)) % 11 == int(n[3])


def jp_my_number(n: str) -> bool:
    """Weights 6 to 2 twice, MOD 11."""
    rest = weighted(n, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(n[11])
