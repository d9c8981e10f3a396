"""Editing in the pane: exactly the typed characters are approved, and nothing typed is lost."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def pane(visit, pane_server):
    return lambda items="plain", **query: pane_server.open(visit(), items, **query)


def answer(event):
    return event["payload"]["messages"][1]["content"]


def test_ctrl_enter_approves_exactly_the_characters(pane):
    at = pane("exact")
    at.keys("e")
    at.page.keyboard.press("Control+End")
    at.page.keyboard.type("né 😀 \u00a0x  ")
    at.decide("Control+Enter")
    at.keys("e")
    at.page.keyboard.press("Control+Home")
    at.page.keyboard.type("New")
    at.page.keyboard.press("Enter")
    at.decide("Control+Enter")
    first, second = at.events()
    kept = "Grüße 😀 \u200bzero\u00a0space  \r\nsecond line\t\r\n\r\nlast  "
    assert (first["kind"], first["action"]) == ("decide", "approve")
    assert answer(first) == kept + "né 😀 \u00a0x  "
    # The first line stays with CRLF, as most do; the others keep theirs.
    assert answer(second) in ("New\r\nmixed\r\nends\nhere\rand there", "New\nmixed\r\nends\nhere\rand there")
    assert first["content_id"] == f"{1:032x}"


def test_an_unchanged_edit_approves_the_original(pane):
    at = pane("exact")
    at.keys("e")
    at.page.keyboard.type("a")
    at.page.keyboard.press("Backspace")
    at.decide("Control+Enter")
    assert (at.events()[0]["action"], at.events()[0]["edits"]) == ("approve", [])


def test_half_a_character_is_refused_in_words(pane):
    at = pane("exact")
    at.decide("a")
    at.decide("a")
    at.keys("e")
    at.page.keyboard.type("b")
    at.page.keyboard.press("Control+Enter")
    assert "refused" in at.wait(3)[2]
    at.page.wait_for_selector(".notice.warn")
    assert at.page.locator("textarea[data-path]").first.input_value().startswith("Keep")
    assert at.page.locator(".editor").count() == 1


def test_esc_leaves_the_field_then_the_edit_and_keeps_the_draft(pane):
    at = pane()
    at.keys("e")
    at.page.keyboard.type("Draft a x s. ")
    at.keys("Escape")
    assert at.page.locator(".editor").count() == 1
    at.keys("a", "x", "3")
    assert "unsaved edit" in at.text(".notice")
    at.keys("Escape")
    assert at.page.locator(".editor").count() == 0
    assert at.events() == []
    at.page.reload()
    at.ready()
    assert "unsaved edit" in at.text(".draft")
    at.keys("e")
    at.decide("Control+Enter")
    assert answer(at.events()[0]) == "Draft a x s. Item 1 is a thing. It has a number."
    at.decide("z")
    assert at.page.locator(".draft:visible").count() == 0


def test_a_lost_lease_keeps_the_draft(pane):
    at = pane(deny="decide")
    at.keys("e")
    at.page.keyboard.type("Mine. ")
    at.page.keyboard.press("Control+Enter")
    at.wait(1)
    at.page.wait_for_selector(".notice.warn")
    assert "bob" in at.text(".notice")
    assert at.page.locator('textarea[data-path="messages.1.content"]').input_value().startswith("Mine. ")
    at.page.reload()
    at.ready()
    at.keys("e")
    assert at.page.locator('textarea[data-path="messages.1.content"]').input_value().startswith("Mine. ")


def test_a_draft_can_be_thrown_away(pane):
    at = pane()
    at.keys("e")
    at.page.keyboard.type("Bad. ")
    at.page.locator('[data-action="discard"]').click()
    assert at.page.locator(".editor, .draft:visible").count() == 0
    at.decide("a")
    assert at.events()[0]["edits"] == []


def test_the_difference_is_live_and_says_it_without_colour(pane):
    from playwright.sync_api import expect

    at = pane()
    at.keys("e")
    at.page.keyboard.press("Control+End")
    for _ in range(7):
        at.page.keyboard.press("Backspace")
    at.page.keyboard.type("name.")
    expect(at.page.locator(".changes del")).to_have_text("number")
    expect(at.page.locator(".changes ins")).to_have_text("name")
    style = "node => getComputedStyle(node).textDecorationLine"
    assert at.page.locator(".changes del").evaluate(style) == "line-through"
    assert at.page.locator(".changes ins").evaluate(style) == "underline"


def test_every_turn_can_be_edited_and_arguments_must_be_json(pane):
    at = pane("rich")
    at.keys("1", "e")
    assert (
        at.page.evaluate("() => document.activeElement.shadowRoot.activeElement.dataset.path")
        == "messages.4.content"
    )
    paths = at.page.locator("textarea[data-path]").evaluate_all("all => all.map(area => area.dataset.path)")
    assert paths == [
        "messages.0.content",
        "messages.1.content",
        "messages.2.reasoning_content",
        "messages.2.arguments.0",
        "messages.3.content",
        "messages.4.content",
    ]
    area = at.page.locator('[data-path="messages.2.arguments.0"]')
    area.fill('{"user": ')
    at.keys("Control+Enter")
    assert "JSON" in at.text(".notice")
    assert at.settle(200) == []
    area.fill('{"user":  8}')
    at.decide("Control+Enter")
    message = at.events()[0]["payload"]["messages"][2]
    assert message["tool_calls"][0]["function"]["arguments"] == '{"user":  8}'
    assert message["weight"] == 0
    assert at.events()[0]["payload"]["tools"][0]["function"]["parameters"]["n"] == 12345678901234567890


def test_a_long_text_is_edited_without_lag(pane):
    at = pane("long")
    at.keys("e")
    at.page.keyboard.press("Control+End")
    slowest = at.page.evaluate(
        """async () => {
          const area = document.activeElement.shadowRoot.activeElement;
          let slowest = 0;
          for (let i = 0; i < 10; i += 1) {
            area.setRangeText('x', 25000 + i, 25001 + i);
            const start = performance.now();
            area.dispatchEvent(new Event('input'));
            slowest = Math.max(slowest, performance.now() - start);
            await new Promise(done => setTimeout(done, 80));
          }
          return slowest;
        }"""
    )
    assert slowest < 1000  # a keystroke that computed the whole difference would take seconds
    at.page.wait_for_selector(".changes del")
    assert "the same" in at.text(".changes .same")
    at.decide("Control+Enter")
    assert len(answer(at.events()[0])) > 49_000


def test_right_to_left_texts_are_edited_right_to_left(pane):
    at = pane("rtl")
    at.keys("e")
    area = at.page.locator('textarea[data-path="messages.1.content"]')
    assert area.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert (
        at.page.evaluate("() => document.activeElement.shadowRoot.activeElement.dataset.path")
        == "messages.1.content"
    )
    at.page.keyboard.type("שלום ")
    at.decide("Control+Enter")
    assert answer(at.events()[0]).startswith("שלום \u0645\u0631")


def test_a_note_is_saved_on_its_own_by_ctrl_enter(pane):
    at = pane()
    at.keys("n")
    at.page.keyboard.type("Look again")
    at.keys("Control+Enter")
    event = at.wait(1)[0]
    assert (event["kind"], event["note"], event["row_id"]) == ("note", "Look again", "abcdef012345:1")
    at.page.wait_for_function(
        "() => !document.querySelector('[data-testid=\"stBidiComponentIsolated\"]').shadowRoot.querySelector('[data-note]').value"
    )
    at.keys("Escape")
    at.decide("a")
    assert at.events()[1]["note"] is None


@pytest.mark.slow
def test_a_silent_server_is_told_and_the_same_event_is_sent_again(pane):
    at = pane(slow="5.6")
    at.page.keyboard.press("a")
    at.page.wait_for_selector("[data-again]")
    assert "No answer" in at.text(".state")
    at.page.locator("[data-again]").click()
    events = at.wait(1, seconds=16)
    at.page.wait_for_timeout(6000)
    told = [e for e in at.events() if "refused" not in e]
    assert [e["ticket"] for e in told] == ["ticket-1"]
    assert all(e.get("stale") for e in at.events()[1:])
    assert events[0]["nonce"]
