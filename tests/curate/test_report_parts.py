"""The report's parts against tables worked by hand and slow versions."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuneset.curate.ledger import Ledger
from tuneset.curate.report.diff import changes, only_in
from tuneset.curate.report.escape import cut, is_hidden, share, shorten, shown
from tuneset.curate.report.figures import languages_section
from tuneset.curate.report.samples import MAX_REASONS, OTHER, draw_quarantine, draw_verdicts
from tuneset.curate.report.shares import Languages
from tuneset.curate.report.sizes import histograms, message_sizes
from tuneset.schemas.arrow import MESSAGES


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        ("\u200b", '<span class="hidden" title="ZERO WIDTH SPACE">U+200B</span>'),
        ("\u200b\u200b\u200b", '<span class="hidden" title="ZERO WIDTH SPACE">U+200B ×3</span>'),
        ("\r", '<span class="hidden" title="control character">U+000D</span>'),
        ("\u3164", '<span class="hidden" title="HANGUL FILLER">U+3164</span>'),
        ("é 漢 ß é", "é 漢 ß é"),
    ],
)
def test_shown(text: str, html: str) -> None:
    assert shown(text) == html


@given(st.text())
def test_shown_leaves_no_markup_and_nothing_hidden(text: str) -> None:
    html = shown(text)
    assert not any(is_hidden(c) for c in html)
    rest = html
    for mark in ('<span class="hidden" title="', '">U+', "</span>"):
        rest = rest.replace(mark, "")
    assert not set("<>\"'") & set(rest)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 10, "0 %"),
        (0, 0, "0 %"),
        (1, 8, "12.5 %"),
        (1, 5000, "< 0.1 %"),
        (99_999, 100_000, "99.9 %"),
        (7, 7, "100.0 %"),
    ],
)
def test_share(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


def test_shorten_and_cut() -> None:
    assert shorten("a  b\nc", 10) == "a b c"
    assert shorten("abcdef ghi", 7) == "abcdef …"
    assert cut("<" * 5, 5) == "&lt;" * 5
    assert cut("x" * 1205, 5) == 'xxxxx<span class="more"> … 1,200 more characters</span>'


def test_changes_by_hand() -> None:
    assert changes("call 555 now", "call <TEL> now") == "call <del>555</del><ins>&lt;TEL&gt;</ins> now"
    assert changes("same", "same") == "same"
    assert changes("", "new") == "<ins>new</ins>"
    assert changes("old", "") == "<del>old</del>"
    assert only_in("a b c", "a x c") == "a <mark>b</mark> c"


def test_message_sizes_by_hand() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "on", "arguments": "{}"}}
    rows = [
        [{"role": "user", "content": "abc"}, {"role": "assistant", "content": "de"}],
        [{"role": "user", "content": "abcd"}],
        [],
        [{"role": "user", "content": "é"}, {"role": "assistant", "content": None, "tool_calls": [call]}],
    ]
    prompt, response, turns = message_sizes(pa.array(rows, MESSAGES))
    assert (prompt.tolist(), response.tolist(), turns.tolist()) == ([3, 4, 0, 1], [2, 0, 0, 4], [2, 1, 0, 2])
    sliced = message_sizes(pa.array(rows, MESSAGES).slice(1))
    assert [a.tolist() for a in sliced] == [[4, 0, 1], [0, 0, 4], [1, 0, 2]]


def test_histograms_by_hand(tmp_path: Path, workspaces: ModuleType) -> None:
    w = workspaces
    rows = [w.row(n, w.turns("x" * size, "y" * 4)) for n, size in ((1, 1), (2, 3), (3, 8), (4, 9))]
    ids = [r["row_id"] for r in rows]
    verdicts = [w.verdict(i, "pii", "edit" if i == ids[3] else "keep", reason="cut") for i in ids]
    verdicts[0] |= {"action": "drop"}
    edits = [{"row_id": ids[3], "step": "pii", "messages": w.turns("x" * 2, "y" * 4)}]
    prompt, response, turns = histograms(Ledger.open(w.build(tmp_path / "out", rows, verdicts, edits=edits)))
    assert prompt.labels == ["1", "2–3", "4–7", "8–15"]
    assert (prompt.before, prompt.after) == ([1, 1, 0, 2], [0, 2, 0, 1])
    assert (prompt.median_before, prompt.median_after) == (5.5, 3.0)
    assert (response.labels, response.before, response.after) == (["4–7"], [4], [3])
    assert (turns.labels, turns.before, turns.after) == (["2"], [4], [3])


def test_verdicts_are_drawn_by_hash(tmp_path: Path, workspaces: ModuleType) -> None:
    w = workspaces
    rows = [w.row(n, w.turns("q", "a")) for n in range(1, 41)]
    verdicts = [w.verdict(r["row_id"], "defects", "drop", reason="refusal") for r in rows]
    out = w.build(tmp_path / "out", rows, verdicts)

    def key(row_id: str) -> bytes:
        return hashlib.blake2b(f"13:{row_id}".encode(), digest_size=8).digest()

    drawn = draw_verdicts(out / "verdicts.parquet", 13)
    expected = sorted((r["row_id"] for r in rows), key=key)[:3]
    assert [v["row_id"] for v in drawn["defects", "drop", "refusal"]] == expected


def test_quarantine_counts_and_limits(tmp_path: Path) -> None:
    path = tmp_path / "quarantine.jsonl"
    entry = {"file": "f", "line": None, "text": "t" * 9000}
    reasons = ["not JSON"] * 5 + [f"odd {i}" for i in range(MAX_REASONS + 50)]
    lines = [json.dumps({**entry, "row": i, "reason": r}) + "\n" for i, r in enumerate(reasons, 1)]
    path.write_text("".join(lines), encoding="utf-8")
    found = draw_quarantine(path, 13)
    assert sum(found.counts.values()) == len(reasons)
    assert found.counts["not JSON"] == 5
    assert found.counts[OTHER] == 51
    assert [len(found.examples[r]) for r in ("not JSON", OTHER)] == [3, 3]
    assert len(found.examples["not JSON"][0]["text"]) < 9000


def test_sizes_do_not_overflow() -> None:
    sizes = message_sizes(pa.array([[{"role": "user", "content": "x" * 70_000}]] * 3, MESSAGES))
    assert sizes[0].dtype == np.int64
    assert sizes[0].tolist() == [70_000] * 3


def test_rarer_languages_stand_apart() -> None:
    kept = {f"l{i:02}": 100 - i for i in range(20)}
    cells = {(name, "train"): n for name, n in kept.items()}
    html = languages_section(Languages(kept, kept, ["train"], cells))
    assert "<summary>8 more</summary>" in html
    assert html.count(">l11<") == 1
    assert html.index("<b>all</b>") < html.index(">l12<")
