"""What all services share: SDKs that may be missing, variables, limits of time, texts without keys."""

from __future__ import annotations

import importlib
import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ...schemas.errors import MissingExtraError, ServiceError
from .service import NoAnswer

WAIT_SECONDS = 5.0
LONGEST_CHECK_SECONDS = 1800.0
BUSY = frozenset({408, 409, 425, 429})
KEYLIKE = re.compile(r"\b(?:sk|tgp|fw|key)[-_][\w*.-]{6,}")
CONNECT_SECONDS = 15.0
READ_SECONDS = 30.0
ANSWER_SECONDS = 180.0
UPLOAD_SECONDS = 45.0
UPLOAD_BYTES_A_SECOND = 500_000


def load_sdk(module: str, extra: str, where: str) -> Any:
    """An SDK's module.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError.of(extra, module, where=where) from error


def require(names: Sequence[str], service: str, examples: Mapping[str, str] | None = None) -> None:
    """Refuse where a variable is not set.

    Args:
        names: The variables.
        service: Whose they are, for messages.
        examples: Variable to what it may hold.

    Raises:
        ServiceError: The first one that is missing, by name.
    """
    for name in names:
        if not os.environ.get(name, "").strip():
            value = (examples or {}).get(name, "…")
            raise ServiceError(
                f"the variable {name} is not set",
                where="the environment",
                fix=f"export {name}={value} (from your account at {service}); it is read from nowhere else",
            )


def host_of(url: str) -> str:
    """Host, port and path of an address, without user, password and query."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname or ''}{port}{parts.path.rstrip('/')}"


def named_host(url: str) -> str:
    """An address for people.

    Raises:
        ServiceError: It is no address.
    """
    host = host_of(url)
    if not host:
        raise ServiceError(
            "the address of the service is no URL", where="its variable", fix="write https://HOST/…"
        )
    return host


def upload_seconds(size: int) -> float:
    """Seconds after which an upload of so many bytes is taken for lost."""
    return UPLOAD_SECONDS + size / UPLOAD_BYTES_A_SECOND


def scrubbed(text: str, names: Sequence[str]) -> str:
    """One line of text without the values of variables and without anything that looks like a key."""
    for name in names:
        value = os.environ.get(name, "")
        if len(value) >= 4:
            text = text.replace(value, f"${name}")
    return KEYLIKE.sub("(a key)", " ".join(text.split()))[:500]


UNREADABLE = (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError, KeyError, AssertionError)
"""What the SDKs raise over an answer that is no JSON or has not the members that it should have."""


def wait_for(ready: Callable[[], bool], what: str, pause: Callable[[float], None] = time.sleep) -> None:
    """Wait until the provider has checked something.

    Raises:
        NoAnswer: It has not for half an hour.
    """
    waited = 0.0
    while not ready():
        if waited >= LONGEST_CHECK_SECONDS:
            raise NoAnswer(f"{what} is still being checked")
        pause(WAIT_SECONDS)
        waited += WAIT_SECONDS


def text_of(value: Any, what: str) -> str:
    """A text that an answer must hold.

    Raises:
        NoAnswer: It holds none, so it was no answer.
    """
    if not isinstance(value, str) or not value:
        raise NoAnswer(f"an answer without {what}", at_work=True)
    return value
