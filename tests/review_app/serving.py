"""The review app started as a user starts it: `tuneset review OUT` in a process of its own.

A test names the fixture `serve` (a factory): `served = serve(out)`, then `visit().page.goto(served.link)`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

START_SECONDS = 60


@dataclass
class Served:
    """A running app.

    Args:
        url: Where people go.
        port: Where it listens on 127.0.0.1.
        link: Signs the owner in; None where users exist and others may come.
        process: Its process.
        log: What it wrote to stderr.
    """

    url: str
    port: int
    link: str | None
    process: subprocess.Popen[str]
    log: Path

    def stop(self, number: int = signal.SIGINT) -> int:
        """End it with a signal; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)


def start(out: Path, *options: str, state: Path, log: Path, **environment: str) -> Served:
    """Start the app on a free port and wait until it answers."""
    command = [sys.executable, "-m", "tuneset.cli.main", "review", str(out), "--json", "--no-browser"]
    if "--port" not in options:
        command += ["--port", "0"]
    env = {**os.environ, "XDG_STATE_HOME": str(state), **environment}
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=stderr, text=True, env=env, cwd=log.parent
        )
    try:
        return _answering(process, log)
    except BaseException:
        process.kill()
        process.wait(timeout=30)
        raise


def _answering(process: subprocess.Popen[str], log: Path) -> Served:
    assert process.stdout is not None
    told = json.loads(process.stdout.readline() or "{}")
    if "url" not in told:
        raise AssertionError(f"the app did not start: {told} {log.read_text()}")
    served = Served(told["url"], told["port"], told["link"], process, log)
    _wait(served)
    return served


def _wait(served: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and served.process.poll() is None:
        try:
            with urlopen(Request(f"http://127.0.0.1:{served.port}/sign-out"), timeout=5):
                return
        except OSError as error:
            if getattr(error, "code", None) in (401, 403):
                return
            time.sleep(0.1)
    raise AssertionError(f"the app does not answer: {served.log.read_text()}")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """A factory of running apps: `serve(out, *options, **environment)`; they end with the test."""
    running: list[Served] = []

    def begin(out: Path, *options: str, **environment: str) -> Served:
        served = start(
            out,
            *options,
            state=tmp_path / "state",
            log=tmp_path / f"server-{len(running)}.log",
            **environment,
        )
        running.append(served)
        return served

    yield begin
    for served in running:
        if served.process.poll() is None:
            served.process.kill()
        served.process.wait(timeout=30)
        if served.process.stdout is not None:
            served.process.stdout.close()
