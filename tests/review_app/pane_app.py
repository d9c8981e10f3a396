"""The demo page behind a content security policy stricter than the app's: no blob, no inline script."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import streamlit
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def inline_hashes() -> str:
    """The hash of Streamlit's own inline script, as the policy names it."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts
    )


POLICY = (
    f"default-src 'none'; script-src 'self' {inline_hashes()}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class Headers:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[Any] = message["headers"]
                headers.append((b"content-security-policy", POLICY.encode()))
            await send(message)

        await self.app(scope, receive, add if scope["type"] == "http" else send)


app = streamlit.App(Path(__file__).with_name("pane_demo.py"), middleware=[Middleware(Headers)])
