"""Items for the pane's tests: sets by name, each a function that gives views in order."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tuneset.review_app.app.pane.contract import (
    Chip,
    FreeText,
    LabelSet,
    Last,
    Notice,
    PaneRow,
    PaneView,
    Rating,
    Reason,
    Recent,
    Vote,
)

_spec = importlib.util.spec_from_file_location("tuneset_test_hostile", Path(__file__).with_name("hostile.py"))
assert _spec is not None
assert _spec.loader is not None
hostile_rows = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hostile_rows)

REASONS = tuple(
    Reason(code=code, text=text, wants_note=code == "other")
    for code, text in (
        ("wrong_answer", "Wrong answer"),
        ("unsafe", "Unsafe"),
        ("duplicate", "Duplicate"),
        ("poor_style", "Poor style"),
        ("off_topic", "Off topic"),
        ("personal_data", "Personal data"),
        ("truncated", "Truncated"),
        ("wrong_format", "Wrong format"),
        ("other", "Other"),
    )
)
COMMON = ("skip", "flag", "note", "undo", "open", "renew")


def row(number: int, prompt: str, answer: str, **members: Any) -> PaneRow:
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    given = {
        "row_id": f"abcdef012345:{number}",
        "content_id": f"{number:032x}",
        "source": f"faq.jsonl {number}",
    }
    return PaneRow(**{**given, "messages": messages, **members})


def review(number: int, shown: PaneRow, **members: Any) -> PaneView:
    return PaneView(
        ticket=f"ticket-{number}",
        item_id=shown.row_id,
        rows=(shown,),
        allowed=("approve", "reject", "edit", *COMMON),
        reasons=REASONS,
        **members,
    )


def plain() -> list[PaneView]:
    return [
        review(n, row(n, f"What is item {n}?", f"Item {n} is a thing. It has a number.", tokens="24 tokens"))
        for n in range(1, 41)
    ]


def rich() -> list[PaneView]:
    messages = [
        {"role": "system", "content": "You are the help desk of a library. " * 40},
        {"role": "user", "content": "Where is my book?\u200b See [this](http://evil.example/x)"},
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "The user asks for a loan. I look it up.",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "find_loan", "arguments": '{"user": 7}'},
                }
            ],
            "weight": 0,
        },
        {"role": "tool", "tool_call_id": "call_1", "content": '{"title": "Dune", "due": "2026-12-01"}'},
        {
            "role": "assistant",
            "content": "You borrowed **Dune**.\n\n- due on 1\u00a0December\n- can be renewed once\n\n"
            "```python\nprint('hello')\n```\n\n![cover](http://tracker.example/c.png)   \n",
        },
    ]
    tools = [
        {"type": "function", "function": {"name": "find_loan", "parameters": {"n": 12345678901234567890}}}
    ]
    shown = row(
        120,
        "",
        "",
        messages=messages,
        tools=tools,
        tokens="312 tokens",
        chips=(
            Chip(text="schema", kind="ok"),
            Chip(text="no personal data", kind="ok"),
            Chip(text="address in the answer", kind="warn", detail="tracker.example"),
        ),
        history=("imported from faq.jsonl", "edited by bob"),
        before=[*messages[:4], {"role": "assistant", "content": "You borrowed Dune. Due on 2 December."}],
    )
    first = review(
        1,
        shown,
        why="near the limit: quality 0.51; a rare topic",
        progress="214 of 1,200 done · 41 an hour · median 11 s",
        lease_left_s=272.0,
        scores_hidden=True,
        label_sets=(
            LabelSet(
                name="topic",
                title="Topic",
                labels=("loans", "rooms", "events"),
                required=True,
                suggested=("loans",),
                suggested_by="topic model",
            ),
            LabelSet(name="issues", title="Issues", labels=("tone", "facts", "format"), many=True),
        ),
        ratings=(
            Rating(name="help", title="Helpfulness", low_text="useless", high_text="perfect", suggested=4),
        ),
        texts=(FreeText(name="fix", title="What to change", suggested="Shorter."),),
        recent=(
            Recent(task="review", item_id="abcdef012345:9", text="Approved faq.jsonl 9"),
            Recent(task="review", item_id="abcdef012345:8", text="Rejected faq.jsonl 8 · Unsafe"),
        ),
    )
    return [first, *plain()]


def group(size: int = 3) -> PaneView:
    answers = [
        "Press the red button for three seconds, then let go.",
        "Press the green button for three seconds, then release it.",
        "Press the red button for three seconds, then let go. Thank you!",
        *[f"Press button {n}." for n in range(4, 10)],
    ]
    rows = tuple(
        row(
            n,
            "How do I reset the router?",
            text,
            tokens=f"{20 + n} tokens",
            chips=(Chip(text=f"similarity 0.9{n}"),),
        )
        for n, text in enumerate(answers[:size], 1)
    )
    return PaneView(
        mode="group",
        title="Near-duplicates",
        ticket=f"group-{size}",
        item_id=f"group-{size}",
        rows=rows,
        allowed=("keep", *COMMON),
        why="three answers to one question",
    )


def pair(number: int = 1, *, swapped: bool = False) -> PaneView:
    sides = ("b", "a") if swapped else ("a", "b")
    answers = {"a": "Paris is the capital of France.", "b": "The capital is Lyon, I think."}
    rows = tuple(
        row(number * 10 + i, "What is the capital of France?", answers[side], side=side)
        for i, side in enumerate(sides)
    )
    return PaneView(
        mode="pair",
        title="Compare",
        ticket=f"pair-{number}",
        item_id=f"pair-{number}",
        rows=rows,
        allowed=("prefer", "edit", *COMMON),
    )


def adjudicate(number: int = 1) -> PaneView:
    base = row(50, "Is the shop open on Sunday?", "Yes, it is open on Sundays.")
    edited = row(50, "Is the shop open on Sunday?", "Yes, from 10 to 16.", content_id="e" * 32)
    return PaneView(
        mode="adjudicate",
        title="Adjudicate",
        ticket=f"adj-{number}",
        item_id=base.row_id,
        rows=(
            dataclasses.replace(base, vote=Vote(who="Reviewer 1", action="approve")),
            dataclasses.replace(edited, vote=Vote(who="Reviewer 2", action="approve", note="Hours added")),
            dataclasses.replace(
                base,
                content_id="f" * 32,
                vote=Vote(who="Reviewer 3", action="reject", reason="wrong_answer", note="Closed on Sundays"),
            ),
        ),
        allowed=("approve", "reject", "choose", "edit", *COMMON),
        reasons=REASONS,
    )


EXACT = (
    "Gr\u00fc\u00dfe \U0001f600 \u200bzero\u00a0space  \r\nsecond line\t\r\n\r\nlast  ",
    "mixed\r\nends\nhere\rand there",
    "a\x00b\u2028c\ud800d",
)


def exact() -> list[PaneView]:
    """Texts that an edit must keep to the character."""
    return [review(n, row(n, "Keep this?", text)) for n, text in enumerate(EXACT, 1)] + plain()


HIDDEN = (
    "bidi \u202aa\u202bb\u202cc\u202dd\u202ee\u2066f\u2067g\u2068h\u2069i\u200ej\u200fk\u061cl",
    "zero \u200ba\u200cb\u200dc\u2060d\ufeffe\u180ef\u00adg",
    "space \u00a0a\u1680b\u2000c\u2003d\u2007e\u2009f\u202fg\u205fh\u3000i\u2028j\u2029k",
    "control \x00a\x07b\x08c\x0bd\x0ce\x1bf\x7fg\x85h\x9fi\rj",
    "tags \U000e0001\U000e0068\U000e0069\U000e007f vs a\ufe00b\ufe0fc\U000e0100d",
    "half \ud83d and \udc00 end",
    "fillers \u115fa\u1160b\u3164c\uffa0d\u2800e\u034ff\ufffcg",
)


def hidden() -> list[PaneView]:
    """Every kind of character that does not show."""
    return [review(n, row(n, "Seen?", text)) for n, text in enumerate(HIDDEN, 1)]


ARABIC = "\u0645\u0631\u062d\u0628\u0627 world! \u0627\u0644\u0643\u0648\u062f:\n\n```python\nx = 1  # \u062a\u0639\u0644\u064a\u0642\n}\n```\n\nEnglish line."
HEBREW = "\u05e9\u05dc\u05d5\u05dd (abc) 123"


def rtl() -> list[PaneView]:
    return [review(1, row(1, HEBREW, ARABIC)), *plain()]


LONG = "".join(f"Sentence {n} of a long text that goes on. " for n in range(1, 1250))


def long() -> list[PaneView]:
    """An answer of 50 kB, and one that is cut on the screen."""
    return [review(1, row(1, "Long?", LONG)), review(2, row(2, "Longer?", LONG * 3)), *plain()]


def hostile() -> list[PaneView]:
    return [
        dataclasses.replace(
            review(n, row(n, "", "", **hostile_rows.hostile_row(text, n))),
            title=text[:60],
            why=text[:500],
            progress=text[:100],
            last=Last(text=text[:100], chips=(Chip(text=text[:50], detail=text[:80]),)),
            notice=Notice(text=text[:200], fix=text[:200]),
        )
        for n, text in enumerate(hostile_rows.PAYLOADS, 1)
    ]


SETS = {
    "exact": exact,
    "hidden": hidden,
    "rtl": rtl,
    "long": long,
    "hostile": hostile,
    "plain": plain,
    "rich": rich,
    "group": lambda: [group(3), group(2), group(9), *plain()],
    "pair": lambda: [pair(1, swapped=True), pair(2), pair(3), pair(4), pair(5), *plain()],
    "adjudicate": lambda: [adjudicate(1), adjudicate(2), adjudicate(3), *plain()],
}


def present(views: Sequence[PaneView], at: int, state: Any) -> PaneView:
    """The view at a place in the set, with what the session knows."""
    told = {key: state.get(key) for key in ("answered", "notice", "last") if state.get(key) is not None}
    if at >= len(views):
        return PaneView(allowed=("undo",), **told)
    view = views[at]
    told["progress"] = view.progress or f"run {state.get('runs')}"
    flags = state.get("flagged", {})
    rows = tuple(dataclasses.replace(one, flagged=flags.get(one.row_id, False)) for one in view.rows)
    return dataclasses.replace(view, rows=rows, **told)
