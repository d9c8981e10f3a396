"""The pages themselves, run without a browser: what each role is offered, and what the forms do."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tuneset.review_app.app import shell
from tuneset.review_app.app.frame import Frame, literal
from tuneset.review_app.app.guide_diff import marked, word_diff
from tuneset.review_app.app.opened import opened
from tuneset.review_app.app.pages.adjudicate import adjudicate_page
from tuneset.review_app.app.pages.admin import admin_page
from tuneset.review_app.app.pages.browse import browse_page
from tuneset.review_app.app.pages.guidelines import guidelines_page
from tuneset.review_app.app.pages.progress import progress_page
from tuneset.review_app.app.place import Place, use
from tuneset.review_app.app.safe_markdown import safe_markdown
from tuneset.review_app.guidelines import versions
from tuneset.review_app.people import Person, add_person, person_of_token
from tuneset.review_app.policy import read_policy
from tuneset.review_app.store import Draft, Store
from tuneset.review_app.store_pool import StorePool
from tuneset.schemas.workspace import Workspace

SCRIPT = Path(shell.__file__).parents[1] / "web" / "main.py"
TEAM = {"vic": "viewer", "ana": "reviewer", "ada": "adjudicator", "root": "admin"}
QUEUES = ["review", "groups", "compare"]
PAGES = {
    "viewer": ["browse", "progress", "guidelines", "account"],
    "reviewer": [*QUEUES, "browse", "progress", "guidelines", "account"],
    "adjudicator": [*QUEUES, "browse", "adjudicate", "progress", "guidelines", "account"],
    "admin": [*QUEUES, "browse", "adjudicate", "progress", "guidelines", "admin", "account"],
}


def page_source(page, frame):
    page(frame)


@pytest.fixture
def place(app):
    """The workspace as the server names it, with a team in its record."""
    record = app.out / "review.db"
    with Store.open(record) as store:
        for name, role in TEAM.items():
            add_person(store, name, role, by="root")
    pool = StorePool(record)
    named = Place(Workspace.at(app.out), record, pool)
    use(named)
    yield named
    opened().wait()
    pool.close()


@pytest.fixture
def show(place):
    """One page as someone sees it: `show(browse_page, "ana")`."""

    def start(page, name):
        use(place)
        opened().wait()
        frame = Frame(opened(), Person(name, TEAM[name]))
        found = AppTest.from_function(page_source, kwargs={"page": page, "frame": frame}, default_timeout=20)
        return found.run()

    return start


def button(found, label):
    return next(b for b in found.button if b.label == label)


def texts(found):
    return "\n".join(
        e.value for e in [*found.text, *found.markdown, *found.info, *found.success, *found.error]
    )


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("name", list(TEAM))
def test_a_role_is_offered_its_pages(monkeypatch, name):
    monkeypatch.setattr(shell, "signed_in", lambda _store: Person(name, TEAM[name]))
    found = AppTest.from_file(str(SCRIPT), default_timeout=20).run()
    assert not found.exception
    assert list(found.session_state["pages"]) == PAGES[TEAM[name]]


@pytest.mark.usefixtures("place")
def test_nobody_gets_in_without_a_name():
    found = AppTest.from_file(str(SCRIPT), default_timeout=20).run()
    assert not found.exception
    assert "may not enter" in texts(found)
    assert "What to do" in texts(found)


@pytest.mark.parametrize("page", [browse_page, adjudicate_page, progress_page, guidelines_page, admin_page])
def test_a_page_opens_on_an_empty_record(show, page):
    found = show(page, "root")
    assert not found.exception
    assert not found.error


def test_bulk_is_offered_to_adjudicators_alone(show):
    assert not [b for b in show(browse_page, "ana").button if "Approve" in b.label]
    assert button(show(browse_page, "ada"), "Approve all 27 rows found")


def test_browse_tells_a_wrong_rule_in_three_parts(show):
    found = show(browse_page, "ana")
    found.text_input(key="b_rule").set_value("qualty > 1").run()
    assert not found.exception
    assert "Unknown field" in found.error[0].value
    assert "What to do" in found.error[0].value


def test_browse_filters_and_says_when_nothing_fits(show):
    found = show(browse_page, "ana")
    found.text_input(key="b_words").set_value("earth").run()
    assert "2 rows of 27" in texts(found)
    found.text_input(key="b_words").set_value("no such words").run()
    assert "No row fits" in texts(found)


def test_guidelines_are_written_by_adjudicators_and_compared(show, app):
    found = show(guidelines_page, "ada")
    assert "There are no guidelines yet" in texts(found)
    found.text_area(key="guide_text").set_value("Approve what is right.")
    button(found, "Publish this version").click().run()
    found = show(guidelines_page, "ada")
    found.text_area(key="guide_text").set_value("Approve what is right and kind.")
    button(found, "Publish this version").click().run()
    with Store.reading(app.out / "review.db") as store:
        assert [v.version for v in versions(store)] == [2, 1]
    found = show(guidelines_page, "ana")
    assert not found.text_area
    assert "Version 2, by ada" in texts(found)
    assert found.code[0].value == "Approve what is right{+ and kind+}."


def test_an_admin_adds_a_person_whose_link_is_shown_once(show, app):
    found = show(admin_page, "root")
    found.text_input(key="add_name").set_value("eve")
    button(found, "Add").click().run()
    links = [c.value for c in found.code if "?token=" in c.value]
    assert len(links) == 1
    with Store.reading(app.out / "review.db") as store:
        assert person_of_token(store, links[0].partition("?token=")[2]).name == "eve"
    found.run()
    assert not [c.value for c in found.code if "?token=" in c.value]


def test_a_name_that_is_taken_is_told(show):
    found = show(admin_page, "root")
    found.text_input(key="add_name").set_value("ana")
    button(found, "Add").click().run()
    assert "There is a user" in found.error[0].value


def test_an_admin_changes_the_policy(show, app):
    found = show(admin_page, "root")
    found.selectbox(key="policy_order").set_value("fifo")
    button(found, "Save the policy").click().run()
    assert not found.exception
    with Store.reading(app.out / "review.db") as store:
        assert read_policy(store).order == "fifo"


def test_the_record_is_checked_and_a_version_frozen(show, app):
    with Store.open(app.out / "review.db") as store:
        store.append_many([Draft("approve", app.ids[n], app.contents[n]) for n in (1, 2)], actor="ana")
    found = show(admin_page, "root")
    button(found, "Check the whole record").click().run()
    assert "The record holds" in texts(found)
    button(found, "Freeze the approved rows").click().run()
    assert not found.exception
    assert "Froze v1: 2 rows." in texts(found)
    assert (app.out / "versions" / "v1" / "manifest.json").is_file()


def test_a_reviewer_sees_their_own_figures_alone(show, app):
    with Store.open(app.out / "review.db") as store:
        for name in ("ana", "ada"):
            told = [
                Draft("approve", app.ids[n], app.contents[n], painted_at="x", dwell_ms=900) for n in (1, 2)
            ]
            store.append_many(told, actor=name)
    people = {
        name: show(progress_page, name).dataframe[0].value["person"].tolist() for name in ("ana", "ada")
    }
    assert people == {"ana": ["ana"], "ada": ["ada", "ana", "everyone"]}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a b", "a c", [("same", "a "), ("out", "b"), ("in", "c")]),
        ("", "new", [("in", "new")]),
        ("same", "same", [("same", "same")]),
    ],
)
def test_word_diff(old, new, expected):
    assert word_diff(old, new) == expected


def test_a_diff_holds_both_texts():
    old, new = "Approve it.\nNever guess!", "Approve it, if right.\nGuess never!"
    runs = word_diff(old, new)
    assert "".join(t for kind, t in runs if kind != "in") == old
    assert "".join(t for kind, t in runs if kind != "out") == new
    assert marked("a b", "a c") == "a [-b-]{+c+}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![pixel](http://out.example/p.png)", "[picture: pixel]"),
        ("![](http://out.example/p.png 'x')", "[picture: http://out.example/p.png]"),
        ("![ref][1]", "[picture: ref]"),
        ("![ref]\n\n[ref]: http://out.example/p.png", "!\\[ref]\n\n[ref]: http://out.example/p.png"),
        ("costs $5 or $6", "costs \\$5 or \\$6"),
        ("# One\n## Two\n#no", "### One\n#### Two\n#no"),
        ("```\n# code\n```", "```\n# code\n```"),
        (":red[no]", "\\:red[no]"),
        (":material/check:", "\\:material/check:"),
        ("`![a](b)` $1", "`![a](b)` \\$1"),
        ("**bold** and [a link](https://example.org)", "**bold** and [a link](https://example.org)"),
    ],
)
def test_markdown_of_reviewers_fetches_nothing(text, expected):
    assert safe_markdown(text) == expected


def test_a_literal_text_is_no_markup():
    assert literal("![a](b) $x$ :red[c] <b>") == (r"\!\[a\]\(b\) \$x\$ \:red\[c\] \<b\>")
