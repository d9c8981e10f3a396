"""OpenID Connect through Streamlit's own `st.login`: the gate reads the cookie that Streamlit signs.

Streamlit speaks to the provider and keeps what it said in a signed cookie
(https://docs.streamlit.io/develop/concepts/connections/authentication). The gate takes the e-mail address
from there: one that is no enabled user of the record gets no further than the sign-in page.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .accounts import Link
from .door_pages import SIGN_IN_WITH

LOGIN = "/auth/login"
LOGOUT = "/auth/logout"
CALLBACK = "/oauth2callback"
MIN_SECRET_CHARACTERS = 32
NEEDS = ("authlib", "httpx")
DEFAULT_PROVIDER = "default"


class StreamlitSignIn:
    """Sign-in by the providers of the user's secrets.toml.

    Args:
        providers: Their names; `default` is the one that stands in `[auth]` itself.
    """

    open_paths = frozenset({LOGIN, CALLBACK})
    sign_out_path = LOGOUT

    def __init__(self, providers: list[str]) -> None:
        self._providers = providers

    def links(self) -> list[Link]:
        """One for each provider."""
        return [
            Link(
                "Sign in with your organisation" if name == DEFAULT_PROVIDER else f"Sign in with {name}",
                f"{SIGN_IN_WITH}{quote(name, safe='')}",
            )
            for name in self._providers
        ]

    def begin(self, provider: str) -> str | None:
        """Where Streamlit begins the sign-in; its address holds for two minutes."""
        from streamlit.auth_util import encode_provider_token

        if provider not in self._providers:
            return None
        return f"{LOGIN}?provider={quote(encode_provider_token(provider), safe='')}"

    def name(self, cookies: Mapping[str, str], origin: str) -> str | None:
        """The e-mail address, in small letters, that a request's cookies prove for this origin."""
        told = _told(cookies)
        if not told or told.get("origin") != origin or told.get("is_logged_in") is not True:
            return None
        if told.get("provider") not in self._providers or told.get("email_verified") in (False, "false"):
            return None
        email = told.get("email")
        return email.lower() if isinstance(email, str) and "@" in email else None


def other_sign_in() -> tuple[StreamlitSignIn | None, list[str]]:
    """The sign-in that secrets.toml asks for, or None; and why it is off where it asks in vain."""
    from streamlit.auth_util import get_secrets_auth_section

    section: Mapping[str, Any] = get_secrets_auth_section()
    if not section:
        return None, []
    problem = _problem(section)
    if problem:
        return None, [f"sign-in by OpenID Connect is off: {problem}"]
    return StreamlitSignIn(_providers(section)), []


def _problem(section: Mapping[str, Any]) -> str | None:
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        return f"the Python package {missing[0]!r} is not installed; run: pip install 'tuneset[sso]'"
    if not str(section.get("redirect_uri", "")).endswith(CALLBACK):
        return f"redirect_uri in [auth] of secrets.toml does not end with {CALLBACK}"
    if len(str(section.get("cookie_secret", ""))) < MIN_SECRET_CHARACTERS:
        return f"cookie_secret in [auth] of secrets.toml needs {MIN_SECRET_CHARACTERS} random characters"
    if not _providers(section):
        return "[auth] of secrets.toml names no provider (client_id)"
    return None


def _providers(section: Mapping[str, Any]) -> list[str]:
    named = sorted(
        name for name, value in section.items() if isinstance(value, Mapping) and value.get("client_id")
    )
    return ([DEFAULT_PROVIDER] if section.get("client_id") else []) + named


def _told(cookies: Mapping[str, str]) -> dict[str, Any] | None:
    """What Streamlit's cookie holds, when its signature is right and not older than its lifetime."""
    from streamlit.auth_util import get_cookie_with_chunks
    from streamlit.web.server.server_util import get_cookie_secret
    from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
    from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

    if USER_COOKIE_NAME not in cookies:
        return None
    secret = get_cookie_secret()

    def one(name: str) -> bytes | None:
        value = cookies.get(name)
        return decode_signed_value(secret, name, value.encode("latin-1", "replace")) if value else None

    try:
        told = json.loads(get_cookie_with_chunks(one, USER_COOKIE_NAME) or b"null")
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
