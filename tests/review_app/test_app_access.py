"""Every page in light and dark, wide and narrow: axe-core, the console, and no request to another host."""

import pytest
from tuneset.review_app.app.pane.events import Edit
from tuneset.review_app.app.sitting import Sitting
from tuneset.review_app.office import Office
from tuneset.review_app.people import Person
from tuneset.review_app.policy import Policy

pytestmark = pytest.mark.browser
PAGES = {
    "review": ".pane[data-ready]",
    "groups": ".pane[data-ready]",
    "compare": ".pane[data-ready]",
    "browse": "[data-testid=stDataFrame]",
    "adjudicate": ".pane[data-ready]",
    "progress": "text=Steadiness",
    "guidelines": "text=Version 2",
    "admin": "text=Name of a new person",
    "account": "text=Signed in as",
}


@pytest.fixture
def lived_in(app, say):
    """A workspace in which three people decided, disagreed and wrote guidelines."""
    opened = app.open(ana="reviewer", bob="reviewer", ada="adjudicator")
    owner = Person("root", "admin", owner=True)
    with opened.pool.borrow() as store:
        office = Office(store, owner)
        office.set_policy(Policy(overlap_ratio=1.0))
        office.write_guidelines("# What to approve\n\nAnswers that are *right*.")
        office.write_guidelines("# What to approve\n\nAnswers that are *right* and **kind**.\n\n- no guesses")
    opened.sync()
    opened.wait()
    for name in ("ana", "bob"):
        sitting = Sitting(opened, Person(name, "reviewer"), "review")
        for n in range(1, 13):
            sitting.start(app.ids[n])
            told = {"action": "approve"}
            if n == 3 and name == "ana":
                told["edits"] = (Edit(turn=1, text="Town three, by the sea."),)
            if n % 5 == 0 or (name == "bob" and n == 3):
                told = {"action": "reject", "reason": "wrong_answer" if n % 2 else "poor_style"}
            sitting.take(say(sitting.view(), **told))
    opened.pool.close()
    return app


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_has_no_serious_fault(lived_in, serve, at_work, scheme, width):
    served = serve(lived_in.out)
    me = at_work(served, lived_in, color_scheme=scheme, width=width, bypass_csp=True)
    me.enter(served.link)
    faults = {}
    for page, ready in PAGES.items():
        me.go(page, ready=ready)
        me.page.wait_for_timeout(400)
        me.seen.shot(f"page-{page}-{scheme}-{width}")
        if found := me.axe():
            faults[page] = found
        wide = me.page.evaluate("() => document.scrollingElement.scrollWidth")
        assert wide <= width, f"{page} is {wide} px wide"
    assert faults == {}
    assert me.complaints() == []
    assert me.seen.foreign_hosts() == set()


def test_pages_keep_the_content_security_policy(lived_in, serve, at_work):
    served = serve(lived_in.out)
    me = at_work(served, lived_in)
    me.enter(served.link)
    for page, ready in PAGES.items():
        me.go(page, ready=ready)
    assert me.seen.violations == []
    assert me.seen.foreign_hosts() == set()
    assert me.complaints() == []
