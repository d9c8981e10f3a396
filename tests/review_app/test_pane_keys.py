"""The pane's keys in a real browser: what decides, what never does."""

from __future__ import annotations

from itertools import pairwise

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def pane(visit, pane_server):
    return lambda items="plain", **query: pane_server.open(visit(), items, **query)


def held(page, key: str, code: str, seconds: float, *, marked: bool = True) -> None:
    """A key held down, as the system repeats it: every 33 ms, marked as a repeat or (some remote desktops) not."""
    session = page.context.new_cdp_session(page)
    event = {"key": key, "code": code, "windowsVirtualKeyCode": ord(key.upper()), "text": key}
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", **event})
    for _ in range(int(seconds / 0.033)):
        page.wait_for_timeout(33)
        if not marked:
            session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", **event, "autoRepeat": marked})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})


def test_keys_work_without_a_click_and_each_does_its_own(pane):
    at = pane()
    at.decide("a")
    at.decide("x", "4")
    at.decide("s")
    at.keys("f")
    at.wait(4)
    at.decide("z")
    told = [(e["kind"], e["action"], e["reason"], e["input"]) for e in at.events()]
    assert told == [
        ("decide", "approve", None, "key"),
        ("decide", "reject", "poor_style", "key"),
        ("skip", None, None, "key"),
        ("flag", None, None, "key"),
        ("undo", None, None, "key"),
    ]
    first = at.events()[0]
    assert first["ticket"] == "ticket-1"
    assert first["content_ids"] == [f"{1:032x}"]
    assert first["painted_at"]
    assert first["dwell_ms"] >= 0


def test_each_decision_names_the_item_that_stood_there(pane):
    at = pane()
    for _ in range(6):
        at.decide("a")
    assert [e["ticket"] for e in at.events()] == [f"ticket-{n}" for n in range(1, 7)]
    assert all(e["ticket"] == f"ticket-{e['at'] + 1}" for e in at.events())


@pytest.mark.parametrize("marked", [True, False])
def test_a_held_key_decides_one_item(pane, marked):
    at = pane()
    held(at.page, "a", "KeyA", 2, marked=marked)
    assert [e["ticket"] for e in at.settle()] == ["ticket-1"]


def test_a_double_press_decides_one_item(pane):
    at = pane()
    at.page.keyboard.press("a")
    at.page.wait_for_timeout(40)
    at.page.keyboard.press("a")
    assert [e["ticket"] for e in at.settle()] == ["ticket-1"]


def test_presses_while_a_message_is_open_decide_nothing(pane):
    at = pane(slow="0.6")
    for key in "axasxa":
        at.page.keyboard.press(key)
        at.page.wait_for_timeout(60)
    assert [(e["ticket"], e["action"]) for e in at.settle(1200)] == [("ticket-1", "approve")]


def test_a_key_that_went_down_before_the_painting_counts_for_nothing(pane):
    at = pane()
    at.page.evaluate(
        """() => {
          const item = document.querySelector('[data-testid="stBidiComponentIsolated"]').shadowRoot.querySelector('.item');
          const press = () => document.body.dispatchEvent(new KeyboardEvent('keydown',
            {key: 's', code: 'KeyS', bubbles: true, composed: true}));
          new MutationObserver(press).observe(item, {childList: true});
        }"""
    )
    at.decide("a")
    assert [e["ticket"] for e in at.settle()] == ["ticket-1"]
    at.decide("s")
    assert [(e["ticket"], e["kind"]) for e in at.settle()] == [("ticket-1", "decide"), ("ticket-2", "skip")]


