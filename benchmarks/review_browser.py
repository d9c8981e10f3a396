"""From the key to the next item on the screen, in Chromium, and what a held key decides.

    python benchmarks/review_browser.py [--rows 200000] [--decisions 60]

The app is started as a user starts it, on a made-up workspace. The clock runs in the page: from the keydown
event to the second frame after another item stands there.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from review_workspace import build
from tuneset.review_app.store import Store

HERE = Path(__file__).resolve().parent
HELD_PRESSES = 60
TIMER = """(() => {
    const root = () => document.querySelector('[data-testid=stBidiComponentIsolated]')?.shadowRoot;
    const who = () => root()?.querySelector('.pane[data-ready] .who')?.innerText;
    window.took = [];
    window.addEventListener('keydown', event => {
        if (event.key !== 'a' || event.repeat) return;
        const started = performance.now(), before = who();
        const look = () => {
            const now = who();
            if (now && now !== before) {
                requestAnimationFrame(() => window.took.push(performance.now() - started));
            } else {
                requestAnimationFrame(look);
            }
        };
        look();
    }, true);
})()"""


def serving() -> ModuleType:
    """How the tests start the app."""
    path = HERE.parent / "tests" / "review_app" / "serving.py"
    spec = importlib.util.spec_from_file_location("serving", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["serving"] = module
    spec.loader.exec_module(module)
    return module


def _approvals(out: Path) -> list[Any]:
    with Store.reading(out / "review.db") as store:
        return [event for event in store.events() if event.action == "approve"]


def key_to_painted(page: Any, decisions: int) -> np.ndarray:
    """Milliseconds from the key to the next item, shape (decisions,)."""
    for done in range(decisions):
        page.wait_for_selector(".pane[data-ready]")
        page.wait_for_timeout(300)
        page.keyboard.press("a")
        page.wait_for_function(f"() => window.took.length === {done + 1}", timeout=15_000)
    return np.array(page.evaluate("() => window.took"))


def held_key(page: Any, out: Path) -> tuple[int, int]:
    """Decisions of a key held for two seconds, and how many of them on items that were never painted."""
    before = len(_approvals(out))
    page.wait_for_selector(".pane[data-ready]")
    for _ in range(HELD_PRESSES):
        page.keyboard.down("a")
        page.wait_for_timeout(33)
    page.keyboard.up("a")
    page.wait_for_timeout(1_000)
    made = _approvals(out)[before:]
    return len(made), sum(event.painted_at is None for event in made)


def measure(out: Path, decisions: int) -> list[str]:
    """Lines to print."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        served = serving().start(out, state=Path(folder), log=Path(folder) / "server.log")
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.add_init_script(TIMER)  # before the page's own listeners
            page.goto(served.link)
            page.wait_for_selector(".pane[data-ready]", timeout=60_000)
            page.wait_for_timeout(10_000)  # the queue fills meanwhile
            took = key_to_painted(page, decisions)
            made, unseen = held_key(page, out)
        finally:
            browser.close()
            served.stop()
    p50, p95 = np.percentile(took, [50, 95])
    return [
        f"key to next item painted: p50 {p50:.0f} ms, p95 {p95:.0f} ms ({decisions} decisions)",
        f"key held for 2 s: {made} decisions, {unseen} on items that were never painted",
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--decisions", type=int, default=60)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = build(Path(folder) / "out", told.rows)
        print(f"{told.rows:,} made-up rows")
        print("\n".join(measure(out, told.decisions)))


if __name__ == "__main__":
    main()
