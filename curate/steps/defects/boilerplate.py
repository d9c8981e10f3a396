"""Phrases of an assistant that talks about itself, or refuses."""

from __future__ import annotations

import re

from .base import Pair, Signal, excerpt

_REFUSAL = re.compile(
    r"^\W*(?:(?:i(?:'|’| a)m|i am) (?:very |really |so |truly )?sorry,? but|sorry,? (?:but )?(?:i|as an)|"
    r"(?:i(?:'|’)m sorry,? )?i (?:can(?:not|(?:'|’)?t)|am (?:not able|unable) to|won(?:'|’)t be able to) "
    r"(?:help|assist|fulfil+|comply|provide|answer|complete|generate|create|process|do that)|"
    r"i apologi[sz]e,? but|my apologies,? but|unfortunately,? (?:i|as an ai)|"
    r"as an ai(?: language)? (?:model|assistant)[^.]{0,40} i (?:can(?:not|(?:'|’)?t)|am (?:not able|unable)|"
    r"do(?: not|n(?:'|’)t) have)|"
    r"i(?:(?:'|’)m| am) (?:not able|unable) to)",
    re.IGNORECASE,
)
_SELF = re.compile(
    r"\b(?:as an? (?:ai|artificial intelligence|large language model|language model)\b|"
    r"i(?:'|’| a)m (?:just |only )?an? (?:ai|artificial intelligence|large language model|language model)\b)",
    re.IGNORECASE,
)
_CUTOFF = re.compile(
    r"\b(?:my (?:knowledge|training)(?: data)? (?:cut-?off|ends|only goes)|knowledge cut-?off|"
    r"(?:as of|up to) my last (?:knowledge )?(?:update|training))\b",
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    r"\bi(?:'|’| a)m (?:chatgpt|claude|gemini|bard|bing chat|copilot|llama|alpaca|vicuna|moss|"
    r"open ?assistant)\b|"
    r"\b(?:trained|created|developed|made) by (?:openai|anthropic|google deepmind|meta ai)\b",
    re.IGNORECASE,
)


def _head(pair: Pair) -> str:
    return pair.response[:300]


def _refusal(pair: Pair) -> str | None:
    found = _REFUSAL.search(_head(pair))
    return excerpt(pair.response) if found else None


def _self_reference(pair: Pair) -> str | None:
    if not pair.mentions(" ai", "language model", "artificial intelligence"):
        return None
    found = _SELF.search(pair.response)
    return excerpt(pair.response, max(found.start() - 10, 0)) if found else None


def _cutoff(pair: Pair) -> str | None:
    if not pair.mentions("knowledge", "my training", "my last"):
        return None
    found = _CUTOFF.search(pair.response)
    return excerpt(pair.response, max(found.start() - 20, 0)) if found else None


def _identity(pair: Pair) -> str | None:
    if not pair.mentions("i am ", "i'm ", "i’m ", "by openai", "by anthropic", "by google", "by meta"):
        return None
    found = _IDENTITY.search(pair.response)
    return excerpt(pair.response, max(found.start() - 10, 0)) if found else None


SIGNALS = (
    Signal(
        "refusal",
        "The answer opens with a refusal or an apology instead of an answer.",
        "open-instruct filter_dataset_by_keywords; XSTest (Röttger et al. 2024) for what is a refusal",
        False,
        _refusal,
    ),
    Signal(
        "ai_self_reference",
        "The answer talks about being an AI.",
        "AlpacaDataCleaned and ShareGPT cleaning scripts: 'as an AI language model'",
        False,
        _self_reference,
    ),
    Signal(
        "knowledge_cutoff",
        "The answer talks about its own knowledge cut-off.",
        "open-instruct filter_cutoff_date",
        False,
        _cutoff,
    ),
    Signal(
        "foreign_identity",
        "The answer says that it is another company's assistant.",
        "Tulu 3 (Lambert et al. 2024), removal of other models' identities",
        False,
        _identity,
    ),
)
