"""Headers on every response, and the content security policies of the app and of the gate's own pages.

Sources: https://www.w3.org/TR/CSP3/, https://owasp.org/www-project-secure-headers/.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence

Headers = list[tuple[bytes, bytes]]

PERMISSIONS = (
    "accelerometer=(), camera=(), clipboard-write=(self), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def app_policy(page: str) -> str:
    """The policy of the app: our own host alone, no eval, and only the inline scripts that `page` ships.

    `blob:` scripts are how Streamlit loads the JavaScript of a component; a blob is made by a script that
    runs already. Styles are inline: the front end writes them at run time.

    Args:
        page: The HTML of Streamlit's front end.
    """
    inline = "".join(f" '{digest(text)}'" for text in SCRIPT.findall(page))
    return (
        f"default-src 'none'; script-src 'self' blob:{inline}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; "
        "worker-src 'self' blob:; manifest-src 'self'; frame-src 'none'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def page_policy(style: str) -> str:
    """The policy of the gate's own pages: one style sheet, and forms to ourselves."""
    return (
        f"default-src 'none'; style-src '{digest(style)}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def digest(text: str) -> str:
    """The source expression that allows one inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def guarded(headers: Iterable[tuple[bytes, bytes]], *, policy: str, path: str) -> Headers:
    """A response's headers with ours in place of any of the same name.

    Args:
        headers: What the app sends.
        policy: The content security policy; one that the gate's own page brought stays.
        path: The request's path; only Streamlit's own files, which have their hash in the name, are cached.
    """
    sent = [(name.lower(), value) for name, value in headers]
    fixed = {
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"DENY",
        b"referrer-policy": b"same-origin",
        b"permissions-policy": PERMISSIONS.encode(),
        b"cross-origin-opener-policy": b"same-origin",
        b"cross-origin-resource-policy": b"same-origin",
        b"x-robots-tag": b"noindex",
        b"content-security-policy": policy.encode(),
    }
    if not path.startswith("/static/"):
        fixed[b"cache-control"] = b"no-store"
    return [(name, value) for name, value in sent if name not in fixed] + list(fixed.items())


def values(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    """All values of a header, as text."""
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]
