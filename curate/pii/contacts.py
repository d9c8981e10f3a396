"""E-mail addresses, logins in addresses of the web, and names that people go by on the web."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .spans import Span

_EMAIL = re.compile(
    r"(?<![\w.%+@/-])[\w](?:[\w.%+'-]{0,62}[\w+-])?@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,"
    r"24}(?![\w@]|\.\w|\()"
)
_SPELLED = re.compile(
    r"(?<![\w.])([A-Za-z][\w.+-]{1,40}) ?(?:\[at\]|\(at\)|\{at\}| at ) ?((?:[a-z][\w-]+ ?(?:\[dot\]|"
    r"\(dot\)|\{dot\}| dot ) ?)+"
    r"(?:com|org|net|edu|de|fr|uk|io|co|eu|info|it|es|nl|ch|at))\b",
    re.IGNORECASE,
)
_EXAMPLE_DOMAIN = re.compile(
    r"(?:^|\.)(?:examples?\d*|tests?\d*|invalid|localhost|local|domain|email|mail|company|yourcompany|"
    r"mycompany|"
    r"your-?domain|my-?domain|website|yourwebsite|mysite|sample|xyz|abc|foo|bar|foobar|acme|server|host|"
    r"provider|"
    r"somewhere|something|mailserver)\.(?:com|org|net|edu|co\.uk|de|fr|es|it|io|gov|tld)$|\.(?:example|"
    r"test|invalid|local)$",
    re.IGNORECASE,
)
ROLES = frozenset(
    """info support sales contact contacts help helpdesk hello hi admin administrator root webmaster
    postmaster hostmaster abuse noreply no-reply donotreply do-not-reply news newsletter office
    team press media jobs careers hr billing accounts accounting payments invoices orders order
    service services customerservice customercare customer-service customer-support feedback
    enquiries inquiries enquiry marketing legal privacy security mail email git ssh kontakt
    service-client reservations booking bookings reception events offers subscribe unsubscribe
    alerts notifications notification updates community partners investors pr ir returns shipping""".split()
)
_GENERIC = frozenset(
    """user users username user1 name yourname myname firstname lastname first last full your my me
    you someone somebody anyone person people test tester testing demo sample example foo bar baz
    qux abc xyz aaa bbb email mail address recipient sender receiver from to cc john jane johndoe
    janedoe doe smith johnsmith janesmith jdoe jsmith joe bob alice charlie eve client customer
    employee manager student teacher member guest friend boss ceo a b c d x y z placeholder valid
    invalid not is an the new old some any random account login id author dev developer host server
    domain company business work home personal bobsmith alicesmith joebloggs bloggs mustermann max
    maxmustermann erika dupont jean jeandupont usuario nombre correo correoelectronico nom prenom
    nutzer adresse beispiel ejemplo exemple""".split()
)
_NOBODY = frozenset(
    """user users username name yourname your my me you someone somebody anyone person test tester
    testing demo sample example foo bar baz abc xyz email mail address recipient sender receiver
    customer employee placeholder valid invalid not new old random account login""".split()
)
_MIN_LONE_CHARS = 7
_SPLIT = re.compile(r"[._+%'-]+|(?<=\D)(?=\d)")


def emails(text: str) -> Iterator[Span]:
    """Addresses that can be a person's: no roles such as `info@`, no `user@example.com`."""
    for found in _EMAIL.finditer(text):
        local, domain = found[0].rsplit("@", 1)
        remote = (
            text[found.end()] == ":" and not text[found.end() + 1].isspace()
            if len(text) > found.end() + 1
            else False
        )
        login = (
            text[found.start() - 1 : found.start()] == ":"
            and "://" in text[max(0, found.start() - 60) : found.start()]
        )
        if not remote and not login and _can_be_a_person(local.lower(), domain.lower()):
            yield Span(*found.span(), "email")


def spelled_emails(text: str) -> Iterator[Span]:
    """Addresses with `at` and `dot` as words."""
    for found in _SPELLED.finditer(text):
        if _can_be_a_person(found[1].lower(), "real.org") and found[1].lower() not in _GENERIC:
            yield Span(*found.span(), "email")