def test_time_in_a_hidden_tab_is_no_reading_time(pane):
    at = pane()
    hide = """hidden => {
      Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    at.page.evaluate(hide, True)
    at.page.wait_for_timeout(1500)
    at.keys("a")
    assert at.settle(200) == []
    at.page.evaluate(hide, False)
    at.decide("a")
    assert at.events()[0]["dwell_ms"] < 1400


def test_typing_in_a_field_triggers_nothing_and_esc_leaves_it(pane):
    at = pane()
    at.keys("n")
    at.page.keyboard.type("a great axis sex: C, R, 1 2 3 ?hvdwz", delay=15)
    assert at.settle(300) == []
    assert at.text(".progress") == "run 1"
    at.keys("Escape")
    at.decide("a")
    assert at.events()[0]["note"] == "a great axis sex: C, R, 1 2 3 ?hvdwz"
    assert at.page.locator("[data-note]").input_value() == ""


def test_keys_with_modifiers_are_the_browsers(pane):
    at = pane()
    at.keys("Control+a", "Alt+x", "Meta+s", "Control+z", "Shift+a")
    assert at.settle(300) == []


def test_text_being_composed_triggers_nothing(pane):
    at = pane()
    at.page.evaluate(
        """() => {
          for (const more of [{isComposing: true}, {keyCode: 229}])
            document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', code: 'KeyA', bubbles: true, composed: true, ...more}));
        }"""
    )
    assert at.settle(300) == []


def test_a_keyboard_of_another_script_decides_by_the_place_of_the_key(pane):
    at = pane()
    session = at.page.context.new_cdp_session(at.page)
    for kind in ("keyDown", "keyUp"):
        session.send(
            "Input.dispatchKeyEvent",
            {
                "type": kind,
                "key": "\u0444",
                "code": "KeyA",
                "windowsVirtualKeyCode": 65,
                "text": "\u0444" if kind == "keyDown" else "",
            },
        )
    assert at.wait(1)[0]["action"] == "approve"


def test_esc_leaves_the_choice_of_reasons(pane):
    at = pane()
    at.keys("x")
    assert at.page.locator(".panel.reasons [data-reason]").count() == 9
    at.keys("a", "Escape", "3")
    assert at.settle(300) == []
    assert at.page.locator(".panel").count() == 0


def test_a_reason_that_needs_a_sentence_asks_for_it(pane):
    at = pane()
    at.keys("x", "9")
    at.page.keyboard.press("Enter")
    assert at.settle(200) == []
    at.page.keyboard.type("a bad axis")
    at.decide("Enter")
    event = at.events()[0]
    assert (event["action"], event["reason"], event["note"]) == ("reject", "other", "a bad axis")


def test_buttons_do_what_their_keys_do(pane):
    at = pane()
    buttons = at.page.locator(".buttons .act")
    for button in buttons.all():
        key = button.get_attribute("aria-keyshortcuts")
        assert key
        assert key in button.inner_text() or key == "ArrowLeft"
        assert (button.bounding_box() or {})["height"] >= 44
    at.page.locator('[data-action="approve"]').click()
    assert (at.wait(1)[0]["action"], at.events()[0]["input"]) == ("approve", "mouse")


def test_a_held_enter_on_a_button_decides_one_item(pane):
    at = pane()
    at.page.locator('[data-action="approve"]').focus()
    held(at.page, "\r", "Enter", 1)
    events = at.settle()
    assert [e["ticket"] for e in events] == ["ticket-1"]


def test_what_is_not_allowed_has_no_button_and_no_key(pane):
    at = pane("group")
    assert at.page.locator('[data-action="approve"], [data-action="edit"]').count() == 0
    at.keys("e")
    assert at.settle(200) == []


def test_help_lists_the_keys_and_closes_by_key(pane):
    at = pane()
    for opening, closing in (("h", "h"), ("?", "Escape")):
        at.keys(opening)
        sheet = at.page.locator("dialog.help[open]")
        assert "Approve" in sheet.inner_text()
        at.keys("a", closing)
        assert sheet.count() == 0
    assert at.settle(200) == []
    at.decide("a")


def test_left_shows_my_last_decisions_and_opens_one(pane):
    at = pane("rich")
    at.keys("ArrowLeft", "ArrowDown", "Enter")
    assert at.wait(1)[0]["target"] == {"task": "review", "item_id": "abcdef012345:8"}


def test_labels_ratings_and_texts_are_answered_by_digits(pane):
    at = pane("rich")
    at.keys("a")
    assert "Topic is not answered yet" in at.text(".notice")
    assert at.settle(200) == []
    at.keys("2", "1", "3", "l", "5", "l")
    at.page.keyboard.type("More.")
    at.keys("Escape")
    at.decide("a")
    answers = at.events()[0]["answers"]
    assert answers == {
        "labels": {"topic": ["rooms"], "issues": ["tone", "format"]},
        "ratings": {"help": 5},
        "texts": {"fix": "Shorter.More."},
    }


def test_suggestions_count_only_when_taken(pane):
    at = pane("rich")
    at.keys("1")
    at.decide("a")
    assert at.events()[0]["answers"] == {"labels": {"topic": ["loans"]}, "ratings": {}, "texts": {}}
    at = pane("rich")
    assert at.page.locator(".option.suggested").all_inner_texts()
    at.keys("y")
    at.decide("a")
    assert at.events()[0]["answers"] == {
        "labels": {"topic": ["loans"]},
        "ratings": {"help": 4},
        "texts": {"fix": "Shorter."},
    }


def test_a_group_keeps_one_several_all_or_none(pane):
    at = pane("group")
    at.decide("2")
    at.decide("a")
    at.keys("k", "1", "9", "9", "3")
    at.decide("k")
    rows = [[f"abcdef012345:{n}" for n in kept] for kept in ((2,), (1, 2), (1, 3))]
    assert [e["keep"] for e in at.events()] == rows
    at = pane("group")
    at.decide("x")
    assert at.events()[0]["keep"] == []


def test_a_pair_tells_the_outcome_of_the_item_not_of_the_side(pane):
    at = pane("pair")  # the first is swapped: b stands left
    assert "Lyon" in at.text('[data-column="0"]')
    for key in ("a", "b", "a", "e", "x"):
        at.decide(key)
    assert [(e["outcome"], e["left"]) for e in at.events()] == [
        ("b", "b"),
        ("b", "a"),
        ("a", "a"),
        ("tie", "a"),
        ("both_bad", "a"),
    ]


def test_the_winner_of_a_pair_can_be_edited(pane):
    at = pane("pair")
    at.keys("2")
    at.page.keyboard.press("Control+End")
    at.page.keyboard.type(" Yes.")
    at.decide("Control+Enter")
    event = at.events()[0]
    assert (event["outcome"], event["left"]) == ("a", "b")
    assert event["payload"]["messages"][1]["content"] == "Paris is the capital of France. Yes."


def test_adjudication_chooses_a_vote_edits_or_rejects(pane):
    at = pane("adjudicate")
    at.decide("2")
    at.keys("e")
    at.page.keyboard.press("Control+End")
    at.page.keyboard.type("!")
    at.decide("Control+Enter")
    at.decide("x", "1")
    told = [(e["action"], e["choice"], e["content_id"], e["reason"]) for e in at.events()]
    assert told[0] == ("choose", 1, "e" * 32, None)
    assert told[1][0] == "approve"
    assert at.events()[1]["payload"]["messages"][1]["content"] == "Yes, it is open on Sundays.!"
    assert told[2] == ("reject", None, f"{50:032x}", "wrong_answer")


def test_dwell_grows_with_the_time_an_item_stands(pane):
    at = pane()
    for wait in (150, 700):
        at.page.wait_for_timeout(wait)
        at.decide("a")
    dwells = [e["dwell_ms"] for e in at.events()]
    assert all(later > earlier for earlier, later in pairwise(dwells))
