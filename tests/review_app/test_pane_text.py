"""What is shown is what is trained: hidden characters, directions, rendered text, and a hostile corpus."""

from __future__ import annotations

import unicodedata

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def pane(visit, pane_server):
    return lambda items="plain", **query: pane_server.open(visit(), items, **query)


ANSWER = '[data-turn="1"] .text'
UNITS = "node => Array.from(node.textContent, (_, i) => 0) && [...Array(node.textContent.length)].map((_, i) => node.textContent.charCodeAt(i))"


def units(text: str) -> list[int]:
    data = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]


def test_every_hidden_character_has_a_token_and_the_text_stays_exact(pane):
    at = pane("hidden")
    views = [row.messages[1]["content"] for view in _sets()["hidden"]() for row in view.rows]
    assert len(views) == 7
    for n, text in enumerate(views):
        assert at.page.locator(ANSWER).first.evaluate(UNITS) == units(text)
        marked = "".join(
            at.page.locator(f"{ANSWER} .tok .real").evaluate_all(
                "all => all.map(node => node.textContent).join('')"
            )
        )
        expected = "".join(c for c in text if _unseen(c))
        if n != 5:  # halves of characters do not travel through the driver
            assert marked == expected
        for token in at.page.locator(f"{ANSWER} .tok").all():
            name = token.evaluate("node => getComputedStyle(node, '::before').content")
            assert len(name.strip('"')) > 1, token.get_attribute("title")
            assert (token.get_attribute("title") or "").startswith(("U+", "picture", "2 tag"))
            assert (token.bounding_box() or {})["width"] > 8
        at.decide("a")


