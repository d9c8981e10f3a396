"""Google Cloud's own libraries as the frame needs them: credentials, errors, objects in Cloud Storage.

Source: google-auth 2.63, google-genai 3.6 and the JSON API of Cloud Storage (objects insert and get), read
2026-11. Credentials are the application's default ones: `gcloud auth application-default login`, or the file
that `GOOGLE_APPLICATION_CREDENTIALS` names.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...schemas.errors import ServiceError
from .sdk import BUSY, CONNECT_SECONDS, READ_SECONDS, UNREADABLE, scrubbed, upload_seconds
from .service import NoAnswer

STORAGE = "https://storage.googleapis.com"
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
THERE = 412
MISSING = 404
CHUNK = 1 << 20


def storage_address() -> str:
    """Where Cloud Storage answers; the variable is the one that Google's own libraries know."""
    return (os.environ.get("STORAGE_EMULATOR_HOST") or STORAGE).rstrip("/")


def credentials() -> Any:
    """The application's default credentials.

    Raises:
        ServiceError: There are none.
    """
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    try:
        found, _ = google.auth.default(scopes=list(SCOPES))
    except DefaultCredentialsError as error:
        raise ServiceError(
            "there are no Google credentials",
            where="application default credentials",
            fix="run gcloud auth application-default login, or name a file in GOOGLE_APPLICATION_CREDENTIALS",
        ) from error
    return found


class Bucket:
    """Objects of one bucket.

    Args:
        name: The bucket.
    """

    def __init__(self, name: str) -> None:
        from google.auth.transport.requests import AuthorizedSession

        self._name = name
        self._session = AuthorizedSession(credentials(), max_refresh_attempts=0)

    def uri(self, path: str) -> str:
        """An object's address."""
        return f"gs://{self._name}/{path}"

    def holds(self, path: str, file: Path) -> bool:
        """Whether an object is there.

        Raises:
            ServiceError: It is there with other bytes.
        """
        answer = self._session.get(
            f"{storage_address()}/storage/v1/b/{self._name}/o/{quote(path, safe='')}",
            timeout=(CONNECT_SECONDS, READ_SECONDS),
        )
        if answer.status_code == MISSING:
            return False
        _refuse(answer, f"look for {self.uri(path)}")
        self._compare(answer.json(), path, file)
        return True

    def insert(self, path: str, file: Path) -> None:
        """Make an object of a file; one that is there already stays.

        Raises:
            ServiceError: The bucket refuses it, or it is there with other bytes.
        """
        with open(file, "rb") as data:
            answer = self._session.post(
                f"{storage_address()}/upload/storage/v1/b/{self._name}/o",
                params={"uploadType": "media", "name": path, "ifGenerationMatch": "0"},
                data=data,
                headers={"Content-Type": "application/jsonl"},
                timeout=(CONNECT_SECONDS, upload_seconds(file.stat().st_size)),
            )
        if answer.status_code == THERE:
            self.holds(path, file)
            return
        _refuse(answer, f"upload to {self.uri(path)}")
        self._compare(answer.json(), path, file)

    def _compare(self, told: dict[str, Any], path: str, file: Path) -> None:
        if told["md5Hash"] != _md5(file):
            raise ServiceError(
                "an object with this launch's name has other bytes than the file",
                where=self.uri(path),
                fix="remove the object, and run the same command again",
            )


def _md5(file: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with open(file, "rb") as f:
        while block := f.read(CHUNK):
            digest.update(block)
    return base64.b64encode(digest.digest()).decode()


def _refuse(answer: Any, what: str) -> None:
    if answer.status_code < 400:
        return
    try:
        message = answer.json()["error"]["message"]
    except UNREADABLE:
        message = answer.text
    raise refusal(answer.status_code, str(message), what)


def refusal(status: int, message: str, what: str) -> NoAnswer | ServiceError:
    """What an HTTP status of Google Cloud means.

    Args:
        status: The status.
        message: What was said with it.
        what: The call.
    """
    if status in BUSY or status >= 500:
        return NoAnswer(f"HTTP {status}", at_work=status in (408, 504))
    said = scrubbed(message, ())
    if status in (401, 403):
        return ServiceError(
            f"Google Cloud refuses this account: {said} (HTTP {status})",
            where=what,
            fix="sign in with gcloud auth application-default login as an account that may use Vertex AI and "
            "the bucket, and run the same command again",
        )
    return ServiceError(
        f"Google Cloud refuses: {said} (HTTP {status})",
        where=what,
        fix="put right what it names, and run the same command again; nothing is sent twice",
    )


@contextmanager
def told(what: str) -> Iterator[None]:
    """A call whose errors are told as ours.

    Raises:
        NoAnswer: Lost, busy or broken.
        ServiceError: Refused.
    """
    from google.auth import exceptions as signing
    from google.genai import errors

    try:
        yield
    except errors.APIError as error:
        raise refusal(int(error.code), str(error.message), what) from error
    except (signing.TransportError, *_transport_errors()) as error:
        raise NoAnswer("the connection was lost", at_work=True) from error
    except signing.GoogleAuthError as error:
        if getattr(error, "retryable", False):
            raise NoAnswer("no token for the moment") from error
        raise ServiceError(
            f"Google refuses the credentials: {scrubbed(str(error), ())}",
            where=what,
            fix="run gcloud auth application-default login, and the same command again",
        ) from error
    except UNREADABLE as error:
        raise NoAnswer("an answer that cannot be read", at_work=True) from error


def _transport_errors() -> tuple[type[Exception], ...]:
    """Lost connections as the HTTP libraries below name them; which of them is there is the SDK's choice."""
    import requests

    found: list[type[Exception]] = [requests.exceptions.RequestException]
    for name in ("httpx", "httpx2"):
        try:
            found.append(importlib.import_module(name).TransportError)
        except ImportError:
            continue
    return tuple(found)
