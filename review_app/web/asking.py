"""What a request says of itself, read from its ASGI scope (https://asgi.readthedocs.io/en/latest/specs/www.html)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from .asgi import Scope
from .headers import Headers, values

UNSAFE_FOLLOW = re.compile(r"[\x00-\x20\x7f\\]")
LOOPBACK_PEERS = frozenset({"127.0.0.1", "::1"})


@dataclass(frozen=True)
class Asking:
    """One HTTP request or WebSocket handshake.

    Args:
        scope: Its ASGI scope.
        behind_proxy: A proxy on this machine stands in front and appends the client to X-Forwarded-For.
    """

    scope: Scope
    behind_proxy: bool = False

    @cached_property
    def headers(self) -> Headers:
        return list(self.scope["headers"])

    @property
    def method(self) -> str:
        return self.scope.get("method", "GET")

    @property
    def path(self) -> str:
        return self.scope["path"]

    @property
    def is_socket(self) -> bool:
        return self.scope["type"] == "websocket"

    def header(self, name: bytes) -> str:
        """A header's value, or an empty text; of several the last."""
        return values(self.headers, name)[-1] if values(self.headers, name) else ""

    @cached_property
    def host(self) -> str | None:
        """The Host header as sent, in small letters; None when there is none, or more than one."""
        found = values(self.headers, b"host")
        return found[0].lower() if len(found) == 1 else None

    @cached_property
    def cookies(self) -> dict[str, str]:
        """Cookies by name; of several of one name the first, which has the nearest path."""
        found: dict[str, str] = {}
        for line in values(self.headers, b"cookie"):
            for piece in line.split(";"):
                name, _, value = piece.strip().partition("=")
                found.setdefault(name, value.strip('"'))
        return found

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)

    @property
    def token(self) -> str | None:
        """The token in the address, when one is there."""
        return next((value for name, value in self.query if name == "token"), None)

    @property
    def follow(self) -> str:
        """Path and query of this very request without a token, for a redirect."""
        rest = urlencode([(name, value) for name, value in self.query if name != "token"])
        return safe_follow(quote(self.path) + (f"?{rest}" if rest else ""))

    @property
    def wants_page(self) -> bool:
        """Whether a person's browser asks for a page."""
        return self.method in ("GET", "HEAD") and "text/html" in self.header(b"accept")

    @property
    def led_here(self) -> bool:
        """Whether another site's page led the browser here (https://www.w3.org/TR/fetch-metadata/)."""
        return self.header(b"sec-fetch-site") in ("cross-site", "same-site") and self.wants_page

    @property
    def is_own(self) -> bool:
        """Whether our own page asked."""
        return self.header(b"sec-fetch-site") == "same-origin"

    @property
    def client(self) -> str:
        """The address of the client; behind a proxy the last that the proxy itself appended."""
        peer = (self.scope.get("client") or ("unknown", 0))[0]
        if self.behind_proxy and peer in LOOPBACK_PEERS:
            forwarded = self.header(b"x-forwarded-for").split(",")[-1].strip()
            return forwarded or peer
        return peer

    def from_ourselves(self, schemes: Sequence[str]) -> bool:
        """Whether the Origin is this very host; none at all is no browser, whose cookies nobody can borrow.

        Args:
            schemes: What people may have before the host's name.
        """
        origins = values(self.headers, b"origin")
        if not origins:
            return True
        mine = {_origin(f"{scheme}://{self.host}") for scheme in schemes} - {None}
        return len(origins) == 1 and _origin(origins[0].lower()) in mine


def _origin(text: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an origin (RFC 6454), with the port that the scheme implies."""
    try:
        parts = urlsplit(text)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None


def host_name(host: str | None) -> str | None:
    """The name in a Host header, without port; None for what is not a host."""
    if not host or re.search(r"[\s/?#@\\,]", host):
        return None
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    return parts.hostname.rstrip(".") if parts.hostname else None


def safe_follow(path: str) -> str:
    """A path on this host to go on to, or the start page for anything that could lead elsewhere."""
    if not path.startswith("/") or path.startswith("//") or UNSAFE_FOLLOW.search(path):
        return "/"
    return "/" if path.split("?")[0] in ("/sign-in", "/sign-out") else path


def without_ours(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers without any that only the gate may set, however a client spelled them."""
    return [
        (name, value)
        for name, value in headers
        if not name.lower().replace(b"_", b"-").startswith(b"x-tuneset-")
    ]
