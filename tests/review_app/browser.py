"""Headless Chromium for tests: one browser a run, and visits that record what they ask of which host.

A test names the fixture `visit` (a factory) and is marked `browser`:

    @pytest.mark.browser
    def test_page(visit, app_server):
        seen = visit(color_scheme="dark", width=390)
        seen.page.goto(url)
        assert seen.foreign_hosts() == set()
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TIMEOUT_MS = 10_000


def missing(what: str) -> Any:
    """Skip on a user's machine, fail where everything must be there (CI=true)."""
    return (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(what)


@dataclass
class Visit:
    """One browser context with one page, and all that it asked for and complained about.

    Args:
        context: The Playwright context; `context.new_page()` opens another tab of the same person.
        page: Its first page.
        urls: Every http, https, ws and wss URL that any page of the context asked for.
        refused: Those of them that the content security policy kept from leaving.
        console: Errors and warnings on the console, and uncaught exceptions.
        violations: What the content security policy refused, as the console tells it.
        shots: Where `shot` puts pictures.
    """

    context: Any
    page: Any
    shots: Path
    urls: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def hosts(self) -> set[str]:
        """The hosts that a request really went to, without ports."""
        sent = set(self.urls) - set(self.refused)
        return {host for url in sent if (host := urlsplit(url).hostname)}

    def foreign_hosts(self) -> set[str]:
        """The hosts that are not this machine's loopback."""
        return self.hosts() - LOOPBACK

    def shot(self, name: str) -> Path:
        """A full-page picture, to be looked at."""
        path = self.shots / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def watch(self, page: Any) -> None:
        """Listen to a page's requests, sockets and console."""
        page.on("request", lambda request: self._asked(request.url))
        page.on("requestfailed", self._failed)
        page.on("websocket", lambda socket: self._asked(socket.url))
        page.on("console", self._told)
        page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))

    def _asked(self, url: str) -> None:
        if urlsplit(url).scheme in ("http", "https", "ws", "wss"):
            self.urls.append(url)

    def _failed(self, request: Any) -> None:
        if request.failure == "csp":
            self.refused.append(request.url)

    def _told(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            self.violations.append(message.text)
        elif message.type in ("error", "warning"):
            self.console.append(f"{message.type}: {message.text}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium, headless; skips, or fails with CI=true, where a package is missing."""
    if importlib.util.find_spec("playwright") is None:
        missing("the Python package 'playwright' is not installed")
    program = shutil.which("chromium")
    if program is None:
        missing("the system package 'chromium' is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """A factory of visits: `visit(color_scheme="light", width=1280, height=800, **new_context options)`.

    Pictures go to the folder in TUNESET_SHOTS, or to the test's own folder. Contexts are closed at the end.
    """
    opened: list[Any] = []
    shots = Path(os.environ.get("TUNESET_SHOTS", tmp_path / "shots"))

    def start(*, color_scheme: str = "light", width: int = 1280, height: int = 800, **options: Any) -> Visit:
        shots.mkdir(parents=True, exist_ok=True)
        context = chromium.new_context(
            color_scheme=color_scheme, viewport={"width": width, "height": height}, **options
        )
        opened.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        seen = Visit(context, page, shots)
        seen.watch(page)
        context.on("page", seen.watch)
        return seen

    yield start
    for context in opened:
        context.close()
