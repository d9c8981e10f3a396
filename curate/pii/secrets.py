"""Keys, tokens and passwords: by the prefix that their maker gives, or by the name they are assigned to."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from .secret_makers import SECRETS
from .spans import Span

_LOOSE = frozenset({".", "sk", "ac", "pat", "-us"})
"""Literals that too many texts have: these secrets are looked for where something is assigned to a name."""

ASSIGNED = "assigned"
_KNOWN = {
    s.maker: (
        s,
        re.compile(s.pattern if s.pattern[0] in "[(-" else rf"(?<![A-Za-z0-9_-]){s.pattern}(?![A-Za-z0-9])"),
    )
    for s in SECRETS
}
_ANYWHERE = tuple(s.maker for s in SECRETS if s.literal in _LOOSE)
LITERALS = {s.maker: tuple(s.literal.split("|")) for s in SECRETS if s.literal not in _LOOSE}
"""Maker to the literals of which all of its secrets have one."""

_ASSIGNED = re.compile(
    r"(?i:(?P<name>(?:api[_ -]?key|api[_ -]?token|secret|access[_ -]?key|auth[_ -]?token|access[_ -]?token|"
    r"private[_ -]?key|client[_ -]?secret|\btoken|encryption[_ -]?key|signing[_ -]?key|license[_ -]?key)"
    r"[\w-]{0,40})"
    r"['\"]?\s*(?:is|=|:|=>|:=)\s*)(?P<quote>['\"`]?)(?P<value>[A-Za-z0-9_+/=.~-]{16,200})(?P=quote)"
    r"(?![\w(\[])"
)
_PASSWORD = re.compile(
    r"(?i:(?P<name>(?:passwords?|passwd|pwd|passphrase|passcode|passwort|kennwort|mot de passe|"
    r"contraseña|senha))['\"]?"
    r"(?:\s+for\s+\S+(?:\s+\w+)?)?\s*(?P<link>\bis\s*:?|=|:|=>|:=|\bist\b|\best\b|\bes\b)\s*)"
    r"(?P<quote>['\"`]?)(?P<value>[^\s'\"`<>{}()\[\],;]{6,64}+)(?P=quote)(?![(\[])"
)
ASSIGNED_LITERALS = (
    "api_key",
    "apikey",
    "api-key",
    "api key",
    "token",
    "secret",
    "authorization",
    "access_key",
    "accesskey",
    "access key",
    "private_key",
    "twilio",
    "discord",
    "gitlab",
    "airtable",
    "mailchimp",
    "encryption_key",
    "signing_key",
    "license_key",
    "license key",
    "account_sid",
)
PASSWORD_LITERALS = (
    "passw",
    "passphrase",
    "passcode",
    "pwd",
    "kennwort",
    "mot de passe",
    "contraseña",
    "senha",
)
_DUMMY = re.compile(
    r"example|your|placeholder|xxxx|\*\*\*|\.\.\.|1234567890|123456$|abcdef|abc123|changeme|change_me|"
    r"dummy|sample|insert|"
    r"replace|redact|foobar|deadbeef|my[-_]?(?:secret|token|api|key|pass)|<|>|\$\{|%s|process\.env|"
    r"os\.environ|getenv|"
    r"(.)\1{5}",
    re.IGNORECASE,
)


def entropy(text: str) -> float:
    """Shannon entropy of a text's characters, in bits a character."""
    n = len(text)
    return -sum(c / n * math.log2(c / n) for c in Counter(text).values())


def known_secrets(text: str, hits: Iterable[str]) -> Iterator[Span]:
    """Secrets with a maker's prefix; those that are made up for a manual are left out.

    Args:
        text: The text.
        hits: The makers whose literals the text has, among other words.
    """
    makers = [hit for hit in hits if hit in _KNOWN]
    for maker in (*makers, *(_ANYWHERE if ASSIGNED in hits else ())):
        secret, pattern = _KNOWN[maker]
        for found in pattern.finditer(text):
            group = found.lastindex or 0
            value = found[group]
            if secret.kind == "private_key" or (not _DUMMY.search(value) and _is_random(value)):
                yield Span(*found.span(group), secret.kind)


def _is_random(value: str) -> bool:
    """Digits, or capitals and small letters in turn: words joined by hyphens have neither."""
    tail = value[-28:]
    turns = sum(a.isupper() != b.isupper() for a, b in pairwise(tail) if a.isalpha() and b.isalpha())
    return (any(c.isdigit() for c in tail) or turns >= 5) and entropy(value) >= 3.0


_LONG = re.compile(r"[A-Za-z0-9_+/=.~-]{16}")


def assigned_secrets(text: str) -> Iterator[Span]:
    """What is assigned to a name such as `api_key`, where it looks drawn at random."""
    if _LONG.search(text) is None:
        return
    for found in _ASSIGNED.finditer(text):
        value = found["value"].rstrip(".")
        mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
        if (
            mixed
            and not _DUMMY.search(value)
            and entropy(value) >= 3.3
            and not re.search(r"[a-z]{5,}[._-][a-z]{4,}", value)
        ):
            yield Span(found.start("value"), found.start("value") + len(value), "api_key")


_WEAK = re.compile(
    r"^[A-Za-z_]+(?:\.[A-Za-z_]+)+$|p[a@4][s$5]{2}|secret|test|admin|user|root|string|value|hash|qwerty|"
    r"letmein|1234|input|field|null|none|true|"
    r"false|strong|required|hidden|incorrect|correct|config|self\.|req\.|data\.|\.com|_",
    re.IGNORECASE,
)


def passwords(text: str) -> Iterator[Span]:
    """What a password is said to be, where it is more than a word and less usual than `password123`."""
    for found in _PASSWORD.finditer(text):
        value = found["value"].rstrip(".!?:")
        kinds = (any(map(str.isdigit, value)), any(map(str.isupper, value)), any(map(str.islower, value)))
        special = any(not c.isalnum() for c in value)
        strong = sum(kinds) + special >= 3 or (sum(kinds) + special >= 2 and kinds[0])
        named = not re.search(
            r"(?:enc\w*|hash\w*|sha\d*|md5)[_ -]?$", text[: found.start()][-16:], re.IGNORECASE
        )
        if named and len(value) >= 6 and strong and not _DUMMY.search(value) and not _WEAK.search(value):
            yield Span(found.start("value"), found.start("value") + len(value), "password")
