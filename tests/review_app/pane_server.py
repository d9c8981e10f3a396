"""The pane's demo app as a process of its own, and one person at it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest


@dataclass
class PaneServer:
    """Where the demo app listens, and where it writes what it was sent."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def open(self, seen: Any, items: str, **query: str) -> PaneVisit:
        """Show a set of items in a visit's page, painted and ready."""
        name = uuid.uuid4().hex
        address = urlencode({"set": items, "log": name, **query})
        seen.page.goto(f"http://127.0.0.1:{self.port}/?{address}")
        pane = PaneVisit(seen, seen.page, self.folder / f"{name}.jsonl")
        pane.ready()
        return pane


@dataclass
class PaneVisit:
    """The pane in a page."""

    seen: Any
    page: Any
    log: Path

    def ready(self) -> None:
        """Wait until a key would count."""
        self.page.wait_for_selector(".pane[data-ready]")

    def keys(self, *keys: str) -> None:
        """Press keys one after another, each after its item is painted and its message answered."""
        for key in keys:
            self.page.wait_for_timeout(110)
            self.page.keyboard.press(key)

    def decide(self, *keys: str) -> None:
        """Press keys of which the last decides; wait for what follows."""
        before = len(self.events())
        self.keys(*keys)
        self.wait(before + 1)
        self.page.wait_for_selector(".pane[data-ready], .pane .empty")

    def events(self) -> list[dict[str, Any]]:
        """What Python got so far."""
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def wait(self, number: int, seconds: float = 8.0) -> list[dict[str, Any]]:
        """The events, once there are as many."""
        end = time.monotonic() + seconds
        while len(self.events()) < number and time.monotonic() < end:
            self.page.wait_for_timeout(20)
        events = self.events()
        assert len(events) >= number, events
        return events

    def settle(self, ms: int = 500) -> list[dict[str, Any]]:
        """The events after a time in which nothing more should come."""
        self.page.wait_for_timeout(ms)
        return self.events()

    def text(self, selector: str) -> str:
        """The text of an element as nodes hold it, not as it is drawn."""
        return self.page.locator(selector).first.evaluate("node => node.textContent")


@pytest.fixture(scope="session")
def pane_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaneServer]:
    """The demo app on a free loopback port."""
    folder = tmp_path_factory.mktemp("pane")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = Path(__file__).with_name("pane_app.py")
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
    }
    command = [sys.executable, "-m", "streamlit", "run", str(app)]
    command += [f"--{name}={value}" for name, value in options.items()]
    log = (folder / "server.log").open("wb")
    environment = {**os.environ, "PANE_EVENTS": str(folder)}
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
    try:
        _wait(port, process, folder / "server.log")
        yield PaneServer(port, folder, process)
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"the demo app did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
