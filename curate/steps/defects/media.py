"""Images, recordings, files and pages that a text model neither sees nor shows."""

from __future__ import annotations

import re

from .base import Pair, Signal, excerpt, texts
from .inputs import stands_alone

_MEDIA = (
    r"(?:image|picture|photo(?:graph)?|screenshot|diagram|"
    r"figure|graph|chart|video|audio|recording|clip|illustration|painting|drawing|map|attachment|pdf|file|spreadsheet|gif|infographic|flowchart)"
)


_ASKS_MEDIA = re.compile(
    rf"\b(?:(?:this|the (?:given|following|attached|above|below|provided|accompanying|shown)|attached|"
    rf"(?:given|following|above|below) ) ?{_MEDIA}\b|(?:in|from|of|at|on) (?:this|the) (?:image|picture|"
    rf"photo|video|audio|screenshot|clip|recording)\b|{_MEDIA}s? (?:below|above|attached|provided|shown)\b)|"
    r"<(?:image|picture|photo|video|audio|picture attached|image attached|file)[^<>]{0,20}>|!\[[^\]]*\]\(",
)


_SHOWS_MEDIA = re.compile(
    rf"\b(?:see|refer to|check|view|look at|find|open|consult|shown in|seen in|illustrated in|here is|"
    rf"here['’]s|please (?:see|find|refer to|open|view)|i(?:['’]ve| have) attached|as (?:shown|seen|"
    rf"depicted) in)[^.\n]{{0,24}}\b(?:attached|attachment|enclosed|accompanying|following|above|below|this|"
    rf"the)\b ?(?:{_MEDIA})?[^.\n]{{0,20}}|"
    rf"\[(?:image|picture|photo|video|audio|graph|chart|diagram|file|attachment|"
    rf"figure)[^\]\n]{{0,40}}\](?!\()|<(?:image|picture|photo|video|audio|img)(?: attached)?>|"
    rf"!\[[^\]]*\]\([^)]*\)|\b(?:image|picture|photo|file|document|video|screenshot|pdf) (?:is "
    rf")?(?:attached|enclosed)\b|"
    rf"\bi(?:['’]ve| have) (?:attached|drawn|uploaded|recorded)\b|\[?image (?:description|credit|source|"
    rf"courtesy)\]?:",
)


_MAKES_MEDIA = re.compile(
    r"^\W*(?:please |can you |could you )*(?:draw|sketch|paint|photograph|record|film|take a (?:photo|"
    r"picture|selfie)|play (?:a|the|some|me)\b[^.\n]{0,20}(?:song|music|video|audio)|"
    r"(?:create|generate|make|design|produce|find|show me|insert|upload|attach|post|send)(?: me)? (?:an?|"
    r"the|some|this)? ?(?:\w+ ){0,2}(?:image|picture|photo|drawing|sketch|painting|video|gif|audio(?: clip| "
    r"file)?|animation|collage|meme|logo|infographic))\b(?! (?:caption|description|title|tag|prompt|"
    r"classif\w+|recogni\w+|filter|process\w*|script|game|editing|player|gallery|carousel|slider|concept|"
    r"idea))",
)


_TEXT_ART = re.compile(
    r"ascii|code|html|css|svg|python|text|describ|caption|write|words|latex|mermaid|turtle|matplotlib|plot|"
    r"function|program|idea|concept|conclusion|script|markdown|unicode|emoji",
    re.IGNORECASE,
)


_READS_URL = re.compile(
    r"\b(?:summari[sz]e|read|analy[sz]e|review|translate|visit|open|extract|based on|from|according to|"
    r"article|page|website|link|watch|describe|what does|find)\b",
    re.IGNORECASE,
)


_URL = re.compile(r"(?:https?://|www\.)\S{4,}", re.IGNORECASE)


def _modality(pair: Pair) -> str | None:
    told = _asked_media(pair) or _shown_media(pair)
    if told:
        return told
    made = _MAKES_MEDIA.match(pair.prompt_lower) if not pair.earlier else None
    return excerpt(pair.prompt) if made and not _TEXT_ART.search(pair.prompt) and not pair.asks_code else None


def _asked_media(pair: Pair) -> str | None:
    if pair.earlier:
        return None
    alone = stands_alone(pair.prompt)
    if not alone and "<" not in pair.prompt and "![" not in pair.prompt:
        return None
    asked = _ASKS_MEDIA.search(pair.prompt_lower)
    return (
        f"the prompt has {excerpt(asked.group())}"
        if asked and (alone or re.search(r"!\[|<", asked.group()))
        else None
    )


def _shown_media(pair: Pair) -> str | None:
    size = len(pair.response)
    if size >= 600 or (size >= 60 and pair.asks_script):
        return None
    if size >= 160 and "[" not in pair.lower and "<" not in pair.lower:  # what is shown there is marked up
        return None
    shown = _SHOWS_MEDIA.search(pair.lower)
    if not shown or not _is_media(shown.group()) or shown.group().lower() in pair.prompt_lower:
        return None
    if size > 60 and (
        (size >= 160 and shown.group()[0] not in "![<")
        or re.search(
            r"e-?mail|letter|message|caption|markdown|html|\bresume\b|report|proposal", pair.prompt, re.I
        )
    ):
        return None
    return f"the answer has {excerpt(shown.group())}"


def _is_media(text: str) -> bool:
    return re.search(rf"attach|enclosed|{_MEDIA}", text, re.I) is not None


def _unread_url(pair: Pair) -> str | None:
    if pair.earlier or not _READS_URL.search(pair.prompt) or (pair.asks_code and pair.is_code):
        return None
    rest = _URL.sub("", pair.prompt)
    found = _URL.search(pair.prompt)
    return found.group()[:80] if found and rest != pair.prompt and len(rest.split()) < 25 else None


SIGNALS = (
    Signal(
        "impossible_modality",
        "An image, a recording or a file is asked for or shown that text cannot carry.",
        "Stanford Alpaca's list of impossible tasks; AlpacaDataCleaned",
        False,
        _modality,
        texts(
            "attach¦enclosed¦image¦picture¦photo¦screenshot¦diagram¦figure¦video¦audio¦![¦[graph¦"
            "[chart¦[file¦i've recorded¦i have drawn¦uploaded¦see the"
        ),
        texts(
            "image¦picture¦photo¦screenshot¦diagram¦figure¦graph ¦graph.¦chart ¦chart.¦video¦audio¦"
            "recording¦clip¦illustration¦![¦draw a¦draw the¦draw me¦sketch¦paint a¦film a¦record a¦"
            "play a¦play the¦play some¦play me¦ gif¦animation¦collage¦meme¦logo¦attach¦ pdf¦ file¦"
            "spreadsheet¦ map¦painting¦drawing"
        ),
    ),
    Signal(
        "unread_url",
        "The prompt asks about a page behind a link, which was not read.",
        "AlpacaDataCleaned, 'internet instructions'",
        False,
        _unread_url,
        prompt_triggers=("http://", "https://", "www."),
    ),
)