def _can_be_a_person(local: str, domain: str) -> bool:
    if local in ROLES or local.split("+")[0] in ROLES:
        return False
    if domain == "gmail.com" and (len(local.replace(".", "")) < 6 or "_" in local):
        return False  # Google gives out none that short, and none with such a character
    if not _EXAMPLE_DOMAIN.search(domain):
        return not (set(_SPLIT.split(local)) <= _GENERIC or local.startswith(("your", "user", "my_", "my.")))
    words = [w for w in _SPLIT.split(local.split("+")[0]) if w and not w.isdigit()]
    if not words or words[0] in _NOBODY or words[0] in ROLES or words[0].startswith(("your", "user", "test")):
        return False
    longest = _MIN_LONE_CHARS if len(words) == 1 else 3
    return any(len(w) >= longest and w not in _GENERIC for w in words)


_LOGIN = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://([^\s:/@'\"<>{}$]{1,64}:([^\s/@'\"<>{}$]{1,100}))@[^\s'\"<>]{2,}",
    re.IGNORECASE,
)
_PLACEHOLDERS = frozenset(
    """password pass passwd pwd user username secret root admin postgres guest mysecretpassword test
    example yourpassword your_password my_password mypassword changeme token xxx xxxx dbpassword
    db_password passw0rd password123 123456 redis mongo rabbitmq minio 1234 12345""".split()
)


def logins(text: str) -> Iterator[Span]:
    """User and password in an address such as `postgres://ada:s3cret@db.example.com/prod`."""
    for found in _LOGIN.finditer(text):
        password = found[2].lower()
        if password not in _PLACEHOLDERS and not re.fullmatch(
            r"[\[<*].*|x{3,}|\.+|your.*|my.*|\d{1,5}", password
        ):
            yield Span(*found.span(1), "credentials")


_PROFILE = re.compile(
    r"(?<![\w-])(?:linkedin\.com/in/|facebook\.com/(?!pages|groups|sharer|help|events|watch)|(?:twitter|"
    r"x)\.com/(?!home|intent|search|share|"
    r"hashtag|i/)|instagram\.com/(?!p/|explore|reel)|tiktok\.com/@|t\.me/|keybase\.io/)"
    r"([A-Za-z0-9_.-]{3,40})(?![\w/])",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    r"\b(?:my|his|her|their|our) (?:user ?name|user ?id|handle|login(?: name)?|screen ?name|gamertag|"
    r"skype(?: id| name)?|discord(?: tag| id)?"
    r"|twitter(?: handle)?|instagram(?: handle)?|telegram(?: handle)?|snapchat|github(?: username| "
    r"handle)?|account name)"
    r"(?: is|:| is:|=) ?['\"“]?(@?[A-Za-z0-9][\w.#-]{2,31})|\b(?:user ?name|handle|skype|discord|"
    r"telegram): ?['\"“]?(@?[A-Za-z0-9][\w.#-]{2,31})",
    re.IGNORECASE,
)
_ORDINARY = re.compile(
    r"(?:not|the|is|a|an|very|too|also|already|now|still|being|string|str|str|none|null|user\w*|name|"
    r"your\w*|required|"
    r"example|admin|test\w*|root|guest|varchar|text|optional|j(?:ohn|ane)[_.]?(?:doe|smith)?\d*|[\w]+_name)$",
    re.IGNORECASE,
)


def usernames(text: str) -> Iterator[Span]:
    """Names of profiles, and what people say they are called on the web."""
    for found in _PROFILE.finditer(text):
        if not _ORDINARY.match(found[1]):
            yield Span(*found.span(1), "username")
    for found in _HANDLE.finditer(text):
        group = found.lastindex or 1
        value = found[group].rstrip(".-")
        telling = value[0] == "@" or any(c.isdigit() or c in "_.#" for c in value)
        if telling and len(value) > 2 and not _ORDINARY.match(value.lstrip("@")):
            yield Span(found.start(group), found.start(group) + len(value), "username")
