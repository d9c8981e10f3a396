"""Answers that stand for an answer: nulls, placeholders, links, announcements."""

from __future__ import annotations

import re

from .base import Pair, Signal, excerpt, texts

_NULLS = frozenset(
    "none null nan n/a na undefined nil nat inf -inf <na> <noinput> <nooutput> <none> <null> <nan> <empty> "
    "<blank> noinput nooutput np.nan "
    "pd.na #n/a #value! #ref! #name? #null! #error! [] {} () '' \"\"".split()
) | {
    "[object object]",
    "<no input>",
    "<no output>",
    "no output",
    "no input",
    "no response",
    "no answer",
    "<no response>",
    "(null)",
    "(none)",
    "(empty)",
    "[none]",
    "[null]",
    "not available",
    "empty",
}
_TOLD_VALUE = frozenset(
    texts(
        "none¦n/a¦na¦nil¦undefined¦null¦[]¦{}¦()¦no answer¦not available¦nan¦empty¦<empty>¦no output¦"
        "''¦\"\"¦inf¦-inf"
    )
)
_ASKS_VALUE = re.compile(
    r"\b(?:which|identify|find|extract|list|classify|output|return|result|how many|detect|label|print|value|"
    r"select|match|if (?:any|there|no|none)|"
    r"answer|evaluate|compute|name|category|type|predict|is there|are there|what (?:is|are|does|will|would)|"
    r"code|function|script|query)\b",
    re.IGNORECASE,
)
_FIRM_NULLS = frozenset(("nan", "null", "n/a", "na", "undefined", "<noinput>", "nil"))
_TEMPLATE = re.compile(
    r"\{\{\s*[A-Za-z_][\w. ]*\}\}|"
    r"\[(?:your|insert|enter|company|recipient|name|client|customer|sender|date|add|fill|provide|put|type|"
    r"product|employer|manager|address|phone|email|title|position|city|answer|response|output|text|todo|tbd|"
    r"placeholder|xx+|x\.x+)"
    r"(?:['’]s)?(?:[ _][^\]\n]{1,50})?\](?!\()|<(?:your|insert|enter|name of|fill)[ _][^<>\n]{1,50}>|"
    r"\blorem ipsum\b|\{(?:your|insert|company|recipient|user|customer|first|last|full)[ _]?\w{0,20}\}|"
    r"\b(?:INSERT|ENTER|YOUR) [A-Z]{3,}(?: [A-Z]+)* HERE\b|\[\.{3}\]|__{4,}|\$\{\w+\}|[{<](?:answer|"
    r"response|output|text|content|result|solution|completion|reply|placeholder|input|insert|value)[}>]",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"(?:todo|tbd|tba|fixme|xxx+|placeholder|lorem ipsum.{0,300}|(?:the |your |my |an? )?(?:answer|response|"
    r"output|text|content|result|solution|completion|reply)(?: goes| will (?:go|be|appear)| is| to be)? "
    r"(?:here|added|filled in|provided|placed here|inserted)|"
    r"(?:insert|enter|add|type|write|put|fill in|provide|place) (?:the |your |an? )?(?:answer|response|"
    r"output|text|content|result|solution|completion|reply)(?: text)?(?: here)?|"
    r"(?:coming soon|to be (?:determined|added|filled|announced|completed|continued|done|written)|under "
    r"construction|work in progress|not implemented|"
    r"sample (?:text|answer|output|response)|test(?:ing)?(?: ?(?:123|test))?|foo ?bar|foo|asdf|dummy(?: "
    r"text)?|blah(?: blah)*|same as above|see above|as above|ditto|etc|no (?:answer|response|output|content|"
    r"text)(?: (?:available|provided|given|generated|found))?|"
    r"your answer|expected (?:answer|output)))",
    re.IGNORECASE,
)
_LABEL_ONLY = re.compile(
    r"[\W_]*(?:the |your |final |my )?(?:output|answer|response|completion|assistant|ai|bot|solution|result|"
    r"reply|text|summary|translation|explanation)\s*(?:\d+\s*)?[:：][\W_]*",
    re.IGNORECASE,
)
_WRAP = " \t\n[]{}<>()*_`\"'“”.:…-=#!?|~"
_ASKS_SYMBOL = re.compile(
    r"punctuat|symbol|emoji|emoticon|operator|character|sign\b|glyph|morse|ascii|draw|pattern|regex|regular "
    r"expression|bracket|notation|mark\b|marks\b|print|output|code|braille|dash|ellipsis|符号|标点|记号|знак|"
    r"bewert",
    re.IGNORECASE,
)
HAS_TEXT = re.compile(r"[^\W_]")


