"""One person at the app in Chromium: pages, keys, and what the record got."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tuneset.review_app.store import Store

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
NOISE = re.compile(r"/_stcore/(health|host-config)|404 \(Not Found\)")
"""Streamlit looks for its own address below each page's first; the answer 404 is what it expects."""


@dataclass
class AtWork:
    """A person in front of the app."""

    seen: Any
    url: str
    out: Path

    @property
    def page(self) -> Any:
        return self.seen.page

    def enter(self, link: str) -> None:
        """Sign in by a link."""
        self.page.goto(link)
        self.page.wait_for_selector(".pane[data-ready], .pane .empty, h2")

    def go(self, path: str, *, ready: str = ".pane[data-ready], .pane .empty") -> None:
        """Open a page by its address."""
        self.page.goto(f"{self.url}/{path}")
        self.page.wait_for_selector(ready)
        self.still()

    def still(self) -> None:
        """Wait until Streamlit stops working."""
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")

    @property
    def item(self) -> str:
        """Where the shown item comes from."""
        return self.page.locator(".pane .who").first.inner_text()

    def keys(self, *keys: str) -> None:
        """Press keys one after another, as a person does."""
        for key in keys:
            self.page.wait_for_timeout(120)
            self.page.keyboard.press(key)

    def decide(self, *keys: str) -> None:
        """Press keys of which the last sends something; wait until it is in the record and the next is there."""
        before = self.count()
        self.page.wait_for_selector(".pane[data-ready]")
        self.keys(*keys)
        end = time.monotonic() + 8
        while self.count() == before and time.monotonic() < end:
            self.page.wait_for_timeout(20)
        assert self.count() > before, (keys, self.page.locator(".pane").first.inner_text()[:600])
        self.page.wait_for_selector(".pane[data-ready], .pane .empty")

    def count(self) -> int:
        """Events in the record."""
        with Store.reading(self.out / "review.db") as store:
            return store.head()[0]

    def complaints(self) -> list[str]:
        """What the console said, apart from Streamlit's own look for its address."""
        return [line for line in self.seen.console if not NOISE.search(line)]

    def axe(self) -> list[str]:
        """Serious and critical faults of the page."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary'][:200]}"
            for rule in found["violations"]
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]


@pytest.fixture
def at_work(visit: Callable[..., Any]) -> Callable[..., AtWork]:
    """A factory of people at the app: `at_work(served, app, **what visit takes)`."""

    def begin(served: Any, app: Any, **options: Any) -> AtWork:
        return AtWork(visit(**options), served.url, app.out)

    return begin
