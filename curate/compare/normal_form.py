"""The form in which texts are compared; the data itself is never changed."""

from __future__ import annotations

import html
import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_QUOTES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)
_QUOTE = re.compile("[" + "".join(map(chr, _QUOTES)) + "]")
# Letters of other scripts that look like Latin ones. Source: Unicode TR 39 confusables, single letters.
_LOOKS_LATIN = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d"
    "\u03bf\u03b1\u03b9\u03bd\u03c1\u03c5\u03ba\u03c7",
    "aeopcyxijshdqw" + "oaivpukx",
)
_LATIN = re.compile(r"[a-z]")
_OTHER_WORD = re.compile("[a-z]*[\u0370-\u03ff\u0400-\u052f][a-z\u0370-\u03ff\u0400-\u052f]*")
_MIXED = re.compile("[a-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][a-z]")
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,6});", re.IGNORECASE)
_LINE_MARK = re.compile(r"(?m)^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+)")
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_FENCE = re.compile(r"```\w*")
_CONTRACTIONS = (
    ("can't", "can not"),
    ("won't", "will not"),
    ("n't", " not"),
    (" i'm ", " i am "),
    ("'re ", " are "),
    ("'ll ", " will "),
    ("'ve ", " have "),
    *((f"{w}'s ", f"{w} is ") for w in ("it", "that", "what", "who", "where", "how", "there", "here", "he")),
)


def normal_form(text: str) -> str:
    """NFKC, no invisible characters, one kind of quote and dash, no look-alike letters, entities or markdown.

    Case is folded, contractions are written out, and runs of white space are one space.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        if _QUOTE.search(text):
            text = text.translate(_QUOTES)
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    text = without_markdown(text).casefold()
    if not text.isascii() and _MIXED.search(text):
        text = _OTHER_WORD.sub(_latinised, text)
    text = " ".join(text.split()).replace("cannot", "can not")
    if "'" not in text:
        return text
    text = f" {text} "
    for short, long in _CONTRACTIONS:
        text = text.replace(short, long)
    return text.strip()


def without_markdown(text: str) -> str:
    """The text without list marks, headings, quotes, emphasis and code fences."""
    if "#" in text or ">" in text or "- " in text or "* " in text or "+ " in text:
        text = _LINE_MARK.sub("", text)
    if "```" in text:
        text = _FENCE.sub("", text)
    return _EMPHASIS.sub("", text) if "*" in text or "_" in text else text


def _latinised(match: re.Match[str]) -> str:
    """A word that mixes Latin letters with look-alikes, in Latin; words of other scripts stay."""
    word = match.group()
    return word.translate(_LOOKS_LATIN) if _LATIN.search(word) else word


_OPENING = re.compile(
    r"(?:(?:hi|hello|hey|dear \w+|good (?:morning|day|evening))(?: there| everyone)?[,.! ]+)?"
    r"(?:(?:please|kindly|(?:can|could|would|will) you(?: please| kindly| help me(?: to| with)?)?|"
    r"i (?:would|'d) like you to|i want you to|i need you to|help me(?: to| with)?|could you help me)[,: ]+)*"
)
_LABEL = re.compile(
    r"(?:question|q|instruction|input|prompt|user|human|query|task|request|answer|a|response|output|assistant|ai|"
    r"bot|reply|completion|solution|frage|antwort|réponse|pregunta|respuesta)\s?:\s+"
)
_ANSWER_CLOSING = re.compile(
    r"[.!,\s]*(?:(?:i )?hope (?:this|that|it) (?:helps|is helpful|answers your question)[^.!?]{0,30}|"
    r"(?:please )?(?:let me know|feel free to ask) if [^.!?]{0,60}|"
    r"(?:is there|was there) anything else [^.!?]{0,60}|"
    r"happy to help[^.!?]{0,30}|you're welcome|good luck)[.!?\s]*$"
)
_CLOSING = re.compile(
    r"(?:[,.! ]+(?:please|thanks|thank you(?: very much| so much)?|thanks in advance))+[.!? ]*$"
)
_ANSWER_OPENING = re.compile(
    r"(?:(?:sure(?: thing)?|certainly|of course|absolutely|great question|okay|ok|yes, of course|"
    r"(?:here (?:you go|it is|is (?:the|an?|your) [\w ]{2,30}|are (?:the|some|your) [\w ]{2,30})))[,.!: ]+)+"
)


TAIL = 120
_CLOSING_WORDS = ("hope", " if ", "else", "help", "welcome", "good luck", "please", "thank")
_OPENINGS = (_LABEL, _OPENING)
_ANSWER_OPENINGS = (_LABEL, _ANSWER_OPENING)


def without_courtesy(text: str, *, answer: bool) -> str:
    """A normal form without greetings and thanks; an answer without "Sure!" and "I hope this helps"."""
    openings, closing = (_ANSWER_OPENINGS, _ANSWER_CLOSING) if answer else (_OPENINGS, _CLOSING)
    for opening in openings:
        match = opening.match(text)
        if match and match.end() < len(text):
            text = text[match.end() :]
    tail = text[-TAIL:]
    if not any(word in tail for word in _CLOSING_WORDS):
        return text
    match = closing.search(text, max(len(text) - TAIL, 0))
    return text[: match.start()] or text if match else text