def _null(pair: Pair) -> str | None:
    if len(pair.response) > 40:
        return None
    answer = pair.lower.strip()
    bare = answer if answer in _NULLS else answer.rstrip(".")
    if bare not in _NULLS or (bare in pair.prompt_lower and not bare.startswith("<no")):
        return None
    if bare in _TOLD_VALUE and _may_be_value(bare, pair):
        return None
    return f"the whole answer is {pair.response.strip()!r}"


def _may_be_value(bare: str, pair: Pair) -> bool:
    """Whether a null may be the right answer: asked for a value of given data, or of code."""
    if bare in _FIRM_NULLS and not re.search(
        r"\b(?:print|output|evaluate|result|returns?)\b", pair.prompt_lower
    ):
        return False
    return _ASKS_VALUE.search(pair.prompt) is not None and (
        len(pair.prompt) > 160
        or "\n" in pair.prompt.strip()
        or ":" in pair.prompt
        or pair.asks_code
        or " any " in pair.prompt_lower
        or re.search(r"\b(?:which of|how many|is there|are there)\b", pair.prompt_lower) is not None
    )


def _placeholder(pair: Pair) -> str | None:
    text = pair.response.strip()
    if len(text) > 320:
        return None
    bare = text.strip(_WRAP)
    if not HAS_TEXT.search(text):
        told = (
            bool(_ASKS_SYMBOL.search(pair.prompt))
            or any(ord(c) > 0x2100 for c in text)
            or pair.earlier
            or text in pair.prompt
        )
        return None if told else f"the whole answer is {text[:40]!r}"
    if (
        (len(bare) <= 70 or bare[:5].lower() == "lorem")
        and _WHOLE.fullmatch(bare)
        and bare.lower() not in pair.prompt_lower
    ):
        return excerpt(text)
    if len(text) < 40 and _LABEL_ONLY.fullmatch(text):
        return excerpt(text)
    whole = _TEMPLATE.fullmatch(text) if text[0] in "[<{_$Il" else None
    return excerpt(text) if whole and text not in pair.prompt and not pair.asks_code else None


def _template(pair: Pair) -> str | None:
    found = _TEMPLATE.search(pair.response)
    if (
        not found
        or found.group() in pair.prompt
        or "template" in pair.prompt_lower
        or "blank" in pair.prompt_lower
    ):
        return None
    if found.group()[0] in "_%${" and (pair.is_code or pair.asks_code or "fill" in pair.prompt_lower):
        return None
    return None if "```" in pair.response or (pair.asks_code and pair.is_code) else found.group()


SIGNALS = (
    Signal(
        "serialised_null",
        "The whole answer is a null value that was turned into text.",
        "oumi analyze.quality: serialised NaN and None; Self-Instruct '<noinput>'",
        True,
        _null,
    ),
    Signal(
        "placeholder_answer",
        "The whole answer is a placeholder or holds no word.",
        "AlpacaDataCleaned, 'instructions to fill in'; C4's lorem ipsum",
        True,
        _placeholder,
    ),
    Signal(
        "unfilled_template",
        "A placeholder of a template was never filled in.",
        "AlpacaDataCleaned, 'instructions to fill in'",
        False,
        _template,
        texts(
            "{{¦[your¦[insert¦[enter¦[company¦[recipient¦[name¦[client¦[customer¦[sender¦[date¦[add ¦[fill¦"
            "[provide¦[put ¦"
            "[type¦[product¦[employer¦[manager¦[address¦[phone¦[email¦[title¦[position¦[city¦[answer¦"
            "[response¦[output¦"
            "[text¦[todo¦[tbd¦[placeholder¦[x¦[...¦<your¦<insert¦<enter¦<name of¦<fill¦lorem¦{your¦{insert¦"
            "{company¦{recipient¦{user¦"
            "{customer¦{first¦{last¦{full¦your here¦answer here¦ name here¦text here¦title here¦____¦${"
        ),
    ),
)
