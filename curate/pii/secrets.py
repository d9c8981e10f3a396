"""Keys, tokens and passwords: by the prefix that their maker gives them, or by the name they are assigned to."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from .spans import Span


class Secret(NamedTuple):
    """A kind of secret: a literal in lower case that every one of them has, and what it looks like.

    Where the pattern has a group, that group is the secret; else all of it is.
    """

    maker: str
    literal: str
    pattern: str
    kind: str = "api_key"


_W = r"[A-Za-z0-9_-]"
SECRETS: tuple[Secret, ...] = (
    Secret("AWS access key", "akia", r"AKIA[A-Za-z0-9]{16,40}"),
    Secret("AWS temporary key", "asia", r"ASIA[A-Z0-9]{16}"),
    Secret("GitHub classic", "ghp_", r"ghp_[A-Za-z0-9]{20,255}"),
    Secret("GitHub OAuth", "gho_", r"gho_[A-Za-z0-9]{20,255}"),
    Secret("GitHub user to server", "ghu_", r"ghu_[A-Za-z0-9]{20,255}"),
    Secret("GitHub server to server", "ghs_", r"ghs_[A-Za-z0-9]{20,255}"),
    Secret("GitHub refresh", "ghr_", r"ghr_[A-Za-z0-9]{20,255}"),
    Secret("GitHub fine-grained", "github_pat_", r"github_pat_\w{20,255}"),
    Secret("GitLab personal", "glpat-", rf"glpat-{_W}{{16,64}}"),
    Secret("GitLab pipeline, runner, deploy", "gl", rf"gl(?:ptt|rt|dt|cbt|soat|ft|imt|agent)-{_W}{{16,64}}"),
    Secret("Slack", "xox", r"xox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    Secret("Slack app", "xapp-", r"xapp-[A-Za-z0-9-]{20,250}"),
    Secret("Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/services/([A-Z0-9]{6,}/[A-Z0-9]{6,}/[A-Za-z0-9]{16,})"),
    Secret("Stripe", "_live_", r"[srp]k_live_[A-Za-z0-9]{16,247}"),
    Secret("Stripe test", "_test_", r"[srp]k_test_[A-Za-z0-9]{16,247}"),
    Secret("Stripe webhook", "whsec_", r"whsec_[A-Za-z0-9+/=]{20,}"),
    Secret("OpenAI, Anthropic, OpenRouter", "sk-", rf"sk-(?:proj-|svcacct-|admin-|test-|live-|ant-|or-v1-|lf-)?{_W}{{20,250}}"),
    Secret("Google API", "aiza", rf"AIza{_W}{{30,40}}"),
    Secret("Google OAuth secret", "gocspx-", rf"GOCSPX-{_W}{{20,40}}"),
    Secret("Google access", "ya29.", rf"ya29\.{_W}{{20,}}"),
    Secret("Azure storage", "accountkey=", r"AccountKey=([A-Za-z0-9+/]{40,}={0,2})"),
    Secret("Azure shared access", "sharedaccesskey=", r"SharedAccessKey=([A-Za-z0-9+/]{30,}={0,2})"),
    Secret("Azure SAS", "sig=", r"[?&]sig=([A-Za-z0-9%+/]{30,}(?:%3D|=)?)"),
    Secret("Hugging Face", "hf_", r"hf_[A-Za-z0-9]{20,64}"),
    Secret("npm", "npm_", r"npm_[A-Za-z0-9]{30,48}"),
    Secret("PyPI", "pypi-", rf"pypi-{_W}{{30,250}}"),
    Secret("Twilio key", "sk", r"SK[0-9a-f]{32}"),
    Secret("Twilio account", "ac", r"AC[0-9a-f]{32}"),
    Secret("SendGrid", "sg.", rf"SG\.{_W}{{16,32}}\.{_W}{{16,64}}"),
    Secret("Mailgun", "key-", r"key-[0-9a-f]{32}"),
    Secret("Mailchimp", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    Secret("Shopify", "shp", r"shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}"),
    Secret("Square", "sq0", rf"sq0(?:atp|csp)-{_W}{{20,50}}"),
    Secret("Square access", "eaaa", rf"EAAA{_W}{{50,70}}"),
    Secret("Facebook", "eaac", r"EAAC[A-Za-z0-9]{60,}"),
    Secret("DigitalOcean", "_v1_", r"do[por]_v1_[0-9a-f]{40,64}"),
    Secret("Databricks", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    Secret("Docker", "dckr_pat_", rf"dckr_pat_{_W}{{20,64}}"),
    Secret("Telegram bot", ":aa", rf"\d{{8,10}}:AA{_W}{{30,40}}"),
    Secret("Discord bot", ".", r"[MNO][A-Za-z0-9_-]{23,26}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}"),
    Secret("Discord webhook", "api/webhooks/", rf"api/webhooks/(\d{{16,20}}/{_W}{{40,80}})"),
    Secret("Linear", "lin_api_", r"lin_api_[A-Za-z0-9]{32,48}"),
    Secret("Notion", "ntn_", r"ntn_[A-Za-z0-9]{30,60}"),
    Secret("Notion old", "secret_", r"secret_[A-Za-z0-9]{40,50}"),
    Secret("Airtable", "pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    Secret("Atlassian", "atatt3", rf"ATATT3{_W}{{50,}}=?[A-Z0-9]*"),
    Secret("Groq", "gsk_", r"gsk_[A-Za-z0-9]{30,64}"),
    Secret("xAI", "xai-", r"xai-[A-Za-z0-9]{40,90}"),
    Secret("Perplexity", "pplx-", r"pplx-[A-Za-z0-9]{30,64}"),
    Secret("Replicate", "r8_", r"r8_[A-Za-z0-9]{30,45}"),
    Secret("Fireworks, Together", "_v1_", r"tgp_v1_[A-Za-z0-9_-]{30,}"),
    Secret("NVIDIA", "nvapi-", rf"nvapi-{_W}{{40,80}}"),
    Secret("HashiCorp Vault", "hvs.", rf"hvs\.{_W}{{20,}}"),
    Secret("Terraform", ".atlasv1.", rf"[A-Za-z0-9]{{14}}\.atlasv1\.{_W}{{60,}}"),
    Secret("Grafana", "gl", rf"gl(?:c|sa)_{_W}{{30,}}"),
    Secret("New Relic", "nrak-", r"NRAK-[A-Z0-9]{20,32}"),
    Secret("Sentry", "sntry", r"sntry[su]_[A-Za-z0-9_=+/]{40,}"),
    Secret("Postman", "pmak-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    Secret("Supabase", "sbp_", r"sbp_[0-9a-f]{40}"),
    Secret("PlanetScale", "pscale_", rf"pscale_(?:pw|tkn|oauth)_{_W}{{30,}}"),
    Secret("RubyGems", "rubygems_", r"rubygems_[0-9a-f]{48}"),
    Secret("Age key", "age-secret-key-", r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}"),
    Secret("JSON web token", "eyj", rf"eyJ{_W}{{8,}}\.eyJ{_W}{{8,}}\.{_W}{{10,}}", "jwt"),
    Secret(
        "private key",
        "private key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]{20,8000}?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----",
        "private_key",
    ),
    Secret("bearer token", "bearer ", r"(?i:\bbearer) +([A-Za-z0-9._~+/-]{20,}=*)"),
    Secret("basic login", "basic ", r"(?i:authorization['\"]?\s*[:=]\s*['\"]?basic) +([A-Za-z0-9+/]{12,}={0,2})", "password"),
)  # fmt: skip
"""Prefixes from each maker's own documentation; lengths are wider than today's, since they change."""

_LOOSE = frozenset({".", "gl", "sk", "ac", "pat", "-us"})
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
LITERALS = {s.maker: (s.literal,) for s in SECRETS if s.literal not in _LOOSE}
"""Maker to the literal that all of its secrets have."""

_ASSIGNED = re.compile(
    r"(?i:(?P<name>(?:api[_ -]?key|api[_ -]?token|secret|access[_ -]?key|auth[_ -]?token|access[_ -]?token|"
    r"private[_ -]?key|client[_ -]?secret|\btoken|encryption[_ -]?key|signing[_ -]?key|license[_ -]?key)[\w-]*)"
    r"['\"]?\s*(?:is|=|:|=>|:=)\s*)(?P<quote>['\"`]?)(?P<value>[A-Za-z0-9_+/=.~-]{16,200})(?P=quote)(?![\w(\[])"
)
_PASSWORD = re.compile(
    r"(?i:(?P<name>(?:passwords?|passwd|pwd|passphrase|passcode|passwort|kennwort|mot de passe|contraseña|senha))['\"]?"
    r"(?:\s+for\s+\S+(?:\s+\w+)?)?\s*(?P<link>\bis\s*:?|=|:|=>|:=|\bist\b|\best\b|\bes\b)\s*)"
    r"(?P<quote>['\"`]?)(?P<value>[^\s'\"`<>{}()\[\],;]{6,64}+)(?P=quote)(?![(\[])"
)
ASSIGNED_LITERALS = (
    "api_key", "apikey", "api-key", "api key", "token", "secret", "authorization", "access_key", "accesskey", "access key",
    "private_key", "twilio", "discord", "gitlab", "airtable", "mailchimp",
    "encryption_key", "signing_key", "license_key", "license key", "account_sid",
)  # fmt: skip
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
    r"example|your|placeholder|xxxx|\*\*\*|\.\.\.|1234567890|123456$|abcdef|abc123|changeme|change_me|dummy|sample|insert|"
    r"replace|redact|foobar|deadbeef|my[-_]?(?:secret|token|api|key|pass)|<|>|\$\{|%s|process\.env|os\.environ|getenv|"
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
    tail = value[-20:]
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


_WEAK = re.compile(r"^[A-Za-z_]+(?:\.[A-Za-z_]+)+$|p[a@4][s$5]{2}|secret|test|admin|user|root|string|value|hash|qwerty|letmein|1234|input|field|null|none|true|"
                   r"false|strong|required|hidden|incorrect|correct|config|self\.|req\.|data\.|\.com|_", re.IGNORECASE)  # fmt: skip


_MADE = re.compile(
    r"generat|random|strong password|suggest|secure password|create a (?:new )?password|hash|encrypt|validat",
    re.IGNORECASE,
)


def makes_passwords(text: str) -> bool:
    """Whether a text is about making or checking a password, so that one in the conversation is nobody's."""
    return _MADE.search(text) is not None


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
