"""What a scraper, a template or an API left behind."""

from __future__ import annotations

import re

from .base import Pair, Signal, excerpt

_MARKUP = re.compile(
    r"<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|end_header_id|system|user|assistant)\|>|"
    r"\[/?INST\]|<<SYS>>|(?:^|\n)### ?(?:Instruction|Response|Human|Assistant) ?:",
)
_ROLE_LINE = re.compile(r"\n\s*(?:Human|User|H|Assistant)\s*:\s*\S", re.IGNORECASE)
_TEMPLATE = re.compile(
    r"\{\{\s*[A-Za-z_][\w. ]*\}\}|\[(?:your|insert|enter|company|recipient)[ _][^\]\n]{1,40}\]|"
    r"<(?:your|insert)[ _][^>\n]{1,40}>|\blorem ipsum dolor\b",
    re.IGNORECASE,
)
_NULLS = frozenset(
    {"none", "null", "nan", "n/a", "na", "undefined", "[object object]", "nil", "<noinput>", "<nooutput>"}
)
_HTML = re.compile(
    r"</?(?:div|span|script|p|br|a|td|tr|table|ul|li)(?:\s[^>]*)?/?>|&(?:nbsp|amp|lt|gt|quot|#\d+);",
    re.IGNORECASE,
)
_INLINE_CODE = re.compile(r"`[^`\n]+`")
_WEB_TALK = re.compile(
    r"\b(?:html|xml|css|web ?page|javascript|jsx|vue|svg|selector|tag|markup|code|php|entity)\b",
    re.IGNORECASE,
)
_API_ERROR = re.compile(
    r"^\W*(?:error(?: code)?:? ?\d{3}\b|(?:openai|anthropic)\.\w*error|rate ?limit (?:reached|exceeded)|"
    r"too many requests\b|internal server error\b|\{\"error\":|network error\b|"
    r"the model is currently overloaded|an error occurred (?:while|during) )",
    re.IGNORECASE,
)
_CODE = re.compile(r"```|(?:^|\n)(?: {4}|\t)\S|[{};]\s*\n|</\w+>")


def _markup(pair: Pair) -> str | None:
    if not pair.mentions("<|", "inst]", "<<sys", "###"):
        return None
    found = _MARKUP.search(pair.response)
    return excerpt(pair.response, max(found.start() - 10, 0)) if found else None


def _next_turn(pair: Pair) -> str | None:
    found = _ROLE_LINE.search(pair.response)
    if not found or re.search(
        r"dialog|conversation|script|transcript|chat|interview|play|scene|Human:|User:", pair.prompt, re.I
    ):
        return None
    return excerpt(pair.response, found.start())


def _template(pair: Pair) -> str | None:
    if not pair.mentions("{{", "[", "<your", "<insert", "lorem"):
        return None
    found = _TEMPLATE.search(pair.response)
    if not found or found.group() in pair.prompt or _CODE.search(pair.response):
        return None
    return found.group()


def _null(pair: Pair) -> str | None:
    answer = pair.response.strip().strip(".").lower()
    if answer not in _NULLS or answer in pair.prompt.lower():
        return None
    if (
        answer in ("none", "n/a", "na", "nil", "undefined", "null")
        and len(pair.prompt) > 0
        and _asks_for_value(pair.prompt)
    ):
        return None
    return f"the whole answer is {pair.response.strip()!r}"


def _asks_for_value(prompt: str) -> bool:
    return bool(
        re.search(
            r"\b(?:which|identify|find|extract|list|classify|output|return|result|how many)\b", prompt, re.I
        )
    )


def _html(pair: Pair) -> str | None:
    found = _HTML.findall(_INLINE_CODE.sub("", pair.response))
    if len(found) < 2 or "```" in pair.response or _WEB_TALK.search(pair.prompt) or _HTML.search(pair.prompt):
        return None
    return f"{len(found)} tags or entities, such as {found[0]!r}"


def _api_error(pair: Pair) -> str | None:
    found = _API_ERROR.search(pair.response[:200])
    return excerpt(pair.response) if found and len(pair.response) < 400 else None


def _hidden(pair: Pair) -> str | None:
    for name, text in (("answer", pair.response), ("prompt", pair.prompt)):
        if text.isascii():
            continue
        found = _HIDDEN.search(text)
        if found:
            return f"U+{ord(found.group()[0]):04X} in the {name}"
    return None


_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]|[\u200b\u2060\ufeff]{2,}")

SIGNALS = (
    Signal(
        "serialised_null",
        "The whole answer is a null value that was turned into text.",
        "oumi analyze.quality: serialised NaN and None; Self-Instruct '<noinput>'",
        True,
        _null,
    ),
    Signal(
        "api_error",
        "The answer is an error message of an API.",
        "own; error texts of the OpenAI and Anthropic APIs",
        True,
        _api_error,
    ),
    Signal(
        "chat_markup",
        "Chat template markup is left in the answer.",
        "Twinkle message_sanity; templates of Llama 2 and 3, ChatML and Alpaca",
        True,
        _markup,
    ),
    Signal(
        "html_residue",
        "HTML tags or entities of a web page are left in the answer.",
        "C4 and FineWeb line filters; ShareGPT clean_sharegpt.py",
        True,
        _html,
    ),
    Signal(
        "unfilled_template",
        "A placeholder of a template was never filled in.",
        "AlpacaDataCleaned, 'instructions to fill in'",
        False,
        _template,
    ),
    Signal(
        "merged_examples",
        "The answer goes on with the next speaker's turn.",
        "AlpacaDataCleaned, 'merged instructions'",
        False,
        _next_turn,
    ),
    Signal(
        "hidden_text",
        "Invisible control characters hide or reorder text.",
        "Boucher and Anderson 2023, Trojan Source; Unicode TR 36",
        False,
        _hidden,
    ),
)
