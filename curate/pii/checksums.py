"""Check digits of cards, accounts and national numbers; digits come as text."""

from __future__ import annotations

from collections.abc import Sequence

_VERHOEFF_D = (
    "0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043 "
    "8765932104 9876543210"
).split()
_VERHOEFF_P = (
    "0123456789 1576283094 5803796142 8916043527 9453126870 4286573901 2793806415 7046913258"
).split()


def digits_of(text: str) -> str:
    """The ASCII digits of a text."""
    return "".join(c for c in text if "0" <= c <= "9")


def luhn(digits: str) -> bool:
    """Source: Luhn 1960; ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def verhoeff(digits: str) -> bool:
    """Source: Verhoeff 1969, in the dihedral group of order 10; India's Aadhaar uses it."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = int(_VERHOEFF_D[check][int(_VERHOEFF_P[place % 8][int(digit)])])
    return check == 0


def mod97(text: str) -> int:
    """A text of digits and letters (A is 10, Z is 35) modulo 97; ISO/IEC 7064."""
    return int("".join(str(int(c, 36)) for c in text)) % 97


def mod11_10(digits: str) -> bool:
    """ISO/IEC 7064, MOD 11,10: the German tax number and the Croatian OIB."""
    product = 10
    for digit in digits[:-1]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[-1])


def weighted(digits: str, weights: Sequence[int]) -> int:
    """The sum of digits times weights; as many digits as weights are read."""
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def plausible_day(year: int, month: int, day: int) -> bool:
    """Whether it can be a day that a living person was born on; years of two digits are taken as they are."""
    return 1 <= month <= 12 and 1 <= day <= 31 and (year < 100 or 1900 <= year <= 2030)
