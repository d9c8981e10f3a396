"""Access: axe-core in light and dark, wide and narrow, in each mode; layout at 390 px and at 200 %."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
AXE = Path(__file__).parent / "vendor" / "axe.min.js"

STATES = {
    "review": ("rich", ()),
    "reasons": ("rich", ("x",)),
    "edit": ("rich", ("e",)),
    "rendered": ("rich", ("v", "w", "d")),
    "hidden": ("hidden", ("w",)),
    "group": ("group", ()),
    "pair": ("pair", ()),
    "adjudicate": ("adjudicate", ()),
    "help": ("plain", ("h",)),
    "recent": ("rich", ("ArrowLeft",)),
}


def faults(page) -> list[str]:
    """Serious and critical faults inside the pane, each with the element."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if isinstance(node["target"][0], list)
    ]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("names", [list(STATES)[:5], list(STATES)[5:]], ids=["one row", "others"])
def test_axe_finds_nothing_serious(visit, pane_server, scheme, width, names):
    seen = visit(color_scheme=scheme, width=width, bypass_csp=True)
    for name in names:
        items, keys = STATES[name]
        at = pane_server.open(seen, items)
        at.keys(*keys)
        if name == "edit":
            at.page.keyboard.type("Edited ")
            at.page.wait_for_selector(".changes ins")
        assert faults(at.page) == [], (name, scheme, width)
        seen.shot(f"pane-{name}-{scheme}-{width}")
        at.page.evaluate("() => sessionStorage.clear()")


@pytest.mark.parametrize("items", ["rich", "group", "pair", "adjudicate", "hidden", "long"])
@pytest.mark.parametrize("width", [390, 640])
def test_nothing_overflows_and_the_bar_stays_in_reach(visit, pane_server, items, width):
    seen = visit(width=width, height=844)  # 640 px is 1280 px at 200 %
    at = pane_server.open(seen, items)
    wide = at.page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0
    pane = at.page.locator(".pane").evaluate("node => node.scrollWidth - node.clientWidth")
    assert pane <= 0
    bar = at.page.locator(".dock").bounding_box()
    assert bar["y"] + bar["height"] <= 845
    assert bar["height"] < 844 * 0.3
    for button in at.page.locator(".pane button:visible, .pane summary:visible").all():
        box = button.bounding_box()
        assert box["height"] >= 43.5, button.inner_text()


def test_a_new_item_is_announced_and_has_the_focus(visit, pane_server):
    at = pane_server.open(visit(), "plain")
    live = at.page.locator('.pane > [aria-live="polite"]')
    assert live.inner_text() == "Row faq.jsonl 1, 2 turns"
    at.decide("a")
    assert live.inner_text() == "Row faq.jsonl 2, 2 turns"
    focus = "() => document.activeElement.shadowRoot?.activeElement?.className"
    assert at.page.evaluate(focus) == "item"


def test_motion_is_left_out_where_it_is_not_wanted(visit, pane_server):
    at = pane_server.open(visit(reduced_motion="reduce"), "plain")
    assert at.page.locator('[data-action="approve"]').evaluate(
        "node => getComputedStyle(node).transitionDuration"
    ) in ("0s", "")
