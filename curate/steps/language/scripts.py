"""The script of a text, and the language where the script tells it."""

from __future__ import annotations

import re

import numpy as np

from .languages import ONLY

_BLOCKS: tuple[tuple[int, str], ...] = (
    (0x0000, "latin"),
    (0x0370, "greek"),
    (0x0400, "cyrillic"),
    (0x0530, "armenian"),
    (0x0590, "hebrew"),
    (0x0600, "arabic"),
    (0x0700, "other"),
    (0x0750, "arabic"),
    (0x0780, "thaana"),
    (0x07C0, "nko"),
    (0x0800, "other"),
    (0x08A0, "arabic"),
    (0x0900, "devanagari"),
    (0x0980, "bengali"),
    (0x0A00, "gurmukhi"),
    (0x0A80, "gujarati"),
    (0x0B00, "oriya"),
    (0x0B80, "tamil"),
    (0x0C00, "telugu"),
    (0x0C80, "kannada"),
    (0x0D00, "malayalam"),
    (0x0D80, "sinhala"),
    (0x0E00, "thai"),
    (0x0E80, "lao"),
    (0x0F00, "tibetan"),
    (0x1000, "myanmar"),
    (0x10A0, "georgian"),
    (0x1100, "hangul"),
    (0x1200, "ethiopic"),
    (0x13A0, "cherokee"),
    (0x1400, "syllabics"),
    (0x1680, "other"),
    (0x1780, "khmer"),
    (0x1800, "mongolian"),
    (0x18B0, "syllabics"),
    (0x1900, "other"),
    (0x1C50, "ol_chiki"),
    (0x1C80, "other"),
    (0x1D00, "latin"),
    (0x1F00, "greek"),
    (0x2000, "none"),
    (0x2D00, "georgian"),
    (0x2D30, "other"),
    (0x2D80, "ethiopic"),
    (0x2DE0, "none"),
    (0x3040, "kana"),
    (0x3100, "none"),
    (0x3130, "hangul"),
    (0x3190, "none"),
    (0x31F0, "kana"),
    (0x3200, "none"),
    (0x3400, "han"),
    (0xA000, "yi"),
    (0xA4D0, "other"),
    (0xA500, "vai"),
    (0xA640, "other"),
    (0xA8E0, "devanagari"),
    (0xA900, "other"),
    (0xA960, "hangul"),
    (0xA980, "other"),
    (0xAC00, "hangul"),
    (0xD800, "none"),
    (0xF900, "han"),
    (0xFB00, "latin"),
    (0xFB1D, "hebrew"),
    (0xFB50, "arabic"),
    (0xFE00, "none"),
    (0xFE70, "arabic"),
    (0xFF00, "none"),
    (0xFF21, "latin"),
    (0xFF5B, "none"),
    (0xFF66, "kana"),
    (0xFFA0, "hangul"),
    (0xFFE0, "none"),
    (0x20000, "han"),
    (0x32000, "none"),
)
"""First code point of each run of blocks, and its script. Source: Unicode 16, Blocks.txt."""

_NAMES = tuple(dict.fromkeys(name for _, name in _BLOCKS))
_LAST = _BLOCKS[-1][0]
_SCRIPT_OF = np.repeat(
    [_NAMES.index(name) for _, name in _BLOCKS],
    np.diff([start for start, _ in _BLOCKS], append=_LAST + 1),
)
"""Position of each code point's script in `_NAMES`; all from the last on have one."""

_LATIN = _NAMES.index("latin")
_NONE = _NAMES.index("none")
_SYLLABIC = {"han": 3, "kana": 2, "hangul": 3, "yi": 3}
_WEIGHT = np.array([_SYLLABIC.get(name, 1) for name in _NAMES])
"""Letters of an alphabet that one character stands for, about."""

_ASCII = re.compile("[\\x00-\\x7f]+")
_NO_LETTERS = bytes(i for i in range(128) if not chr(i).isalpha())

MIN_SHARE = 0.3
MIN_CJK_SHARE = 0.2
MIN_KANA_SHARE = 0.08
JAPANESE_ONLY = frozenset(
    "亜悪圧囲壱栄駅円塩縁応桜価仮拡覚楽勧観関帰気戯拠挙暁恵渓経継蛍軽鶏芸撃検権験厳広鉱済斎剤雑桟歯児実釈従渋獣"
    "粛処焼剰壌嬢浄畳穣譲醸図酔髄瀬摂専戦繊銭捜挿巣荘騒増蔵臓続沢択単団弾遅鋳庁徴聴逓鉄転伝徳読弐悩脳廃拝売発髪"
    "抜浜払変辺穂豊黙訳薬揺様謡両猟緑塁涙齢歴労"
)
"""Characters of the Japanese reform of 1946 that neither Chinese standard has."""


_OTHER = re.compile(
    "[\u0370-\u1cff\u1f00-\u1fff\u2c80-\u2dff\u3040-\ua6ff\ua800-\ufaff\ufb13-\ufeff\uff66-\uffdc\U00020000-\U0003ffff]"
)


def is_latin(text: str) -> bool:
    """Whether a text has no letter of another script than Latin."""
    return text.isascii() or _OTHER.search(text) is None


def script_counts(text: str) -> dict[str, int]:
    """Letters of each script, as letters of an alphabet: a Han character counts three."""
    ascii_ = len(text.encode("ascii", "ignore").translate(None, _NO_LETTERS))
    letters = "" if text.isascii() else "".join(filter(str.isalpha, _ASCII.sub("", text)))
    if is_latin(letters):
        n = ascii_ + len(letters)
        return {"latin": n} if n else {}
    codes = np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), np.uint32)
    found = np.bincount(_SCRIPT_OF[np.minimum(codes, _LAST)], minlength=len(_NAMES))
    found[_LATIN] += ascii_
    found[_NONE] = 0
    found *= _WEIGHT
    return {_NAMES[i]: int(found[i]) for i in found.nonzero()[0].tolist()}


def main_script(counts: dict[str, int]) -> str:
    """The script that a text is written in: Latin only where no other has three letters in ten (CJK two).

    Names, terms and code are often Latin in texts of other scripts, and seldom the other way round. Kana and
    Han count as one.
    """
    if len(counts) == 1 and "latin" in counts:
        return "latin"
    merged = {name: n for name, n in counts.items() if name not in ("kana", "han", "latin")}
    cjk = counts.get("kana", 0) + counts.get("han", 0)
    if cjk:
        merged["cjk"] = cjk
    if not merged:
        return "latin"
    best = max(merged, key=lambda name: (merged[name], name))
    least = MIN_CJK_SHARE if best == "cjk" else MIN_SHARE
    return best if merged[best] >= least * sum(counts.values()) else "latin"


def script_of(text: str) -> str:
    """The script that a text is written in; "latin" where it has no letters."""
    return main_script(script_counts(text))


def only_language(script: str, counts: dict[str, int], text: str) -> str | None:
    """The language that a script tells by itself; None where words must decide."""
    if script != "cjk":
        return ONLY.get(script)
    kana, han = counts.get("kana", 0), counts.get("han", 0)
    if kana >= MIN_KANA_SHARE * (kana + han):
        return "ja"
    return "zh" if JAPANESE_ONLY.isdisjoint(text) else "ja"