def _unseen(char: str) -> bool:
    """By the Unicode tables of Python, not of the browser."""
    fillers = "\u115f\u1160\u3164\uffa0\u2800\u034f\ufffc"
    return (
        (unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp") and char not in " \n\t")
        or char in fillers
        or "\ufe00" <= char <= "\ufe0f"
        or "\U000e0100" <= char <= "\U000e01ef"
    )


def _sets():
    import sys

    return sys.modules["tuneset_test_pane_items"].SETS


@pytest.fixture(autouse=True, scope="module")
def _items():
    import importlib.util
    import sys
    from pathlib import Path

    spec = importlib.util.spec_from_file_location(
        "tuneset_test_pane_items", Path(__file__).with_name("pane_items.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["tuneset_test_pane_items"] = module
    spec.loader.exec_module(module)


def test_a_bidi_control_moves_nothing_around_it(pane):
    at = pane("hidden")
    order = at.page.locator(ANSWER).first.evaluate(
        """node => {
          const seen = [];
          const walk = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const text = walk.currentNode;
            if (text.parentElement.className === 'real') continue;
            for (let i = 0; i < text.length; i += 1) {
              const range = document.createRange();
              range.setStart(text, i);
              range.setEnd(text, i + 1);
              const box = range.getBoundingClientRect();
              if (box.width) seen.push([text.data[i], Math.round(box.top / 8), box.left]);
            }
          }
          return seen.sort((a, b) => a[1] - b[1] || a[2] - b[2]).map(one => one[0]).join('');
        }"""
    )
    assert order.replace(" ", "") == "bidiabcdefghijkl"


def test_copying_gives_the_real_text(pane):
    at = pane("hidden")
    at.decide("a")
    copied = at.page.locator(ANSWER).first.evaluate(
        """node => {
          const selection = node.getRootNode().getSelection?.() ?? getSelection();
          selection.selectAllChildren(node);
          return selection.toString();
        }"""
    )
    assert copied == "zero \u200ba\u200cb\u200dc\u2060d\ufeffe\u180ef\u00adg"


def test_spaces_and_line_ends_show_on_demand(pane):
    at = pane("exact")
    assert at.page.locator(".end, .trail").count() == 0
    at.keys("w")
    ends = at.page.locator(f"{ANSWER} .end").evaluate_all("all => all.map(node => node.dataset.name)")
    assert ends == ["CRLF", "CRLF", "CRLF"]
    trails = at.page.locator(f"{ANSWER} .trail").evaluate_all("all => all.map(node => node.textContent)")
    assert trails == ["  ", "  "]
    assert at.page.locator(f"{ANSWER} .tab").count() == 1
    assert at.page.locator(ANSWER).first.evaluate("node => node.textContent") == (
        "Grüße 😀 \u200bzero\u00a0space  \r\nsecond line\t\r\n\r\nlast  "
    )


def test_right_to_left_turns_read_rightly_and_code_stays_left_to_right(pane):
    at = pane("rtl")
    direction = "node => getComputedStyle(node).direction"
    for turn in (0, 1):
        assert at.page.locator(f'[data-turn="{turn}"] .text').evaluate(direction) == "rtl"
    assert at.page.locator(f"{ANSWER} .fence").evaluate(direction) == "ltr"
    at.keys("v")
    assert at.page.locator(f"{ANSWER} pre").evaluate(direction) == "ltr"
    directions = at.page.locator(f"{ANSWER} p").evaluate_all(
        "all => all.map(node => getComputedStyle(node).direction)"
    )
    assert directions == ["rtl", "ltr"]


def test_roles_tools_calls_reasoning_and_training_are_told(pane):
    at = pane("rich")
    names = at.page.locator(".turn").evaluate_all("all => all.map(node => node.getAttribute('aria-label'))")
    assert names == [
        "system, turn 1",
        "user, turn 2",
        "assistant, turn 3, not trained",
        "tool, turn 4",
        "assistant, turn 5, trained",
    ]
    assert at.page.locator('[data-turn="0"] details').get_attribute("open") is None
    at.page.locator('[data-turn="0"] summary').click()
    assert at.text('[data-turn="0"] .text').startswith("You are the help desk")
    at.page.locator(".tools summary").click()
    assert "12345678901234567890" in at.text(".tools .text")
    assert "find_loan" in at.text('[data-turn="2"] .call')
    assert "The user asks" in at.text('[data-turn="2"]')
    assert (
        at.page.locator("a").evaluate_all("all => all.filter(a => a.getRootNode() !== document).length") == 0
    )


def test_the_rendered_view_draws_a_safe_part_of_markdown(pane):
    at = pane("rich")
    raw = at.text('[data-turn="4"] .text')
    assert raw.startswith("You borrowed **Dune**.")
    at.keys("v")
    box = at.page.locator('[data-turn="4"] .text.rendered')
    assert box.locator("strong").inner_text() == "Dune"
    assert box.locator("li").all_inner_texts()[1] == "can be renewed once"
    assert box.locator("pre code").inner_text() == "print('hello')"
    assert "[image: cover → tracker.example]" in box.inner_text()
    assert "⟨evil.example⟩" in at.page.locator('[data-turn="1"] .text').inner_text()
    assert box.locator(".tok").count() == 1
    at.keys("v")
    assert at.text('[data-turn="4"] .text') == raw


def test_differences_from_before_show_on_demand(pane):
    at = pane("rich")
    assert at.page.locator("ins, del").count() == 0
    at.keys("d")
    assert "2" in at.page.locator("del").all_inner_texts()[-1] or at.page.locator("del").count()
    at.keys("d")
    assert at.page.locator("ins, del").count() == 0


def test_a_group_marks_differences_from_its_first_row(pane):
    at = pane("group")
    assert at.page.locator('[data-column="0"] ins, [data-column="0"] del').count() == 0
    gone = at.page.locator('[data-column="1"] del').evaluate_all("all => all.map(node => node.textContent)")
    come = at.page.locator('[data-column="1"] ins').evaluate_all("all => all.map(node => node.textContent)")
    assert (gone, come) == (["red", "let go"], ["green", "release it"])
    assert at.text(".shared").count("How do I reset the router?") == 1


def test_a_very_long_text_is_cut_on_the_screen_with_a_way_to_all_of_it(pane):
    at = pane("long")
    at.decide("a")
    more = at.page.locator(".more")
    assert "Show the other" in more.inner_text()
    more.click()
    assert at.text(ANSWER).endswith("Sentence 1249 of a long text that goes on. ")


@pytest.mark.parametrize("start", range(0, 60, 12))
def test_the_hostile_corpus_asks_for_nothing_and_runs_nothing(pane, start):
    at = pane("hostile", start=str(start))
    check = """() => window.__ran_flag === undefined && ({}).polluted === undefined && document.title === 'Pane'"""
    for n in range(start, start + 12):
        assert at.page.evaluate(check), n
        at.page.evaluate(
            """() => document.querySelector('[data-testid="stBidiComponentIsolated"]').shadowRoot
              .querySelectorAll('details').forEach(one => { one.open = true; })"""
        )
        at.keys("v")
        assert at.page.locator(".rendered").count() > 0
        foreign = at.page.locator(".item").evaluate(
            """node => [...node.querySelectorAll('*')].filter(one =>
              /^(a|img|svg|iframe|script|style|link|video|audio|form|object|embed|base|meta|input|select)$/i.test(one.localName)
              || [...one.attributes].some(a => /^(on|src|href|style)/.test(a.name))).map(one => one.outerHTML.slice(0, 80))"""
        )
        assert foreign == [], n
        wide = at.page.evaluate(
            "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        assert not wide, n
        at.keys("v")
        at.decide("a")
    assert at.page.evaluate(check)
    assert at.seen.foreign_hosts() == set()
    assert at.seen.violations == []
    assert [line for line in at.seen.console if "uncaught" in line] == []
