"""Answers that point elsewhere or announce what never comes, and text that was serialised twice."""

from __future__ import annotations

import re

from .base import Pair, Signal, excerpt, texts
from .placeholders import HAS_TEXT

_URL = re.compile(r"!?\[[^\]\n]*\]\([^)\n]*\)|<?(?:https?://|www\.)\S+>?", re.IGNORECASE)


_POINTER = re.compile(
    r"\W*(?:please )?(?:click|tap|read|see|look) (?:here|below|above|more|attached|attachment)"
    r"(?: (?:for|to) [\w ]{1,30})?\W*",
    re.IGNORECASE,
)
_ASKS_LINK = re.compile(
    r"\burls?\b|\blinks?\b|hyperlink|\bweb ?(?:site|page|address)|\bsites?\b|\bdomain|\bsources?\b|"
    r"\breferences?\b|\bcit(?:e|ations?)\b|youtube|\bhref|\bdownload|markdown|"
    r"where can i|\bgit(?:hub)?\b|\bregex|网址|链接|リンク|ссылк|wikipedia|\bauthor\b|who (?:said|wrote)|"
    r"\bhttps?:|"
    r"\bonline resource",
    re.IGNORECASE,
)


_SOURCE = re.compile(
    r"\W*(?:source|sources|reference|references|ref|quelle|via|credits?|link|url|see(?: also)?|read more(?: "
    r"at| on)?|more (?:info(?:rmation)?|details?)(?: at| on)?|visit|check(?: out)?|refer to|"
    r"(?:click|look) (?:here|at)|according to|citation|adapted from|taken from|learn more(?: at)?|for more "
    r"(?:info(?:rmation)?|details?),? (?:see|visit|go to)|来源|出典|参见|出处|источник|"
    r"fuente)\s*[:：-]?\s+[^\n]{1,90}",
    re.IGNORECASE,
)


_SOURCE_MARK = re.compile(
    r"\W*(?:source|sources|reference|references|quelle|via|credits?|link|url|citation|来源|出典|出处|"
    r"источник|"
    r"fuente)\s*[:：]",
    re.IGNORECASE,
)


def _link(pair: Pair) -> str | None:
    text = pair.response.strip()
    if _POINTER.fullmatch(text):
        return excerpt(text)
    if len(text) > 300 or not (_mostly_link(text) or _names_source(text)):
        return None
    return None if _ASKS_LINK.search(pair.prompt) or text in pair.prompt else excerpt(text)


def _mostly_link(text: str) -> bool:
    rest = _URL.sub("", text)
    return rest != text and len([w for w in rest.split() if HAS_TEXT.search(w)]) <= 4


def _names_source(text: str) -> bool:
    if not _SOURCE.fullmatch(text) or len(text.split()) > 12:
        return False
    return bool(_SOURCE_MARK.match(text)) or (not text.endswith((".", "!")) and len(text.split()) <= 6)


def _announced(pair: Pair) -> str | None:
    if pair.response[-1] not in ":： \n":
        return None
    text = pair.response.rstrip()
    if (
        not text.endswith((":", "："))
        or len(text) < 12
        or pair.is_code
        or pair.asks_code
        or text.endswith("::")
    ):
        return None
    return None if pair.prompt.rstrip().endswith((":", "：")) else f"ends in {excerpt(text[-50:])}"


def _escapes(pair: Pair) -> str | None:
    if pair.asks_code or pair.is_code or "\\" in pair.prompt or "$" in pair.response:
        return None
    found = re.findall(
        r"\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|(?<![\\a-zA-Z:])\\[nrt](?![a-z]{2})|(?<=[.,;:!?)a-z])\\n|%20|"
        r"\\\"",
        pair.response,
    )
    return f"{len(found)} escapes, such as {found[0]!r}" if len(found) >= 2 else None


SIGNALS = (
    Signal(
        "link_instead_of_answer",
        "The answer is only a link, an image or the name of a source.",
        "own; Stanford Alpaca's list of what a text model cannot do",
        False,
        _link,
        texts(
            "http¦www.¦](¦source¦reference¦ref:¦quelle¦via¦credit¦link¦url¦see ¦read more¦more info¦"
            "more detail¦visit¦check¦refer¦click¦look¦according¦citation¦adapted¦taken¦learn more¦来源¦"
            "出典¦参见¦出处¦источник¦fuente"
        ),
    ),
    Signal(
        "ends_with_colon",
        "The answer ends with a colon: what it announces is missing.",
        "Self-Instruct filter_invalid_instances; Magpie",
        False,
        _announced,
    ),
    Signal(
        "escaped_text",
        "Escape sequences such as \\n or \\u00e9 stand in prose.",
        "own: text that was serialised twice",
        False,
        _escapes,
        ("\\u", "\\x", "\\n", "\\r", "\\t", "%20", '\\"'),
    ),
)
