"""What the gate itself answers, over HTTP and in place of a WebSocket."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .asgi import Send
from .asking import Asking
from .door_pages import STYLE
from .headers import page_policy

REFUSED = 1008
"""Policy violation (RFC 6455, 7.4.1), for servers that cannot answer a handshake with a response."""


@dataclass(frozen=True)
class Reply:
    """A whole response."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @classmethod
    def page(cls, status: int, html: str, *headers: tuple[bytes, bytes]) -> Reply:
        """One of the gate's own pages."""
        own = (
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-security-policy", page_policy(STYLE).encode()),
        )
        return cls(status, html.encode(), (*own, *headers))

    @classmethod
    def text(cls, status: int, text: str) -> Reply:
        """One line, for programs."""
        return cls(status, f"{text}\n".encode(), ((b"content-type", b"text/plain; charset=utf-8"),))

    def having(self, *headers: tuple[bytes, bytes]) -> Reply:
        """The same with more headers."""
        return replace(self, headers=(*self.headers, *headers))

    async def send(self, asking: Asking, send: Send) -> None:
        """Answer the request; a handshake is refused, with the same response where the server can."""
        prefix = "http.response"
        if asking.is_socket:
            if "websocket.http.response" not in asking.scope.get("extensions", {}):
                await send({"type": "websocket.close", "code": REFUSED, "reason": str(self.status)})
                return
            prefix = "websocket.http.response"
        headers = [*self.headers, (b"content-length", str(len(self.body)).encode())]
        await send({"type": f"{prefix}.start", "status": self.status, "headers": headers})
        body = b"" if asking.method == "HEAD" else self.body
        await send({"type": f"{prefix}.body", "body": body})
