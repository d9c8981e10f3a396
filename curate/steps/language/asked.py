"""Whether a prompt asks for another language: a translation, a language lesson, an answer in a named one."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from ...literals import Literals

TRANSLATE = "translate"
TRANSLATE_STEMS = (
    "translat traduc tradui tradur traduz traduç tradus übersetz uebersetz vertaal vertal"
    " översätt oversett oversæt käännä kääntä tłumacz přelož překlá překla prelož preklá"
    " prekla prevedi prevod prevesti prevajan fordít terjemah çevir tercüme išvers tõlgi tõlki"
    " tulko itzuli þýð përkthe tafsiri isalin перевед перевод перевест переклад превед превод"
    " преведи μετάφρα μεταφρά թարգման 翻译 翻譯 翻訳 訳し 译成 译为 譯成 번역 ترجم תרגם תרגום अनुवाद অনুবাদ"
    " แปลเป็น แปลภาษา மொழிபெயர் అనువ"
).split()
"""To translate, as its stem, in the languages that prompts are written in most."""

SAY = ("how do you say", "how to say", "wie sagt man", "comment dit-on", "cómo se dice", "como se diz")
SAY += ("come si dice", "как сказать", "jak powiedzieć", "hoe zeg je", "dịch sang", "怎么说", "何と言います")
"""The same, asked for a phrase."""

OTHER_NAMES = (
    "anglick německ francouzsk nemeck francúzsk 英文 英语 英語 法文 德文 日文 韩文 中文 汉语 漢語".split()
)
"""Names of languages in adverbs and short forms, which the list of names lacks."""

_PLAIN_WORDS = "\u0590"
"""Scripts from here on put articles before a name without a space, or write no spaces at all."""


@functools.cache
def _names() -> dict[str, list[str]]:
    """Code of a language and what it calls languages. Source: see the head of the file."""
    text = Path(__file__).with_name("names.txt").read_text(encoding="utf-8")
    lines = (line.split(": ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {code: names.split(", ") for code, names in lines}


@functools.cache
def _literals() -> Literals:
    return Literals({TRANSLATE: (*TRANSLATE_STEMS, *SAY), "": OTHER_NAMES, **_names()})


@functools.cache
def _whole(code: str) -> re.Pattern[str]:
    """The names of a language's list where a word begins."""
    names = _names()[code]
    return re.compile("|".join((r"\b" if name[0] < _PLAIN_WORDS else "") + re.escape(name) for name in names))


@functools.lru_cache(maxsize=1)
def _found(text: str) -> tuple[str, frozenset[str]]:
    """A text in lower case, and the lists that it holds a word of; both questions below are asked in turn."""
    lowered = text.lower()
    return lowered, _literals().found(lowered)


def speaks_of_translating(text: str) -> bool:
    """Whether a prompt holds a word for translating."""
    return TRANSLATE in _found(text)[1]


def asks_for_another(text: str, code: str) -> bool:
    """Whether a prompt speaks of translating, or names a language in its own words or in English.

    Args:
        text: The prompt with the system prompt.
        code: The prompt's language.
    """
    lowered, found = _found(text)
    if TRANSLATE in found or "" in found:
        return True
    return any(_whole(own).search(lowered) for own in sorted({code, "en"} & found))
